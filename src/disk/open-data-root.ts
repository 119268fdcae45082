import { realpath, stat } from 'node:fs/promises'
import { writability } from './files.ts'

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
  const found = await writability(path)
  if (found === 'writable') return
  throw new Error(
    found === 'read-only-disk'
      ? `The file system of the data root ${path} is read-only. See to its disk (findmnt -T, dmesg), and start the service again.`
      : `The data root ${path} is not writable for the service (uid ${process.getuid?.()}). \`ailab doctor\` tells whose it has to be.`,
  )
}
