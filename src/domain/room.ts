/** The room that a file system has left. Pure. */

/** The counts of files are 0 if the file system has no limit of them. */
export type Room = { totalBytes: number; freeBytes: number; totalFiles: number; freeFiles: number }

const GiB = 2 ** 30
const MiB = 2 ** 20

/** With less free room than `problem` nothing works any more, or soon will; with less than `warning` somebody should look. */
export const roomLimits = {
  problem: { bytes: 200 * MiB, share: 0.01, files: 1000 },
  warning: { bytes: 5 * GiB, share: 0.1 },
  /** A tenth of a huge disk is plenty: if more than this is free, a small share alone is no fault. */
  plentyBytes: 100 * GiB,
} as const

export function roomStatus({ totalBytes, freeBytes, totalFiles, freeFiles }: Room): 'ok' | 'warning' | 'problem' {
  const { problem, warning, plentyBytes } = roomLimits
  const isSmall = freeBytes < plentyBytes
  const share = totalBytes > 0 ? freeBytes / totalBytes : 1
  const fileShare = totalFiles > 0 ? freeFiles / totalFiles : 1
  const fewFiles = totalFiles > 0 && freeFiles < problem.files
  if (freeBytes < problem.bytes || (isSmall && share < problem.share)) return 'problem'
  if (fewFiles || fileShare < problem.share) return 'problem'
  if (freeBytes < warning.bytes || (isSmall && share < warning.share)) return 'warning'
  return fileShare < warning.share ? 'warning' : 'ok'
}

/** Whether little is left, also for the size of the disk: a small disk may be nearly empty. */
export function isNearlyFull(room: Room): boolean {
  const { totalBytes, freeBytes, totalFiles, freeFiles } = room
  const isMostlyTaken = freeBytes < totalBytes / 10 || freeFiles < totalFiles / 10
  return isMostlyTaken && roomStatus(room) === 'problem'
}

/** What a file system has none of any more; null if it takes more. */
export function missingIn({ freeBytes, totalFiles, freeFiles }: Room): 'room' | 'inodes' | null {
  if (freeBytes === 0) return 'room'
  return totalFiles > 0 && freeFiles === 0 ? 'inodes' : null
}

/** For example "12 GiB of 250 GiB free, 90 % of the files". */
export function roomWords({ totalBytes, freeBytes, totalFiles, freeFiles }: Room): string {
  const files = totalFiles > 0 ? `, ${Math.floor((freeFiles / totalFiles) * 100)} % of the files` : ''
  return `${amount(freeBytes)} of ${amount(totalBytes)} free${files}`
}

/** For example "12 GiB". */
export function amount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0)
  return `${(bytes / 2 ** (10 * power)).toFixed(power > 0 && bytes / 2 ** (10 * power) < 10 ? 1 : 0)} ${units[power]}`
}
