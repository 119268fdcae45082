/**
 * Whether the names in a folder, once read, may be used again. Pure.
 *
 * A change to the names sets the folder's ctime to the time of day, and nobody can set a ctime to another time. Two changes within one
 * step of the clock leave the same ctime, so names that were read between them would look up to date. Therefore the last change has to
 * be clearly older than the reading, as git has it for its index (Documentation/technical/racy-git).
 */

/** One moment by the time of day, which may be set, and by a clock that runs evenly. */
export type Moment = { nowMs: number; steadyMs: number }

/** Which folder it is, how much room its names take on the disk, and when it changed. An inode that was freed and given to a new folder has a later ctime. */
export type FolderStamp = { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint }

/** The step of the clock is 10 ms at most; ext4 with inodes of 128 bytes counts whole seconds. */
const clearlyMs = 2_000

/**
 * Whether names may be kept that were read between two looks at the folder. `began`: no later than the first look. The mtime may lie
 * in the future, as a person may set it: the ctime alone tells the age.
 */
export function mayKeepNames(began: Moment, before: FolderStamp, after: FolderStamp): boolean {
  return isSameStamp(before, after) && Number(before.ctimeNs) / 1e6 <= began.nowMs - clearlyMs
}

/**
 * Whether kept names still are those of the folder. If the time of day was set back since they were read, a later change may have
 * got the same ctime by chance.
 */
export function areStillTheNames(
  kept: { began: Moment; stamp: FolderStamp },
  seen: { at: Moment; stamp: FolderStamp },
): boolean {
  const byTimeOfDay = seen.at.nowMs - kept.began.nowMs
  const evenly = seen.at.steadyMs - kept.began.steadyMs
  return isSameStamp(kept.stamp, seen.stamp) && byTimeOfDay > evenly - clearlyMs
}

function isSameStamp(one: FolderStamp, other: FolderStamp): boolean {
  return (
    one.dev === other.dev && one.ino === other.ino && one.mtimeNs === other.mtimeNs && one.ctimeNs === other.ctimeNs
  )
}
