/** The numbers of file systems in statfs(2). */
export const fileSystemNumber = {
  ext: 0xef53, // ext2, ext3, ext4
  xfs: 0x58465342,
  f2fs: 0xf2f52010,
  zfs: 0x2fc12fc1,
  btrfs: 0x9123683e,
  tmpfs: 0x01021994,
  overlayfs: 0x794c7630,
} as const

const { ext, xfs, f2fs, zfs, btrfs, tmpfs, overlayfs } = fileSystemNumber

/**
 * How SQLite makes a change atomic: a write-ahead log with an index in shared memory, or a journal beside the database.
 */
export type Journal = 'WAL' | 'DELETE'

/**
 * Local file systems that can hold a write-ahead log. They write a file's blocks in place.
 *
 * - SQLite shares the log's index through a memory-mapped file. That does not work over a network or through FUSE
 *   (sqlite.org/wal.html).
 * - Btrfs gives a mapped page a new block at each write. If the quota or the disk is full, the kernel kills the
 *   service.
 */
const takeLog: ReadonlySet<number> = new Set([ext, xfs, f2fs, zfs, tmpfs, overlayfs])

/**
 * File systems that were seen to set a folder's ctime, by this machine's clock, at each change to the names in it. Over a network
 * the server's clock counts, and what a kernel knows of the ctime may be old; a program behind FUSE may do as it likes.
 */
const setTimes: ReadonlySet<number> = new Set([ext, xfs, btrfs, tmpfs])

/** The journal for a database on the file system with this statfs number. Pure. */
export function journalOn(fileSystem: number): Journal {
  return takeLog.has(fileSystem >>> 0) ? 'WAL' : 'DELETE'
}

/** Whether a folder's ctime on the file system with this statfs number tells every change to the names in it. Pure. */
export function setsTimesHere(fileSystem: number): boolean {
  return setTimes.has(fileSystem >>> 0)
}
