import { chmod, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { folderOf, snapshotFolderOf } from '../domain/backups/backup.ts'
import { draftFolder, type Manifest, manifest } from '../domain/backups/manifest.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { NewRoot } from '../ports/new-root.ts'
import { isCode, layFolder, sync } from './files.ts'
import { Folder } from './folder.ts'
import { exists } from './look-at-root.ts'
import { writeMarker } from './marker.ts'
import { runOn } from './run-on.ts'
import { writeWhole } from './write-whole.ts'

const tops = ['users', 'shared', 'admin'] as const
const draftName = '.restoring'
/** In a folder with such a name administrators put aside what was there before (docs/backups.md). */
const asidePrefix = 'before-'

/** `root`: the folder that becomes the data root. `owner`: to whom people's folders belong; null: to the caller. */
export function createNewRoot(root: string, owner: Owner | null = null): NewRoot {
  const draft = `${root}/${draftName}`
  const part = `${draft}/part`
  const sealed = `${draft}/sealed.json`

  async function readSeal(): Promise<Manifest | null> {
    try {
      return manifest.parse(JSON.parse(await readFile(sealed, 'utf8')))
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null
      throw error
    }
  }

  return {
    async begin(backupId) {
      await mkdir(root, { recursive: true })
      const made = await readSeal()
      const allowed: readonly string[] = made ? [draftName, ...tops] : [draftName]
      const stays = (name: string) => name === 'lost+found' || name.startsWith(asidePrefix)
      const others = (await readdir(root)).filter((name) => !allowed.includes(name) && !stays(name))
      if (others.length > 0) {
        throw new Error(
          `${root} is not empty (${others.slice(0, 5).join(', ')}). A whole backup is restored into an empty folder only. To put aside what is there: docs/backups.md, "Go back in place".`,
        )
      }
      if (made && made.backup_id !== backupId) {
        throw new Error(
          `An earlier run has restored the backup ${made.backup_id} into ${root}, and was ended before it was done. Complete it: run the same command again, with the backup ${made.backup_id}. Or empty the folder, to restore ${backupId}.`,
        )
      }
      if (made) return { isRestored: true }
      await rm(draft, { recursive: true, force: true })
      await layFolder(draft, { mode: 0o700, owner: null })
      await mkdir(`${draft}/users`)
      return { isRestored: false }
    },

    async openPart() {
      await rm(part, { recursive: true, force: true })
      await layFolder(part, { mode: 0o700, owner: null })
      return part
    },

    async closePart(of) {
      await renameFolder(`${part}/${snapshotFolderOf(of)}`, `${draft}/${folderOf(of)}`)
    },

    async complete(without) {
      const admin = `${draft}/admin`
      const file = `${admin}/${draftFolder}/manifest.json`
      const made = manifest.parse(JSON.parse(await readFile(file, 'utf8')))
      const missing = made.parts
        .map(({ folder }) => folder)
        .filter((folder) => folder !== 'admin' && !without.some((each) => each.folder === folder))
      for (const folder of missing) {
        if (!(await exists(`${draft}/${folder}`)))
          throw new Error(`The backup is not whole: ${folder} is missing in it.`)
      }
      const service = await stat(admin)
      await rename(`${admin}/${draftFolder}/ai-lab.db`, `${admin}/ai-lab.db`)
      await rm(`${admin}/${draftFolder}`, { recursive: true })
      await layFolder(`${draft}/users`, { mode: 0o711, owner: service })
      // The records say that the person has a folder: if it is missing, it counts as one on a disk that is not mounted.
      for (const { folder } of without) await layFolder(`${draft}/${folder}`, { mode: 0o700, owner })
      await writeMarker(`${draft}/users`, made.root_id)
      await using whole = await Folder.open(draft)
      await runOn(whole.handle, 'sync', ['-f', '/proc/self/fd/3'])
      const seal: Manifest = { ...made, left_out: [...made.left_out, ...without] }
      await writeWhole(sealed, JSON.stringify(seal), 0o600)
    },

    async publish() {
      const made = await readSeal()
      if (!made) throw new Error(`${draft} holds no restored backup.`)
      for (const top of tops) if (await exists(`${draft}/${top}`)) await rename(`${draft}/${top}`, `${root}/${top}`)
      await sync(root)
      await writeMarker(root, made.root_id)
      await rm(sealed)
      await rm(part, { recursive: true, force: true })
      await rmdir(draft)
      return made
    },
  }
}

/** Only who may write in a folder may move it: its `..` changes. A person may have closed their own one, so root alone could. */
async function renameFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!isCode(error, 'EACCES')) throw error
    const { mode } = await stat(from)
    await chmod(from, (mode & 0o7777) | 0o700)
    await rename(from, to)
    await chmod(to, mode & 0o7777)
  }
}
