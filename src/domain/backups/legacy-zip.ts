/** The zip files in which the earlier platform backed up one person's folder. Pure: decides what may come out of one, and where to. */
import { type FilePath, filePath } from '../files/file-path.ts'
import { cleaned } from '../migration/legacy-name.ts'
import type { UserId } from '../people/user-id.ts'
import { isProblem, Problem } from '../problem.ts'

/** `backup_<user>_<seconds>.zip`; the user as the earlier platform wrote people's names. */
export const legacyZipForm = /^backup_(?<user>[\w@.+-]{1,200})_(?<seconds>\d{1,11})\.zip$/

export type LegacyZip = { name: string; legacyUser: string; madeAt: number; sizeBytes: number }

/** An entry as the list at the end of the zip file describes it. Anybody may have written that list. */
export type ZipEntry = {
  name: string
  kind: 'file' | 'folder' | 'other'
  isReadable: boolean
  sizeBytes: number
  packedBytes: number
}

export type LeftOut = { name: string; reason: string }

export type ZipPlan = {
  folders: FilePath[]
  /** `at`: the place of the entry in the list. */
  files: { at: number; path: FilePath }[]
  bytes: number
  leftOut: LeftOut[]
}

export const entriesAtMost = 500_000
const longestTold = 300

/**
 * What to take out of a zip file of that size. An entry that leads elsewhere, is no file or folder, or has the name of an earlier one, is left
 * out, so that one bad entry does not lose the others.
 *
 * @throws Problem zip-unusable if its entries share bytes: such a file unpacks to more than any disk holds
 */
export function planOfZip(entries: readonly ZipEntry[], fileBytes: number, owner: LegacyZip | null): ZipPlan {
  if (entries.length > entriesAtMost) throw unusable(`It has more than ${entriesAtMost} entries.`)
  if (entries.reduce((sum, { packedBytes }) => sum + packedBytes, 0) > fileBytes) throw unusable('Its entries overlap.')
  const plan: ZipPlan = { folders: [], files: [], bytes: 0, leftOut: [] }
  const kinds = new Map<string, 'file' | 'folder'>()
  const paths = withoutOwner(entries.map(pathOf), owner)
  for (const [at, entry] of entries.entries()) {
    const path = paths[at]
    const reason = typeof path === 'string' ? path : hindrance(entry, path ?? [], kinds)
    if (reason !== null || typeof path !== 'object') {
      plan.leftOut.push({ name: entry.name.slice(0, longestTold), reason: reason ?? '' })
      continue
    }
    for (let depth = 1; depth < path.length; depth += 1) addFolder(path.slice(0, depth))
    if (entry.kind === 'folder') addFolder(path)
    else {
      kinds.set(path.join('/'), 'file')
      plan.files.push({ at, path })
      plan.bytes += entry.sizeBytes
    }
  }
  return plan

  function addFolder(path: FilePath): void {
    const key = path.join('/')
    if (path.length === 0 || kinds.has(key)) return
    kinds.set(key, 'folder')
    plan.folders.push(path)
  }
}

/** The path of an entry, or the reason why it has none. */
function pathOf({ name }: ZipEntry): FilePath | string {
  if (/^(\/|[A-Za-z]:)/.test(name)) return 'it is an absolute path'
  try {
    return filePath(name)
  } catch (error) {
    return isProblem(error, 'invalid-request') ? error.detail : 'its name cannot be read'
  }
}

/** Some versions wrote the person's own folder as the first part of each path. */
function withoutOwner(paths: (FilePath | string)[], owner: LegacyZip | null): (FilePath | string)[] {
  const real = paths.filter((path) => typeof path === 'object' && path.length > 0)
  const isBelow = owner !== null && real.length > 0 && real.every(([first]) => first === owner.legacyUser)
  return isBelow ? paths.map((path) => (typeof path === 'object' ? path.slice(1) : path)) : paths
}

function hindrance(entry: ZipEntry, path: FilePath, kinds: ReadonlyMap<string, 'file' | 'folder'>): string | null {
  const kind = kinds.get(path.join('/'))
  if (entry.kind === 'other') return 'it is a link or another thing than a file or folder'
  if (!entry.isReadable) return 'it is encrypted, or packed in a way that nobody reads here'
  if (path.length === 0) return entry.kind === 'folder' ? null : 'it has no name'
  if (path.some((_, depth) => kinds.get(path.slice(0, depth).join('/')) === 'file'))
    return 'a file has the name of its folder'
  if (kind === 'file' || (kind === 'folder' && entry.kind === 'file')) return 'an earlier entry has the same name'
  return null
}

/** Whether the name of a zip file may be that of this person: several people can have the same. */
export function mayBeOf({ legacyUser }: Pick<LegacyZip, 'legacyUser'>, userId: UserId): boolean {
  return legacyUser === userId || legacyUser.toLowerCase() === cleaned(userId)
}

function unusable(detail: string): Problem {
  return new Problem('zip-unusable', `The zip file cannot be restored. ${detail}`)
}
