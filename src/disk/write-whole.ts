import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Owner } from '../domain/people/notebook-user.ts'
import { sync } from './files.ts'

/**
 * Writes a small file. After a power cut the file is the new one, the old one, or missing, but never half-written. `owner`: null
 * if that is this process's own user.
 */
export async function writeWhole(file: string, text: string, mode: number, owner: Owner | null = null): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await using handle = await open(draft, 'wx', mode)
    if (owner) await handle.chown(owner.uid, owner.gid)
    await handle.writeFile(text)
    await handle.sync()
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await sync(dirname(file))
}
