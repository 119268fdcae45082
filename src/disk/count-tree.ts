import { type Dirent, lstatSync, opendirSync, type Stats } from 'node:fs'
import { workFolder } from '../domain/files/file-path.ts'
import { type Count, nothing, sum } from '../domain/usage/count.ts'
import type { Octets } from '../lib/octets.ts'
import type { FolderIndex, KnownFolder, WatchedFile } from '../ports/folder-index.ts'
import { Descent, MovedAway, pathOf } from './descent.ts'
import { isDraft } from './trees/draft-name.ts'

/** Some file systems write times in steps of a second: a change in the step of the reading would leave no trace. */
const unsettledMs = 2_000
/** A file that changed lately may go on growing. */
const recentMs = 7 * 24 * 3_600_000
const largeBytes = 64 * 2 ** 20
/** Every subvolume of Btrfs begins with this inode. */
const firstInode = 256
const watchedAtMost = 1_000
/** A page of folders is held at each level: below that depth, where only hostile trees reach, it is one folder. */
const pagedDepth = 64
const pageSize = 1_000
/** What is deeper is told as not counted: each level is held in memory. A path of 4,096 bytes, as programs use, ends far above. */
const deepest = 10_000
const commitEvery = 5_000
/** Only somebody who moves folders on purpose gets that far. */
const movesBorne = 100

type Counting = {
  index: FolderIndex
  /** Reads the entries of every folder; otherwise only of those that have changed. */
  full: boolean
  now: () => number
  /** Called again and again while the work gets on. */
  onProgress: () => void
  /** Called while the process stands in a folder that is a subvolume of Btrfs within the tree. */
  onSubvolume?: () => void
}

/** A folder that is being counted: its children are taken from the index, page by page. */
type Frame = { folder: KnownFolder; total: Count; page: KnownFolder[]; after: Octets; left: number }

export type Counted = { top: number; count: Count; missed: number }

/**
 * Counts a folder and all that is below it, but for unfinished uploads and copies: they have their room promised. Reads the entries of a
 * folder only if the folder has changed since the index was told of it, and looks at the files that may have grown. Blocks the process,
 * and moves its working directory.
 */
export function countTree(path: Octets, tree: Octets, counting: Counting): Counted {
  const { index, full } = counting
  const run = counting.now()
  const watch = createWatch(index)
  const moves = { left: movesBorne }
  let missed = 0
  let steps = 0

  using descent = new Descent(path)
  const owner = descent.look().uid
  const top = index.top(tree)
  const frames: Frame[] = [enter(top)]
  let counted = nothing
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const child = nextChild(frame)
    if (child) visit(frame, child)
    else leave(frame)
  }
  watch.flush()
  index.trimWatched(top.id, watchedAtMost)
  index.commit()
  return { top: top.id, count: counted, missed }

  function enter(folder: KnownFolder): Frame {
    steps += 1
    if (steps % commitEvery === 0) {
      watch.flush()
      index.commit()
    }
    counting.onProgress()
    const stats = descent.look()
    if (stats.ino === firstInode && descent.isOnAnotherDevice) counting.onSubvolume?.()
    const isKnown = !full && folder.stamp === stampOf(stats)
    const { own, children } = isKnown ? { own: ownNow(folder), children: folder.children } : read(folder, stats)
    return { folder, total: own, page: [], after: '', left: children }
  }

  function nextChild(frame: Frame): KnownFolder | undefined {
    if (frame.page.length === 0 && frame.left > 0) {
      const atMost = frames.length > pagedDepth ? 1 : pageSize
      const page = index.children(frame.folder.id, { after: frame.after, atMost })
      frame.left = page.length < atMost ? 0 : frame.left - page.length
      frame.after = page.at(-1)?.name ?? frame.after
      frame.page = page.reverse()
    }
    return frame.page.pop()
  }

  function visit(frame: Frame, child: KnownFolder): void {
    if (isUnchangedLeaf(child)) {
      frame.total = sum(frame.total, child.total)
      return
    }
    try {
      if (frames.length > deepest) throw new Error('too deep')
      descent.down(child.name)
    } catch {
      miss(frame, child)
      return
    }
    frames.push(enter(child))
  }

  /** Most folders have no folders in them and did not change: one look from outside is enough. */
  function isUnchangedLeaf(child: KnownFolder): boolean {
    if (full || child.stamp === null || child.children > 0 || child.watched > 0) return false
    const stats = lstatSync(pathOf(child.name), { throwIfNoEntry: false })
    return stats !== undefined && stampOf(stats) === child.stamp
  }

  /** The folder is gone, closed to the service, or no folder any more: the next count reads the outer folder again. */
  function miss(frame: Frame, child: KnownFolder): void {
    const stats = lstatSync(pathOf(child.name), { throwIfNoEntry: false })
    index.doubt(frame.folder.id)
    if (!stats?.isDirectory()) return
    missed += 1
    frame.total = sum(frame.total, child.total)
  }

  function leave(frame: Frame): void {
    frames.pop()
    settle(frame)
    const outer = frames.at(-1)
    if (outer) outer.total = sum(outer.total, frame.total)
    else counted = frame.total
    try {
      descent.up()
    } catch (error) {
      if (!(error instanceof MovedAway)) throw error
      abandon()
    }
  }

  function settle({ folder, total }: Frame): void {
    if (!isSame(total, folder.total)) index.setTotal(folder.id, total)
  }

  /** Of the folders that cannot be reached any more, the children that were not counted yet keep their last figures. */
  function abandon(): void {
    moves.left -= 1
    const reached = moves.left > 0 ? descent.depth : -1
    while (frames.length - 1 > reached) {
      const frame = frames.at(-1)
      if (!frame) return
      for (let child = nextChild(frame); child; child = nextChild(frame)) frame.total = sum(frame.total, child.total)
      missed += 1
      index.doubt(frame.folder.id)
      frames.pop()
      settle(frame)
      const outer = frames.at(-1)
      if (outer) outer.total = sum(outer.total, frame.total)
      else counted = frame.total
    }
  }

  /** The folder's own figures with the growth of its watched files. */
  function ownNow(folder: KnownFolder): Count {
    if (folder.watched === 0) return folder.own
    let own = folder.own
    const grown: WatchedFile[] = []
    for (const file of index.watchedIn(folder.id)) {
      const stats = lstatSync(pathOf(file.name), { throwIfNoEntry: false })
      const now = stats ? shareOf(stats) : file
      if (now.bytes === file.bytes && now.sizeBytes === file.sizeBytes) continue
      own = sum(own, { bytes: now.bytes - file.bytes, sizeBytes: now.sizeBytes - file.sizeBytes, files: 0, folders: 0 })
      grown.push({ ...file, ...now })
    }
    if (grown.length > 0) {
      index.watch(grown)
      index.setOwn(folder.id, own)
    }
    return own
  }

  /** A folder that the tree's owner could fill counts, whatever its name. */
  function isWorkFolder({ name }: KnownFolder, { uid }: Stats): boolean {
    return descent.depth === 1 && name === workFolder && uid !== owner
  }

  /** Reads all entries of the folder. Takes the stamp before, so that a change meanwhile is seen by the next count. */
  function read(folder: KnownFolder, stats: Stats): { own: Count; children: number } {
    const now = counting.now()
    let own: Count = { ...nothing, folders: 1, bytes: stats.blocks * 512, sizeBytes: stats.size }
    let children = 0
    if (folder.watched > 0) index.unwatch(folder.id)
    const holdsDrafts = isWorkFolder(folder, stats)
    try {
      for (const { name, isFolder, stats: entry } of entries()) {
        if (holdsDrafts && isDraft(name)) continue
        if (isFolder) {
          children += 1
          index.sawChild(folder.id, name, run)
        } else if (entry) {
          const share = shareOf(entry)
          own.bytes += share.bytes
          own.sizeBytes += share.sizeBytes
          own.files += 1
          if (entry.isFile() && (now - entry.mtimeMs < recentMs || entry.blocks * 512 >= largeBytes)) {
            watch.offer({ folder: folder.id, name, ...share })
          }
        }
        if ((own.files + children) % 1024 === 0) counting.onProgress()
      }
    } catch {
      // The service may not read it, or the disk is broken: the figures of the last reading stand.
      missed += 1
      own = folder.own.files > 0 ? folder.own : own
      index.wasRead(folder.id, { stamp: null, own, children: folder.children })
      return { own, children: folder.children }
    }
    if (folder.children > 0) index.forgetUnseen(folder.id, run)
    const isUnsettled = Math.max(stats.mtimeMs, stats.ctimeMs) > now - unsettledMs
    index.wasRead(folder.id, { stamp: isUnsettled ? null : stampOf(stats), own, children })
    return { own, children }
  }
}

type Entry = { name: Octets; isFolder: boolean; stats: Stats | undefined }

/** The entries of the working directory. */
function* entries(): Iterable<Entry> {
  using folder = opendirSync('.', { encoding: 'latin1', bufferSize: 1024 })
  for (let entry = folder.readSync(); entry; entry = folder.readSync()) yield entryOf(entry)
}

function entryOf(entry: Dirent): Entry {
  const { name } = entry
  if (entry.isDirectory()) return { name, isFolder: true, stats: undefined }
  const stats = lstatSync(pathOf(name), { throwIfNoEntry: false })
  return { name, isFolder: stats?.isDirectory() === true, stats }
}

/** Two names of one file share what it takes. */
function shareOf({ blocks, size, nlink }: Stats): { bytes: number; sizeBytes: number } {
  const names = Math.max(nlink, 1)
  return { bytes: (blocks * 512) / names, sizeBytes: size / names }
}

function stampOf({ dev, ino, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${mtimeMs}:${ctimeMs}`
}

function isSame(one: Count, other: Count): boolean {
  return (
    one.bytes === other.bytes &&
    one.sizeBytes === other.sizeBytes &&
    one.files === other.files &&
    one.folders === other.folders
  )
}

/** Collects the biggest of the files that may grow, without keeping all of them. */
function createWatch(index: FolderIndex): { offer(file: WatchedFile): void; flush(): void } {
  let files: WatchedFile[] = []
  let leastBytes = -1
  const biggest = () => files.sort((one, other) => other.bytes - one.bytes).slice(0, watchedAtMost)
  return {
    offer(file) {
      if (file.bytes <= leastBytes) return
      files.push(file)
      if (files.length < 2 * watchedAtMost) return
      files = biggest()
      leastBytes = files.at(-1)?.bytes ?? -1
    },
    flush() {
      index.watch(biggest())
      files = []
    },
  }
}
