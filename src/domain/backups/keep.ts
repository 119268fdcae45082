/** How long backups are kept: the rule in words, and what it drops. Pure. */
import { z } from 'zod'
import { type Backup, folderOf } from './backup.ts'

const units = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const
type Unit = (typeof units)[number]

/** For each unit, of how many of its spans the newest backup is kept. */
export type Keep = Partial<Record<Unit, number>>

const advice = `write numbers with ${units.join(', ')}, such as 7 daily, 4 weekly, 12 monthly`

/** Words such as `7 daily, 4 weekly, 12 monthly`. */
export const keepWords = z.string().transform((text, context): Keep => {
  const keep: Keep = {}
  for (const part of text.split(',')) {
    const [, count, unit] = /^\s*(\d{1,4})\s+(\w+)\s*$/.exec(part) ?? []
    if (!isUnit(unit) || Number(count) < 1 || keep[unit] !== undefined) {
      context.addIssue({ code: 'custom', message: advice })
      return z.NEVER
    }
    keep[unit] = Number(count)
  }
  return keep
})

const dayMs = 86_400_000
const alwaysKeptMs = 2 * dayMs

function isUnit(text: string | undefined): text is Unit {
  return units.some((unit) => unit === text)
}

/**
 * The backups that go, given all of them in any order. The newest whole one always stays, and those of the two days before it: a
 * backup by hand must not push out that of the night. Backups in parts that are newer stay too: one of them may be under way. Older
 * ones in parts go: they were cut short. `lacking`: the folders that could not be backed up now. Of each, the newest whole backup that
 * has it stays.
 */
export function toDrop(backups: readonly Backup[], keep: Keep, lacking: readonly string[] = []): Backup[] {
  const newestFirst = backups.toSorted((one, other) => other.at - one.at)
  const whole = newestFirst.filter(({ isWhole }) => isWhole)
  const newest = whole[0]
  if (!newest) return []
  const recent = whole.filter(({ at }) => newest.at - at < alwaysKeptMs)
  const kept = new Set([
    ...recent,
    ...units.flatMap((unit) => newestOfEach(whole, unit, keep[unit] ?? 0)),
    ...lacking.map((folder) => whole.find((backup) => hasFolder(backup, folder))),
  ])
  return newestFirst.filter((backup) => !kept.has(backup) && (backup.isWhole || backup.at < newest.at))
}

export function hasFolder({ snapshots }: Backup, folder: string): boolean {
  return snapshots.some(({ part }) => folderOf(part) === folder)
}

function newestOfEach(newestFirst: readonly Backup[], unit: Unit, count: number): Backup[] {
  if (unit === 'last') return newestFirst.slice(0, count)
  const spans = Map.groupBy(newestFirst, ({ at }) => spanOf(at, unit))
  return Array.from(spans.values())
    .slice(0, count)
    .flatMap(([newest]) => newest ?? [])
}

/** The hour, day, week, month or year of a moment, in UTC. Weeks begin on Monday. */
function spanOf(at: number, unit: Exclude<Unit, 'last'>): string {
  const text = new Date(at).toISOString()
  switch (unit) {
    case 'hourly':
      return text.slice(0, 13)
    case 'daily':
      return text.slice(0, 10)
    case 'weekly':
      return String(Math.floor((at / dayMs + 3) / 7)) // 1970-01-01 was a Thursday
    case 'monthly':
      return text.slice(0, 7)
    case 'yearly':
      return text.slice(0, 4)
  }
}
