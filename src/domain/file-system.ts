/** How SQLite makes a change whole: a log that it shares in memory, or a journal beside the database. */
export type Journal = 'WAL' | 'DELETE'

/**
 * Local file systems that write a file's blocks in place, by their numbers in statfs(2). Only these take a log.
 *
 * - A log's index is memory that is shared through a mapped file, which does not work over a network or through FUSE
 *   (sqlite.org/wal.html).
 * - Btrfs gives a mapped page a new block at each write: with the quota or the disk used up, the kernel kills the service.
 */
const takeLog: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
])

/** The journal for a database on a file system with that number. Pure. */
export function journalOn(fileSystem: number): Journal {
  return takeLog.has(fileSystem >>> 0) ? 'WAL' : 'DELETE'
}
