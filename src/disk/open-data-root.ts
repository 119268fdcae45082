import { realpath, rm, stat } from 'node:fs/promises'
import { beginFile, below, type MarkedFolder } from '../domain/names.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { RootSight } from '../domain/proof/opening.ts'
import { ensureFolder, isCode, layFolder, writability } from './files.ts'
import { readMarker, writeMarker } from './marker.ts'
import { createPatience } from './patience.ts'
import { layWelcomeNotebook } from './welcome-notebook.ts'

// One for the whole process, to save its threads: a service that waits for its disk looks every 2 s.
const patience = createPatience(2_000)

/** The state of the data root's folder; changes nothing. @throws Error if the service cannot look at it, or if it hangs */
export async function lookAtRoot(dataDir: string): Promise<RootSight> {
  return patience(dataDir, `Looking at ${dataDir}`, async () => {
    const path = (await exists(dataDir)) ? await realpath(dataDir) : dataDir
    // One call at a time, so that a hanging disk holds one thread only.
    const markerOf = (folder: MarkedFolder) => readMarker(below(path, folder)).catch(nullWithout)
    const markers = { '': await markerOf(''), shared: await markerOf('shared'), users: await markerOf('users') }
    return {
      path,
      markers,
      hasDatabase: await hasContent(`${path}/admin/ai-lab.db`),
      isToBegin: await exists(`${path}/${beginFile}`),
    }
  })
}

function nullWithout(error: unknown): null {
  if (isCode(error, 'ENOTDIR')) return null
  throw error
}

/** A data root in use. */
export type OpenedDataRoot = {
  path: string
  rootId: string
  /** Writes the root's own marker. Call it once the database is there; after the first start it does nothing. */
  seal(): Promise<void>
}

/** Takes a data root as it is. @throws Error with a sentence for the administrator if it cannot be used */
export async function openDataRoot(dataDir: string, rootId: string): Promise<OpenedDataRoot> {
  const path = await realpath(dataDir)
  await requireUsable(path)
  return { path, rootId, seal: async () => {} }
}

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

async function requireUsable(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw new Error(`The data root ${path} is not a folder.`)
  const found = await writability(path)
  if (found === 'writable') return
  throw new Error(
    found === 'read-only-disk'
      ? `The file system of the data root ${path} is read-only. See to its disk (findmnt -T, dmesg), and start the service again.`
      : `The data root ${path} is not writable for the service (uid ${process.getuid?.()}). \`ailab doctor\` tells whose it has to be.`,
  )
}

async function makeRoot(dataDir: string): Promise<void> {
  try {
    await ensureFolder(dataDir, { mode: 0o755, owner: null })
  } catch (error) {
    const reason = isCode(error, 'ENOENT') ? 'neither does the folder it is in' : String(error)
    throw new Error(`The data root ${dataDir} does not exist and was not made: ${reason}.`, { cause: error })
  }
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
