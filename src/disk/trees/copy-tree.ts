import type { BigIntStats } from 'node:fs'
import type { Progress } from '../../domain/jobs/job.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { Problem } from '../../domain/problem.ts'
import { eachOf } from '../../lib/each-of.ts'
import type { Octets } from '../../lib/octets.ts'
import { copyContent } from '../content.ts'
import { dress } from '../copy-entry.ts'
import { dataRanges, isSparse } from '../data-ranges.ts'
import { isCode } from '../files.ts'
import { type Folder, type OpenFile, seconds } from '../folder.ts'
import { requireReadable } from './may-read.ts'

/** A deeper tree is made to do harm: each level holds two folders open. */
const deepest = 400
const atOnce = 4

export type Copying = {
  /** The owner of the copies; `kept`: that of each original; null: the service's own user. */
  owner: Owner | 'kept' | null
  signal: AbortSignal
  /** Called before anything is copied, with the bytes that there are to copy. May throw. */
  onSized?: ((bytes: number) => Promise<void>) | undefined
  /** Called again and again on the way, and waited for. May throw. */
  tell: (progress: Progress) => void | Promise<void>
  /** Called after each piece that takes room. May throw. */
  onWritten?: (bytes: number) => Promise<void>
}

type Run = Copying & { done: Progress; canClone: boolean }

/**
 * Copies an entry with all that is in it. `to` must be a folder that only the service can change. Links stay links, and hard links
 * become files of their own. Pipes, sockets and devices are left out. The caller removes what is there if this fails.
 *
 * @throws Problem wrong-kind if the entry itself is left out, or is too deep; the signal's reason
 */
export async function copyTree(from: Folder, name: Octets, to: Folder, as: Octets, copying: Copying): Promise<void> {
  const total = await sizeOf(from, name, 0, copying.signal)
  await copying.onSized?.(total.bytes)
  const done = { doing: 'copying', doneBytes: 0, doneFiles: 0, totalBytes: total.bytes, totalFiles: total.files }
  if (!(await copyOne(from, name, to, as, { ...copying, done, canClone: true }, 0))) {
    throw new Problem('wrong-kind', 'Only files, folders and links can be copied.')
  }
}

async function copyOne(from: Folder, name: Octets, to: Folder, as: Octets, run: Run, depth: number): Promise<boolean> {
  run.signal.throwIfAborted()
  const stats = await from.look(name)
  if (!stats) return false
  if (stats.isDirectory()) await copyFolder(from, name, to, as, { run, stats, depth })
  else if (stats.isFile()) await copyFile(from, name, to, as, run)
  else if (stats.isSymbolicLink()) await copyLink(from, name, to, as, { run, stats })
  else return false
  run.done.doneFiles += 1
  await run.tell({ ...run.done })
  return true
}

async function copyFolder(
  from: Folder,
  name: Octets,
  to: Folder,
  as: Octets,
  { run, stats, depth }: { run: Run; stats: BigIntStats; depth: number },
): Promise<void> {
  if (depth >= deepest) throw tooDeep()
  await using source = await from.folder(name)
  if (run.owner !== 'kept') requireReadable(stats, run.owner, 'enter')
  await using made = await to.makeFolder(as)
  await eachBelow(source, async (each) => {
    await copyOne(source, each, made, each, run, depth + 1).catch(unlessGone)
  })
  await dressCopy(made.handle, stats, run, 0o700n)
}

async function copyFile(from: Folder, name: Octets, to: Folder, as: Octets, run: Run): Promise<void> {
  await using original = await from.file(name)
  if (run.owner !== 'kept') requireReadable(original.stats, run.owner)
  if (!(await clone(original, to, as, run))) await copyBytes(original, to, as, run)
  await using copy = await to.file(as)
  await dressCopy(copy.handle, original.stats, run, 0o600n)
}

/**
 * Shares the blocks where the file system can. Never lets the kernel copy them otherwise: nobody can break that off, and the owner of
 * a small file may have made a huge one of it by then.
 */
async function clone(original: OpenFile, to: Folder, as: Octets, run: Run): Promise<boolean> {
  if (!run.canClone) return false
  try {
    await to.cloneFile(original.handle, as)
    run.done.doneBytes += dataBytes(original.stats)
    return true
  } catch (error) {
    if (!isCode(error, 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY')) throw error
    run.canClone = false
    return false
  }
}

async function copyBytes(original: OpenFile, to: Folder, as: Octets, run: Run): Promise<void> {
  const sparse = isSparse(original.stats)
  await using copy = await to.makeFile(as)
  await run.onWritten?.(0)
  if (sparse) await copy.truncate(Number(original.stats.size))
  const onBytes = async (bytes: number) => {
    run.signal.throwIfAborted()
    run.done.doneBytes += bytes
    await run.tell({ ...run.done })
    await run.onWritten?.(bytes)
  }
  for await (const ranges of dataRanges(original)) {
    await copyContent(original.handle, copy, { ranges, sparse }, onBytes)
  }
}

async function copyLink(
  from: Folder,
  name: Octets,
  to: Folder,
  as: Octets,
  { run, stats }: { run: Run; stats: BigIntStats },
): Promise<void> {
  const target = await from.linkTarget(name)
  await to.makeLink(as, target)
  run.done.doneBytes += target.length
  const kept = { uid: Number(stats.uid), gid: Number(stats.gid) }
  await to.giveLink(as, run.owner === 'kept' ? kept : run.owner, stats)
}

/** Gives a copy its owner, mode and times. A person must be able to use their copy: its owner gets `rights` at least. */
async function dressCopy(
  copy: Folder['handle'],
  stats: BigIntStats,
  { owner }: Pick<Run, 'owner'>,
  rights: bigint,
): Promise<void> {
  if (owner === 'kept') return await dress(copy, stats, true)
  if (owner) await copy.chown(owner.uid, owner.gid)
  await copy.chmod(Number((stats.mode & 0o777n) | rights))
  await copy.utimes(seconds(stats.atimeNs), seconds(stats.mtimeNs))
}

/** The files and bytes below an entry, to tell how far a copy is. Others may change them meanwhile. */
async function sizeOf(
  from: Folder,
  name: Octets,
  depth: number,
  signal: AbortSignal,
): Promise<{ bytes: number; files: number }> {
  signal.throwIfAborted()
  const stats = await from.look(name)
  if (!stats) return { bytes: 0, files: 0 }
  if (!stats.isDirectory()) return { bytes: dataBytes(stats), files: 1 }
  if (depth >= deepest) throw tooDeep()
  const sum = { bytes: 0, files: 1 }
  await using folder = await from.folder(name)
  await eachBelow(folder, async (each) => {
    const below = await sizeOf(folder, each, depth + 1, signal)
    sum.bytes += below.bytes
    sum.files += below.files
  })
  return sum
}

/** Files a few at a time, then folders one after the other: otherwise all folders of a wide tree would be open at once. */
async function eachBelow(folder: Folder, work: (name: Octets) => Promise<void>): Promise<void> {
  const folders: Octets[] = []
  await eachOf(await folder.names(), atOnce, async (name) => {
    const stats = await folder.look(name)
    if (stats?.isDirectory()) folders.push(name)
    else if (stats) await work(name)
  })
  for (const name of folders) await work(name)
}

/** The bytes that a copy reads: of a sparse file, the parts that hold data; of a link, where it leads. */
function dataBytes(stats: BigIntStats): number {
  const size = Number(stats.size)
  if (stats.isSymbolicLink()) return size
  return stats.isFile() ? Math.min(size, Number(stats.blocks) * 512) : 0
}

function unlessGone(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error
}

function tooDeep(): Problem {
  return new Problem('wrong-kind', `The folders are more than ${deepest} deep.`)
}
