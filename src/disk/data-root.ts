import { lstat, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { below, userFolder } from '../domain/names.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { FileId } from '../domain/proof/compare-mounts.ts'
import type { DataRoot } from '../ports/data-root.ts'
import { makeSubvolume } from './btrfs.ts'
import { fileIdOf } from './file-id.ts'
import { isCode, layFolder } from './files.ts'
import { seeMarker, touchMarker } from './marker.ts'
import { createPatience } from './patience.ts'
import { folderUnusable, isGone, isNoFolder, wrongOwner } from './persons-folder.ts'
import { roomAt } from './room.ts'

// This leaves two of the process's four threads for everything else.
const peopleHangingAtMost = 2

/**
 * The data root on disk. `notebook` is the user that runs notebooks and owns people's folders. If the service may not
 * give folders away, that is the service's own user.
 */
export function createDataRoot(options: {
  path: string
  rootId: string
  /** The database's file as it was opened. */
  databaseId: FileId
  notebook: Owner
  mayGiveAway: boolean
  now: () => number
  limitMs?: number
}): DataRoot {
  const { path, rootId, databaseId, notebook, mayGiveAway, now, limitMs = 2_000 } = options
  // Each folder of the root, and each person's folder, can be a disk of its own. A hanging disk must not block the others.
  const patience = createPatience(limitMs)
  const patienceWithPeople = createPatience(limitMs, peopleHangingAtMost)

  async function within(id: UserId, work: (folder: string) => Promise<void>): Promise<void> {
    const folder = below(path, userFolder(id))
    try {
      await patienceWithPeople(folder, `using ${folder}`, () => work(folder))
    } catch (error) {
      throw translate(error, folder)
    }
  }

  return {
    path,
    rootId,
    touchMarker: (folder) => touchMarker(below(path, folder), new Date(now()), patience),
    seeMarker: (folder) => seeMarker(below(path, folder), patience),

    async state() {
      const look = () => fileIdOf(`${path}/admin/ai-lab.db`)
      const found = await patience(`${path}/admin`, 'looking for the database', look)
      if (!found) return 'missing'
      return found.device === databaseId.device && found.inode === databaseId.inode ? 'same' : 'replaced'
    },

    room: () => patience(`${path}/admin`, 'looking at the room on the disk', () => roomAt(`${path}/admin`)),

    async folderIds(id) {
      const [shared, own] = [below(path, 'shared'), below(path, userFolder(id))]
      return {
        shared: await patience(shared, 'looking at shared/', () => fileIdOf(shared)),
        data: await patienceWithPeople(own, `looking at ${userFolder(id)}`, () => fileIdOf(own)),
      }
    },

    requireUserFolder: (id) => within(id, (folder) => requireUsable(folder, notebook)),
    ensureUserFolder: (id) =>
      within(id, async (folder) => {
        await makeWhole(folder, below(path, `users/.new-${id}`), mayGiveAway ? notebook : null)
        await requireUsable(folder, notebook)
      }),
  }
}

/**
 * Creates the folder under a temporary name, sets the owner, then renames. So neither the start of another environment nor
 * a start after a crash sees it without its owner.
 */
async function makeWhole(folder: string, draft: string, owner: Owner | null): Promise<void> {
  if (await lstat(folder).catch(nullWithout)) return
  await makeSubvolume(draft, dirname(draft)) // on Btrfs it can have a quota, and elsewhere the next line makes a folder
  await layFolder(draft, { mode: 0o700, owner })
  await rename(draft, folder)
}

function nullWithout(error: unknown): null {
  if (isCode(error, 'ENOENT')) return null
  throw error
}

/** A notebook could neither read nor write a folder of another user. The service reports such a folder, never changes it. */
async function requireUsable(folder: string, owner: Owner): Promise<void> {
  const found = await lstat(folder).catch(nullWithout)
  if (!found) throw new Error(isGone)
  if (!found.isDirectory()) throw new Error(isNoFolder)
  if (found.uid !== owner.uid || (found.mode & 0o700) !== 0o700) throw new Error(wrongOwner(found, owner, folder))
}

function translate(error: unknown, folder: string): Problem {
  if (isCode(error, 'ENOSPC', 'EDQUOT')) {
    const what = isCode(error, 'EDQUOT') ? 'The quota of the data root is used up' : 'The disk of the data root is full'
    return new Problem('no-room', `${what}; nothing was changed.`, { cause: error })
  }
  return folderUnusable(folder, error)
}
