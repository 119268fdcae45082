import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type Item, temporaryName } from '../domain/migration/migration.ts'
import type { Octets } from '../lib/octets.ts'
import { randomOctets } from '../lib/random.ts'
import { checksum, copyContent } from './content.ts'
import { dataRanges, isSparse } from './data-ranges.ts'
import { type Folder, seconds } from './folder.ts'

/** A complete copy under a temporary name. */
export type Draft = { item: Item; name: Octets }

export type CopyOptions = {
  /** Whether copies get the owner of the original: only root may give files away. */
  keepOwners: boolean
  /** Whether each file is made durable by itself; if not, the caller makes a whole group durable at once. */
  syncEach: boolean
  onBytes: (bytes: number) => void
}

// A bigger file is always made durable by itself, rather than together with everything that waits to be written.
const bigBytes = 64 * 2 ** 20

/**
 * Copies a file or a link to a temporary name. A file's content is read back and compared by its checksum. If the file
 * changes meanwhile, it is copied once more.
 *
 * @throws Error if it changes again, or reads back differently; then no copy is left
 */
export async function copyEntry(from: Folder, to: Folder, item: Item, options: CopyOptions): Promise<Draft> {
  const name = temporaryName(randomOctets(8))
  try {
    if (item.kind === 'link') await copyLink(from, to, item.name, name, options)
    else if (!(await copyFile(from, to, item.name, name, options))) {
      await to.remove(name)
      if (!(await copyFile(from, to, item.name, name, options))) throw new Error('it changes while it is copied')
    }
    return { item, name }
  } catch (error) {
    await to.remove(name).catch(() => {})
    throw error
  }
}

async function copyLink(from: Folder, to: Folder, name: Octets, draft: Octets, options: CopyOptions): Promise<void> {
  const stats = await from.look(name)
  if (!stats?.isSymbolicLink()) throw new Error('it is no link any more')
  await to.makeLink(draft, await from.linkTarget(name))
  await to.giveLink(draft, options.keepOwners ? ownerOf(stats) : null, stats)
}

/** Gives false if the file changed meanwhile. */
async function copyFile(
  from: Folder,
  to: Folder,
  name: Octets,
  draft: Octets,
  { keepOwners, syncEach, onBytes }: CopyOptions,
): Promise<boolean> {
  await using original = await from.file(name)
  const { stats: before } = original
  const sizeBytes = Number(before.size)
  const sparse = isSparse(before)
  await using copy = await to.makeFile(draft)
  if (sparse) await copy.truncate(sizeBytes)
  for await (const ranges of dataRanges(original)) {
    const read = await copyContent(original.handle, copy, { ranges, sparse }, onBytes)
    const after = await original.handle.stat({ bigint: true })
    if (before.size !== after.size || before.mtimeNs !== after.mtimeNs || before.ctimeNs !== after.ctimeNs) return false
    // The parts between the ranges were never written, and read as zeros.
    if ((await checksum(copy, ranges)) !== read) throw new Error('what was written reads back differently')
  }
  await dress(copy, before, keepOwners)
  if (syncEach || sizeBytes > bigBytes) await copy.sync()
  return true
}

/** Gives a copy the owner, mode and times of the original. The owner comes first: a new owner clears bits of the mode. */
export async function dress(copy: FileHandle, stats: BigIntStats, keepOwners: boolean): Promise<void> {
  const { uid, gid } = ownerOf(stats)
  if (keepOwners) await copy.chown(uid, gid)
  await copy.chmod(Number(stats.mode & 0o7777n))
  await copy.utimes(seconds(stats.atimeNs), seconds(stats.mtimeNs))
}

function ownerOf({ uid, gid }: BigIntStats): { uid: number; gid: number } {
  return { uid: Number(uid), gid: Number(gid) }
}
