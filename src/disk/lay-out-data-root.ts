import { realpath, rm } from 'node:fs/promises'
import { beginFile } from '../domain/names.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import { ensureFolder, isCode, layFolder } from './files.ts'
import { exists } from './look-at-root.ts'
import { writeMarker } from './marker.ts'
import { type OpenedDataRoot, requireUsable } from './open-data-root.ts'
import { layWelcomeNotebook } from './welcome-notebook.ts'

/**
 * Begins a new data root, or finishes a first start that was cut short.
 *
 * Only this function creates the layout. If the root has its own marker but another folder or marker is missing, a disk
 * may not be mounted: the proof reports that. The root's marker comes last of all.
 *
 * @throws Error with a sentence for the administrator if the root cannot be used
 */
export async function layOutDataRoot(dataDir: string, rootId: string, owner: Owner | null): Promise<OpenedDataRoot> {
  if (!(await exists(dataDir))) await makeRoot(dataDir)
  const path = await realpath(dataDir)
  await requireUsable(path)
  await layFolder(`${path}/admin`, { mode: 0o700, owner: null })
  await layFolder(`${path}/users`, { mode: 0o711, owner: null })
  await layFolder(`${path}/shared`, { mode: 0o775, owner })
  await layWelcomeNotebook(`${path}/shared`, owner)
  await writeMarker(`${path}/shared`, rootId)
  await writeMarker(`${path}/users`, rootId)
  return {
    path,
    rootId,
    async seal() {
      await writeMarker(path, rootId)
      await rm(`${path}/${beginFile}`, { force: true })
    },
  }
}

async function makeRoot(dataDir: string): Promise<void> {
  try {
    await ensureFolder(dataDir, { mode: 0o755, owner: null })
  } catch (error) {
    const reason = isCode(error, 'ENOENT') ? 'neither does the folder it is in' : String(error)
    throw new Error(`The data root ${dataDir} does not exist and was not made: ${reason}.`, { cause: error })
  }
}
