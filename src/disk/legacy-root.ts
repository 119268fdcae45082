import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { below, markedFolders } from '../domain/names.ts'
import { isCode, isWritable } from './files.ts'
import { readMarker } from './marker.ts'

/**
 * Checks that one folder can be merged into another.
 * @returns the real paths of both, and the path of the legacy root as it was given
 * @throws Error with a sentence if one of them is no root, or if one contains the other
 */
export async function openRoots(
  fromPath: string,
  dataDir: string,
): Promise<{ from: string; to: string; given: string }> {
  const given = resolve(fromPath)
  const to = await realFolder(dataDir, 'The data root')
  const from = await realFolder(given, 'The legacy root')
  if (from === to) throw new Error(`${from} is this data root itself. Nothing is to be merged.`)
  refuseNested(from, to)
  await refuseSameFolder(from, to)
  const rootId = await requireRoot(to)
  if ((await legacyMarker(from)) === rootId) {
    throw new Error(
      `${from} has the same marker as this data root ${to} (${rootId}): it is a copy of it, or the same folder under another path. ` +
        `Only if it is a copy that somebody went on working in: remove ${from}/.ai-lab-root, and it counts as a legacy root.`,
    )
  }
  return { from, to, given }
}

async function legacyMarker(from: string): Promise<string | null> {
  return readMarker(from).catch((error: Error) => {
    throw new Error(
      `${error.message}, so it cannot be told whether the legacy root ${from} is a copy of this data root. ` +
        'If you know that it is none, remove that file, and run this again: a legacy root needs no marker.',
      { cause: error },
    )
  })
}

async function realFolder(path: string, what: string): Promise<string> {
  try {
    const real = await realpath(path)
    if ((await stat(real)).isDirectory()) return real
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) throw new Error(`${what} ${path} does not exist. Is its disk mounted?`)
    throw error
  }
  throw new Error(`${what} ${path} is not a folder.`)
}

function refuseNested(from: string, to: string): void {
  const inside = (one: string, other: string) => `${one}/`.startsWith(other === '/' ? '/' : `${other}/`)
  if (!inside(from, to) && !inside(to, from)) return
  const [inner, outer] = inside(from, to) ? [from, to] : [to, from]
  throw new Error(`${inner} is inside of ${outer}. A root cannot be merged with a folder that it is in: move one away.`)
}

/** A bind mount gives the same folder another path. */
async function refuseSameFolder(from: string, to: string): Promise<void> {
  const [a, b] = await Promise.all([stat(from, { bigint: true }), stat(to, { bigint: true })])
  if (a.dev === b.dev && a.ino === b.ino) throw new Error(`${from} and this data root ${to} are the very same folder.`)
}

async function requireRoot(to: string): Promise<string> {
  const ids = await Promise.all(markedFolders.map((folder) => readMarker(below(to, folder))))
  const [rootId] = ids
  if (rootId && ids.every((id) => id === rootId)) {
    await requireRights(`${to}/admin`)
    await requireDatabase(`${to}/admin/ai-lab.db`)
    return rootId
  }
  const missing = markedFolders.filter((_, index) => ids[index] !== rootId || !rootId)
  throw new Error(
    `${to} is no complete data root: the marker .ai-lab-root is missing or another one in ` +
      `${missing.map((folder) => below(to, folder)).join(', ')}. Is every disk mounted? If the service never ran here, start it once.`,
  )
}

/** The database knows the people. If it is missing, opening it would make an empty one. */
async function requireDatabase(file: string): Promise<void> {
  const { size } = await stat(file).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return { size: 0 }
    throw error
  })
  if (size === 0) throw new Error(`The database ${file} is gone or empty. Restore it from a backup first.`)
}

async function requireRights(admin: string): Promise<void> {
  if (await isWritable(admin)) return
  const uid = process.getuid?.()
  throw new Error(
    `You (uid ${uid}) may not write in ${admin}. Run this as root, or as the user that the service runs as.`,
  )
}
