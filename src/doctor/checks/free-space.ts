import { type Check, notChecked, ok, problem, warning } from '../../domain/doctor/check.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { Space } from '../../ports/site.ts'
import type { Observations } from '../observations.ts'

const GiB = 2 ** 30
const MiB = 2 ** 20

/** Limits of the free room on each file system of the data root: with less, nothing works any more, or soon will. */
export const limits = {
  problem: { bytes: 200 * MiB, share: 0.01, files: 1000 },
  warning: { bytes: 5 * GiB, share: 0.1 },
  /** A tenth of a huge disk is plenty: if more than this is free, a small share alone is no fault. */
  plentyBytes: 100 * GiB,
} as const

export function checkFreeSpace({ space }: Observations): Check[] {
  if (space.kind === 'unseen') {
    const tell = space.hangs ? problem : notChecked
    return [tell('free-space', `The free space could not be read: ${space.reason}.`)]
  }
  if (space.value.length === 0) return [notChecked('free-space', 'There is no data root.')]
  return space.value.map(checkDisk)
}

function checkDisk(disk: Space): Check {
  const { paths, totalBytes, freeBytes, totalFiles, freeFiles } = disk
  const room = `${amount(freeBytes)} of ${amount(totalBytes)} free`
  const files = totalFiles > 0 ? `, ${percent(freeFiles / totalFiles)} of the files` : ''
  const status = roomStatus(disk)
  const words = { summary: `${room}${files}.`, detail: `On the disk of ${paths.join(', ')}: ${room}${files}.` }
  if (status === 'ok') return ok('free-space', words)
  const tell = status === 'problem' ? problem : warning
  return tell('free-space', {
    ...words,
    remedy:
      'Make room, or enlarge the disk. A full disk makes environments lose what they cannot save. The largest folders:',
    command: `du -xhd2 ${shellQuote(paths[0] ?? '.')} | sort -h | tail`,
  })
}

function roomStatus({ totalBytes, freeBytes, totalFiles, freeFiles }: Space): 'ok' | 'warning' | 'problem' {
  const isSmall = freeBytes < limits.plentyBytes
  const share = totalBytes > 0 ? freeBytes / totalBytes : 1
  const fileShare = totalFiles > 0 ? freeFiles / totalFiles : 1
  const fewFiles = totalFiles > 0 && freeFiles < limits.problem.files
  if (freeBytes < limits.problem.bytes || (isSmall && share < limits.problem.share)) return 'problem'
  if (fewFiles || fileShare < limits.problem.share) return 'problem'
  if (freeBytes < limits.warning.bytes || (isSmall && share < limits.warning.share)) return 'warning'
  return fileShare < limits.warning.share ? 'warning' : 'ok'
}

function amount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0)
  return `${(bytes / 2 ** (10 * power)).toFixed(power > 0 && bytes / 2 ** (10 * power) < 10 ? 1 : 0)} ${units[power]}`
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`
}
