import { expect, test } from 'vitest'
import type { Backup } from '../../../../src/domain/backups/backup.ts'
import { keepWords, toDrop } from '../../../../src/domain/backups/keep.ts'
import { userId } from '../../../../src/domain/people/user-id.ts'

const dayMs = 86_400_000
const newest = Date.parse('2026-11-26T03:00:00Z')

const backup = (daysAgo: number, changes: Partial<Backup> = {}): Backup => ({
  id: `${daysAgo} days ago`,
  at: newest - daysAgo * dayMs,
  isWhole: true,
  snapshots: [],
  ...changes,
})

const dropped = (backups: readonly Backup[], words: string) =>
  toDrop(backups, keepWords.parse(words)).map(({ id }) => id)

test('the words for how long backups are kept are read, and others are refused', () => {
  expect(keepWords.parse('7 daily, 4 weekly,12  monthly')).toEqual({ daily: 7, weekly: 4, monthly: 12 })
  expect(keepWords.parse('3 last')).toEqual({ last: 3 })
  for (const words of ['', 'daily', '0 daily', '7 dayly', '7 daily, 3 daily', '-1 daily', '7 daily 4 weekly']) {
    expect(keepWords.safeParse(words).success, words).toBe(false)
  }
})

test('of each day, week and month the newest backup is kept, as many as the words say', () => {
  const year = Array.from({ length: 400 }, (_, day) => backup(day))
  const gone = new Set(dropped(year, '7 daily, 4 weekly, 12 monthly'))
  const kept = year.filter(({ id }) => !gone.has(id)).map(({ at }) => new Date(at).toISOString().slice(0, 10))
  expect(kept).toEqual([
    ...['2026-11-26', '2026-11-25', '2026-11-24', '2026-11-23', '2026-11-22', '2026-11-21', '2026-11-20'],
    ...['2026-11-15', '2026-11-08'],
    ...['2026-10-31', '2026-09-30', '2026-08-31', '2026-07-31', '2026-06-30', '2026-05-31', '2026-04-30'],
    ...['2026-03-31', '2026-02-28', '2026-01-31', '2025-12-31'],
  ])
})

test('a day without a backup does not count, so a lab that was off for a month loses nothing by it', () => {
  expect(dropped([backup(0), backup(40), backup(41), backup(42)], '3 daily')).toEqual(['42 days ago'])
})

test('all backups of two days stay, so that one by hand does not push out that of the night', () => {
  expect(dropped([backup(0), backup(0.1), backup(1.9), backup(2.1), backup(3)], '1 daily')).toEqual([
    '2.1 days ago',
    '3 days ago',
  ])
})

test('a backup that was cut short goes once there is a newer whole one, and never pushes out a whole one', () => {
  const half = (daysAgo: number) => backup(daysAgo, { isWhole: false })
  expect(dropped([half(0), backup(5), half(6)], '1 daily')).toEqual(['6 days ago'])
  expect(dropped([half(0), half(9)], '1 daily')).toEqual([])
  expect(dropped([], '1 daily')).toEqual([])
})

// Trouble (files): a person's disk is not mounted while backups are made, until none of them has the person's files
test('the newest whole backup of a folder that cannot be backed up now stays', () => {
  const alice = userId.parse('alice')
  const part = { kind: 'person', userId: alice } as const
  const withAlice = (daysAgo: number, changes: Partial<Backup> = {}) =>
    backup(daysAgo, { snapshots: [{ id: `s${daysAgo}`, backupId: `${daysAgo} days ago`, part, at: 0 }], ...changes })
  const all = [backup(0), backup(5), withAlice(9, { isWhole: false }), withAlice(10), withAlice(11)]
  const droppedNow = (lacking: string[]) => toDrop(all, { daily: 1 }, lacking).map(({ id }) => id)
  expect(droppedNow([])).toEqual(['5 days ago', '9 days ago', '10 days ago', '11 days ago'])
  expect(droppedNow(['users/alice', 'users/bob'])).toEqual(['5 days ago', '9 days ago', '11 days ago'])
})
