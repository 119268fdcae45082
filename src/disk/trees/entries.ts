import type { BigIntStats } from 'node:fs'
import type { Entry, EntryKind, Sorting } from '../../domain/files/entry.ts'
import { type FilePath, pathText } from '../../domain/files/file-path.ts'
import { countNames, type PackedNames, packNames, unpackNames } from '../../domain/files/packed-names.ts'
import { pageOfNames } from '../../domain/files/page-of-names.ts'
import { Problem } from '../../domain/problem.ts'
import { mapLimited } from '../../lib/map-limited.ts'
import { bytesOf, type Octets, shown } from '../../lib/octets.ts'
import { utf8Of } from '../../lib/printable.ts'
import { isCode } from '../files.ts'
import type { Folder } from '../folder.ts'

const atOnce = 16
// A sort by size looks at every entry of the folder, some 30 µs each.
const sortedAtMost = 10_000
// The last moment that has a date (ECMA-262, 21.4.1.1). Some file systems have later ones.
const latestMs = 8.64e15

/** The entry under a name in an open folder; null if there is none. */
export async function entryIn(folder: Folder, name: Octets): Promise<Entry | null> {
  const stats = await folder.look(name)
  return stats && (await entryOf(folder, name, stats))
}

/** The same. `path` is for the words. @throws Problem file-not-found */
export async function requireEntry(folder: Folder, name: Octets, path: FilePath): Promise<Entry> {
  const entry = await entryIn(folder, name)
  if (entry) return entry
  throw new Problem('file-not-found', `There is no ${pathText(path)}.`)
}

/** An entry as its status tells. A link that is gone by now has no target. */
export async function entryOf(folder: Folder, name: Octets, stats: BigIntStats): Promise<Entry> {
  const target = stats.isSymbolicLink() ? await folder.linkTarget(name).then(shown, nullIfGone) : null
  return { ...namesOf(name), ...describe(stats), target }
}

/** The folder of a tree itself. */
export async function treeEntry({ handle }: Folder): Promise<Entry> {
  return { name: '', isExact: true, target: null, ...describe(await handle.stat({ bigint: true })) }
}

function namesOf(name: Octets): Pick<Entry, 'name' | 'isExact'> {
  const text = utf8Of(bytesOf(name))
  return { name: text ?? shown(name), isExact: text !== null }
}

export function describe(stats: BigIntStats): Omit<Entry, 'name' | 'isExact' | 'target'> {
  return {
    kind: kindOf(stats),
    sizeBytes: Math.min(Number(stats.size), Number.MAX_SAFE_INTEGER),
    modifiedAt: Math.max(-latestMs, Math.min(Number(stats.mtimeNs / 1_000_000n), latestMs)),
    mode: Number(stats.mode & 0o777n),
    // The inode comes first: identityOf reads it there.
    version: [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].map((part) => part.toString(36)).join('-'),
  }
}

function kindOf(stats: BigIntStats): EntryKind {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isFIFO()) return 'pipe'
  return stats.isSocket() ? 'socket' : 'device'
}

function nullIfGone(error: unknown): null {
  if (isCode(error, 'ENOENT', 'EINVAL')) return null
  throw error
}

type Asked = { sort: Sorting; after: string | null; limit: number; isHidden: (name: Octets) => boolean }

/** One page of a folder with these names. */
export async function pageOf(
  folder: Folder,
  packed: PackedNames,
  { sort, after, limit, isHidden }: Asked,
): Promise<{ entries: Entry[]; next: string | null }> {
  const isReverse = sort.startsWith('-')
  if (sort === 'name' || sort === '-name') {
    const page = pageOfNames(packed, { after, limit, isReverse, isHidden })
    const entries = await mapLimited(page.names, atOnce, (name) => entryIn(folder, name))
    return { entries: entries.filter((entry) => entry !== null), next: page.more ? (page.names.at(-1) ?? null) : null }
  }
  const count = countNames(packed)
  if (count > sortedAtMost) throw tooMany(count)
  const names = unpackNames(packed).filter((name) => !isHidden(name))
  const keyed = new Map<string, Entry>()
  await mapLimited(names, atOnce, async (name) => {
    const entry = await entryIn(folder, name)
    if (entry) keyed.set(`${keyOf(entry, sort)}/${name}`, entry)
  })
  const page = pageOfNames(packNames([...keyed.keys()]), { after, limit, isReverse })
  const entries = page.names.flatMap((key) => keyed.get(key) ?? [])
  return { entries, next: page.more ? (page.names.at(-1) ?? null) : null }
}

/** A number as text of a fixed length, so that texts sort as their numbers do. */
function keyOf({ sizeBytes, modifiedAt }: Entry, sort: Sorting): string {
  return String(sort.endsWith('size') ? sizeBytes : Math.max(0, modifiedAt)).padStart(20, '0')
}

function tooMany(count: number): Problem {
  return new Problem(
    'invalid-request',
    `The folder has ${count} entries. Only folders of up to ${sortedAtMost} are sorted by size or time; sort by name.`,
    { errors: [{ pointer: '/sort', detail: 'name or -name in a folder of this size' }] },
  )
}
