import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Conditions, requireConditions } from '../../domain/files/conditions.ts'
import { entityTag } from '../../domain/files/entry.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { isProblem, Problem } from '../../domain/problem.ts'
import { type Octets, octetsOf } from '../../lib/octets.ts'
import type { WriteOptions, WrittenFile } from '../../ports/file-trees.ts'
import { makeDurable } from '../carry-folder.ts'
import { checksum } from '../content.ts'
import { isCode } from '../files.ts'
import { Folder } from '../folder.ts'
import { copyTree } from './copy-tree.ts'
import { entryOf } from './entries.ts'
import { createKeepRoom } from './keep-room.ts'
import { place } from './place.ts'
import { writeBatches } from './write-batches.ts'

/** What new files and folders get: their owner (null: the service's own user), and their modes. */
export type Look = { owner: Owner | null; fileMode: number; folderMode: number }

/**
 * Writes content to a file in the work folder, and makes it durable. @throws Problem checksum-differs; the signal's reason;
 * whatever `onBytes` throws. Then nothing is left.
 */
export async function stageFile(
  work: Folder,
  draft: Octets,
  content: AsyncIterable<Buffer>,
  { sha256, onBytes, signal }: WriteOptions,
): Promise<void> {
  try {
    await using handle = await work.makeFile(draft)
    const hash = sha256 === undefined ? null : createHash('sha256')
    await writeBatches(handle, content, async (bytes, at) => {
      signal.throwIfAborted()
      await onBytes?.(at + bytes.length)
      hash?.update(bytes)
    })
    signal.throwIfAborted()
    if (hash) requireChecksum(hash.digest('hex'), sha256 ?? '')
    await handle.sync()
  } catch (error) {
    await work.remove(draft).catch(() => {})
    throw error
  }
}

function requireChecksum(actual: string, asked: string): void {
  if (actual === asked) return
  throw new Problem('checksum-differs', `The SHA-256 of what arrived is ${actual}, not ${asked}; nothing was changed.`)
}

type Publishing = { work: Folder; draft: Octets; folder: Folder; name: Octets; look: Look }

const overtakenAtMost = 10

/**
 * Brings a finished upload into the work folder, without a copy where it is on the same file system, and makes it durable. A copy
 * leaves `keepFreeBytes` of its disk.
 *
 * @throws Problem checksum-differs, no-room
 */
export async function stageUpload(
  path: string,
  work: Folder,
  draft: Octets,
  { sha256, signal, keepFreeBytes }: Pick<WriteOptions, 'sha256' | 'signal'> & { keepFreeBytes: number },
): Promise<void> {
  await using folder = await Folder.open(dirname(path))
  const name = octetsOf(basename(path))
  await using upload = await folder.file(name)
  if (sha256 !== undefined) {
    const whole = [{ start: 0, end: Number(upload.stats.size) }]
    requireChecksum(await checksum(upload.handle, whole), sha256)
  }
  await upload.handle.sync()
  try {
    await folder.addNameIn(name, work, draft)
  } catch (error) {
    if (!isCode(error, 'EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP')) throw error
    const onWritten = createKeepRoom(work, keepFreeBytes)
    await copyTree(folder, name, work, draft, { owner: null, signal, tell: () => {}, onWritten })
    await makeDurable(work)
  }
}

/** Gives a staged file its name, unless `onWhole` throws. The caller holds the tree's lock. */
export async function publishWhole(
  publishing: Publishing,
  { onWhole, signal, ...conditions }: Conditions & Pick<WriteOptions, 'onWhole' | 'signal'>,
): Promise<WrittenFile> {
  await onWhole?.()
  signal.throwIfAborted()
  return await publish(publishing, conditions)
}

/**
 * Gives a staged file its name. Without a file of that name, this never replaces one that somebody makes at the same instant: it
 * then looks again.
 */
async function publish(publishing: Publishing, options: Conditions, overtaken = 0): Promise<WrittenFile> {
  try {
    return await publishOnce(publishing, options)
  } catch (error) {
    if (!isProblem(error, 'file-exists') || overtaken === overtakenAtMost) throw error
    return await publish(publishing, options, overtaken + 1)
  }
}

async function publishOnce({ work, draft, folder, name, look }: Publishing, options: Conditions): Promise<WrittenFile> {
  const replaced = await folder.look(name)
  const before = replaced && (await entryOf(folder, name, replaced))
  requireConditions(options, before && entityTag(before))
  if (before && before.kind !== 'file') {
    throw new Problem('wrong-kind', `A ${before.kind} has this name: an upload replaces only files.`)
  }
  await dressDraft(work, draft, look, before?.mode ?? look.fileMode)
  if (before) await work.moveTo(draft, folder, name)
  else await place(work, draft, folder, name)
  await folder.handle.sync()
  const stats = await folder.look(name)
  if (!stats) throw new Problem('file-not-found', 'The file was removed in the instant it was there.')
  const addedBytes = takenBytes(stats) - (replaced ? freedBytes(replaced) : 0)
  return { entry: await entryOf(folder, name, stats), isNew: replaced === null, addedBytes }
}

function takenBytes({ blocks }: BigIntStats): number {
  return Number(blocks * 512n)
}

/** The room that the loss of a name frees: none if the file has another name. */
function freedBytes(stats: BigIntStats): number {
  return stats.nlink > 1n ? 0 : takenBytes(stats)
}

async function dressDraft(work: Folder, draft: Octets, { owner }: Look, mode: number): Promise<void> {
  await using file = await work.file(draft)
  if (owner) await file.handle.chown(owner.uid, owner.gid)
  await file.handle.chmod(mode)
}
