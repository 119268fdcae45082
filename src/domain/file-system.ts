/**
 * How SQLite makes a change atomic: a write-ahead log with an index in shared memory, or a journal beside the database.
 */
export type Journal = 'WAL' | 'DELETE'

/**
 * Local file systems that can hold a write-ahead log, by their numbers in statfs(2). They write a file's blocks in
 * place.
 *
 * - SQLite shares the log's index through a memory-mapped file. That does not work over a network or through FUSE
 *   (sqlite.org/wal.html).
 * - Btrfs gives a mapped page a new block at each write. If the quota or the disk is full, the kernel kills the
 *   service.
 */
const takeLog: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
])

/** The journal for a database on the file system with this statfs number. Pure. */
export function journalOn(fileSystem: number): Journal {
  return takeLog.has(fileSystem >>> 0) ? 'WAL' : 'DELETE'
}
