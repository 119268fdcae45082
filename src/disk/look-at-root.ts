import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { beginFile, below, type MarkedFolder } from '../domain/names.ts'
import type { RootSight } from '../domain/proof/opening.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { isCode } from './files.ts'
import { handOver } from './hand-over.ts'
import { readMarker } from './marker.ts'
import { createPatience } from './patience.ts'

// One for the whole process, to save its threads: a service that waits for its disk looks every 2 s.
const patience = createPatience(2_000)

/** The state of the data root's folder; changes nothing. @throws Error if the service cannot look at it, or if it hangs */
export async function lookAtRoot(dataDir: string): Promise<RootSight> {
  return patience(dataDir, `Looking at ${dataDir}`, () => seen(dataDir)).catch((error: unknown) => {
    throw closedTo(error, dataDir) ?? error
  })
}

/** In words, the error that a folder or a file is closed to the service; null for another error. */
function closedTo(error: unknown, dataDir: string): Error | null {
  if (!isCode(error, 'EACCES')) return null
  const { path = dataDir, syscall } = error as NodeJS.ErrnoException
  const closed = syscall === 'open' ? path : dirname(path) // stat needs no right to the file itself
  const isOfRoot = `${closed}/`.startsWith(`${dataDir}/`)
  const cure = isOfRoot ? `Give it over: ${handOver(closed)}` : `Open it: chmod a+x ${shellQuote(closed)}`
  return new Error(`${closed} is closed to the service (uid ${process.getuid?.()}). ${cure}`, { cause: error })
}

async function seen(dataDir: string): Promise<RootSight> {
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
