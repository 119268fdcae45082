import { realpath, stat } from 'node:fs/promises'
import { beginFile, below, type MarkedFolder } from '../domain/names.ts'
import type { RootSight } from '../domain/proof/opening.ts'
import { isCode } from './files.ts'
import { readMarker } from './marker.ts'
import { createPatience } from './patience.ts'

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

/** Whether there is anything at a path; a link counts for what it leads to. */
export async function exists(path: string): Promise<boolean> {
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
