import { realpath, stat } from 'node:fs/promises'
import { below, markedFolders } from '../domain/names.ts'
import { ensureFolder, isCode, isWritable, layFolder, type Owner } from './files.ts'
import { readMarker, writeMarker } from './marker.ts'
import { writeWelcome } from './welcome.ts'

export type OpenedDataRoot = { path: string; rootId: string; firstStart: boolean }

/**
 * Opens the data root, and lays it out on the very first start.
 *
 * Only a root without any marker and without a database is new. A root that has its marker is taken as it is: a
 * folder or marker that is missing in it may be a disk that is not mounted, and is left to the proof to report.
 *
 * @throws Error with a sentence for the administrator when the root cannot be used
 */
export async function openDataRoot(dataDir: string, newRootId: string, owner: Owner | null): Promise<OpenedDataRoot> {
  const path = await usableFolder(dataDir)
  const [root = null, ...parts] = await Promise.all(markedFolders.map((folder) => readMarker(below(path, folder))))
  if (root !== null) return { path, rootId: root, firstStart: false }
  if (await exists(`${path}/admin/ai-lab.db`)) {
    throw new Error(
      `${path} holds a database, but its marker .ai-lab-root is gone. If it was deleted, put it back: ` +
        `it is the id in ${path}/users/.ai-lab-root. Nothing was changed.`,
    )
  }
  const rootId = unfinished(path, parts) ?? newRootId
  await layOut(path, rootId, owner)
  return { path, rootId, firstStart: true }
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

// The root's own marker is written last: markers below it without one in it are a first start that was cut short.
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
  await writeMarker(path, rootId)
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
