import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sync } from './files.ts'

/** Writes a small file. After a power cut the file is the new one, the old one, or missing, but never half-written. */
export async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await using handle = await open(draft, 'wx', mode)
    await handle.writeFile(text)
    await handle.sync()
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await sync(dirname(file))
}
