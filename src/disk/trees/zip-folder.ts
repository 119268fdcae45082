/**
 * The work of the process that makes a zip archive. It is a process of its own because an archive ends with a list of all its entries,
 * and needs a checksum of every byte: neither should be the service's.
 */
import type { BigIntStats } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { zipNames } from '../../domain/files/zip-names.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { isProblem } from '../../domain/problem.ts'
import { bytesOf, type Octets } from '../../lib/octets.ts'
import { isCode } from '../files.ts'
import { Folder, type OpenFile, type Times } from '../folder.ts'
import { readInput, writeBytes } from '../pipe.ts'
import { mayRead } from './may-read.ts'
import { enter } from './open-tree.ts'
import { createZipWriter, type ZipWriter } from './zip-writer.ts'

/** Comes on the standard input. `names`: the entries of the folder, descriptor 3, that belong into the archive. */
export type ZipOrder = { names: Octets[]; owner: Owner | null }

type Run = { zip: ZipWriter; owner: Owner | null }

/** Each level of folders holds one open. */
const deepest = 400
const longestPathBytes = 0xffff
const pieceBytes = 2 ** 20
const preparedAtOnce = 16
/** The last second that the format has for times. */
const latestSeconds = 2 ** 31 - 1

export async function zipFolder(): Promise<void> {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const { names, owner }: ZipOrder = JSON.parse(readInput())
  const zip = createZipWriter(writeBytes)
  await using folder = await Folder.open('/proc/self/fd/3')
  await addEntries(folder, names, '', 0, { zip, owner })
  zip.end()
}

async function addEntries(
  folder: Folder,
  names: readonly Octets[],
  at: string,
  depth: number,
  run: Run,
): Promise<void> {
  if (depth > deepest) throw new Error(`the folders are more than ${deepest} deep`)
  const named = [...zipNames(names)]
  for (let first = 0; first < named.length; first += preparedAtOnce) {
    const some = named.slice(first, first + preparedAtOnce)
    const ready = some.map(([name, text]) => prepare(folder, name, at + text, depth, run).catch(nullIfLeftOut))
    for (const add of await Promise.all(ready)) await add?.().catch(nullIfLeftOut)
  }
}

/** Reads a small file, so that several are read at a time. Gives what adds the entry to the archive; null if it is left out. */
async function prepare(
  folder: Folder,
  name: Octets,
  path: string,
  depth: number,
  run: Run,
): Promise<(() => Promise<void>) | null> {
  if (Buffer.byteLength(path) >= longestPathBytes) throw new Error('a path is too long for a zip archive')
  const stats = await folder.look(name)
  if (stats?.isDirectory()) return () => addFolder(folder, name, { path, stats, depth, run })
  if (stats?.isSymbolicLink()) {
    const target = bytesOf(await folder.linkTarget(name))
    return async () => run.zip.add({ path, ...looksOf(stats) }, target)
  }
  if (!stats?.isFile()) return null // pipes, sockets and devices have no place in a zip archive
  if (stats.size > pieceBytes) return () => addLargeFile(folder, name, path, run)
  await using file = await folder.file(name)
  if (!mayRead(file.stats, run.owner)) return null
  const content = Buffer.concat(await Array.fromAsync(piecesOf(file, Math.min(Number(file.stats.size), pieceBytes))))
  return async () => run.zip.add({ path, ...looksOf(file.stats) }, content)
}

async function addFolder(
  above: Folder,
  name: Octets,
  { path, stats, depth, run }: { path: string; stats: BigIntStats; depth: number; run: Run },
): Promise<void> {
  await using folder = await enter(above, name, run.owner)
  if (!mayRead(await folder.handle.stat({ bigint: true }), run.owner)) return
  run.zip.add({ path: `${path}/`, ...looksOf(stats) }, Buffer.alloc(0))
  await addEntries(folder, await folder.names(), `${path}/`, depth + 1, run)
}

async function addLargeFile(folder: Folder, name: Octets, path: string, { zip, owner }: Run): Promise<void> {
  await using file = await folder.file(name)
  if (!mayRead(file.stats, owner)) return
  const sizeBytes = Number(file.stats.size)
  await zip.addPieces({ path, ...looksOf(file.stats) }, piecesOf(file, sizeBytes), sizeBytes)
}

/** As many bytes as the file had when it was opened, or fewer if it has become shorter. */
async function* piecesOf({ handle }: OpenFile, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < sizeBytes; ) {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function looksOf({ mode, mtimeNs }: { mode: bigint } & Pick<Times, 'mtimeNs'>): { mode: number; mtime: number } {
  const seconds = Number(mtimeNs / 1_000_000_000n)
  return { mode: Number(mode), mtime: Math.max(-latestSeconds, Math.min(seconds, latestSeconds)) }
}

/** An entry that its owner has moved or swapped since the look, or that notebooks may not read. */
function nullIfLeftOut(error: unknown): null {
  if (isCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL', 'ENXIO', 'ENOFILE', 'EACCES', 'EPERM')) return null
  if (isProblem(error, 'folder-unusable')) return null
  throw error
}
