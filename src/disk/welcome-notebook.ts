import { constants } from 'node:fs'
import { copyFile, lchown, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Owner } from '../domain/people/notebook-user.ts'
import { ensureFolder, isCode } from './files.ts'

const welcome = fileURLToPath(new URL('./welcome/', import.meta.url))

/** Puts the welcome notebook and its example data into `shared/`. Existing files stay as they are. */
export async function layWelcomeNotebook(shared: string, owner: Owner | null, folder = ''): Promise<void> {
  for (const entry of await readdir(`${welcome}${folder}`, { withFileTypes: true })) {
    const path = `${folder}${entry.name}`
    if (entry.isDirectory()) {
      await ensureFolder(`${shared}/${path}`, { mode: 0o775, owner })
      await layWelcomeNotebook(shared, owner, `${path}/`)
    } else {
      await copyNew(`${welcome}${path}`, `${shared}/${path}`, owner)
    }
  }
}

async function copyNew(from: string, to: string, owner: Owner | null): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL)
  } catch (error) {
    if (isCode(error, 'EEXIST')) return
    throw error
  }
  if (owner) await lchown(to, owner.uid, owner.gid)
}
