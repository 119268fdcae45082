/** Instant copies of people's folders that are subvolumes of Btrfs. */
import { readdir } from 'node:fs/promises'
import { folderOf } from '../domain/backups/backup.ts'
import { randomUUID } from '../lib/random.ts'
import type { FolderSnapshots } from '../ports/folder-snapshots.ts'
import { btrfs, isSubvolume } from './btrfs.ts'
import { layFolder } from './files.ts'
import { exists } from './look-at-root.ts'
import { createPatience } from './patience.ts'

/** Beside everything that notebooks see. */
const place = 'admin/snapshots'

/** `limitMs`: how long a folder may take to say whether it is a subvolume. A person's folder may be a disk of its own, which hangs. */
export function createBtrfsSnapshots(root: string, limitMs = 5_000): FolderSnapshots {
  const all = `${root}/${place}`
  const patience = createPatience(limitMs, 1)

  /** Removes a snapshot, and then its quota group, which older kernels keep for ever. */
  async function remove(name: string): Promise<void> {
    const path = `${all}/${name}`
    const id = await btrfs('inspect-internal', 'rootid', path)
    await btrfs('subvolume', 'delete', '--commit-after', path)
    await btrfs('qgroup', 'destroy', `0/${id.trim()}`, all).catch(() => {}) // newer kernels have removed it
  }

  return {
    async take(part) {
      const folder = `${root}/${folderOf(part)}`
      if (part.kind === 'admin') return null
      try {
        if (!(await patience(folder, `looking at ${folder}`, () => isSubvolume(folder)))) return null
        if (await holdsSubvolumes(folder)) return null
        await layFolder(all, { mode: 0o700, owner: null })
        const name = randomUUID()
        await btrfs('subvolume', 'snapshot', '-r', folder, `${all}/${name}`)
        // A snapshot does not have the subvolumes in it. One of them may be younger than the first look.
        if (await holdsSubvolumes(folder)) {
          await remove(name)
          return null
        }
        // If it cannot be removed now, the next backup does.
        return { folder: `${place}/${name}`, [Symbol.asyncDispose]: () => remove(name).catch(() => {}) }
      } catch {
        return null // not root, no such program, admin/ is on another disk, or the folder's own disk hangs or fails
      }
    },

    async tidy() {
      if (!(await exists(all))) return
      const outcomes = await Promise.allSettled((await readdir(all)).map(remove))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) throw failed.reason // one that cannot be removed keeps no other
    },
  }
}

/** Whether there are subvolumes in a subvolume. Needs root, as does the removal of a snapshot. */
async function holdsSubvolumes(folder: string): Promise<boolean> {
  return (await btrfs('subvolume', 'list', '-o', folder)).trim() !== ''
}
