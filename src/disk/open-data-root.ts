import { realpath, stat } from 'node:fs/promises'
import { below, markedFolders } from '../domain/names.ts'
import { ensureFolder, isCode, isWritable, layFolder, type Owner } from './files.ts'
import { readMarker, writeMarker } from './marker.ts'
import { writeWelcome } from './welcome.ts'

export type OpenedDataRoot = {
  path: string
  rootId: string
  /** Writes the root's own marker: to be called once the database is there. Does nothing after the first start. */
  seal(): Promise<void>
}

/**
 * Opens the data root, and lays it out on the very first start.
 *
 * Only a root without its marker and without a database is new. A root that has its marker is taken as it is: a
 * folder or marker that is missing in it may be a disk that is not mounted, and is left to the proof to report. The
 * root's marker is written last of all, so a marker without a database, or the reverse, is a loss and no beginning.
 *
 * @throws Error with a sentence for the administrator when the root cannot be used
 */
export async function openDataRoot(dataDir: string, newRootId: string, owner: Owner | null): Promise<OpenedDataRoot> {
  const path = await usableFolder(dataDir)
  const [root = null, ...parts] = await Promise.all(markedFolders.map((folder) => readMarker(below(path, folder))))
  const hasDatabase = await hasContent(`${path}/admin/ai-lab.db`)
  if (root !== null) {
    if (!hasDatabase) throw lost(`${path} has its marker, but its database ${path}/admin/ai-lab.db is gone or empty`)
    return { path, rootId: root, seal: async () => {} }
  }
  const rootId = unfinished(path, parts) ?? newRootId
  if (hasDatabase && parts.includes(null)) throw lost(`${path} has a database, but its markers .ai-lab-root are gone`)
  await layOut(path, rootId, owner)
  return { path, rootId, seal: () => writeMarker(path, rootId) }
}

function lost(what: string): Error {
  return new Error(`${what}. Is every disk mounted? If so, restore it from a backup. Nothing was changed.`)
}

async function usableFolder(dataDir: string): Promise<string> {
  if (!(await exists(dataDir))) await makeRoot(dataDir)
  const path = await realpath(dataDir)
  if (!(await stat(path)).isDirectory()) throw new Error(`The data root ${path} is not a folder.`)
  if (await isWritable(path)) return path
  throw new Error(`The data root ${path} is not writable for the service (uid ${process.getuid?.()}).`)
}

async function makeRoot(dataDir: string): Promise<void> {
  try {
    await ensureFolder(dataDir, { mode: 0o755, owner: null })
  } catch (error) {
    const reason = isCode(error, 'ENOENT') ? 'neither does the folder it is in' : String(error)
    throw new Error(`The data root ${dataDir} does not exist and was not made: ${reason}.`, { cause: error })
  }
}

// Markers below the root without one in it are a first start that was cut short.
function unfinished(path: string, ids: (string | null)[]): string | null {
  const found = [...new Set(ids.filter((id) => id !== null))]
  if (found.length > 1) throw new Error(`The folders of ${path} have markers of different roots: ${found.join(', ')}.`)
  return found[0] ?? null
}

async function layOut(path: string, rootId: string, owner: Owner | null): Promise<void> {
  await layFolder(`${path}/admin`, { mode: 0o700, owner: null })
  await layFolder(`${path}/users`, { mode: 0o711, owner: null })
  await layFolder(`${path}/shared`, { mode: 0o775, owner })
  await writeWelcome(`${path}/shared`, owner)
  await writeMarker(`${path}/shared`, rootId)
  await writeMarker(`${path}/users`, rootId)
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}

async function hasContent(file: string): Promise<boolean> {
  return (await exists(file)) && (await stat(file)).size > 0
}
