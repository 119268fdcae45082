import type { Branch, Item, Left } from '../domain/migration/migration.ts'
import { mapLimited } from '../lib/map-limited.ts'
import { type Octets, shown } from '../lib/octets.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { copyEntry, type Draft, dress } from './copy-entry.ts'
import { isCode } from './files.ts'
import { findPlace } from './find-place.ts'
import { type Folder, seconds } from './folder.ts'
import { makeFolder } from './open-below.ts'
import { runOn } from './run-on.ts'
import { atOnce, join } from './survey-folder.ts'

// One call makes a group of files durable, then they all get their names. A call for each file would cost a spinning
// disk a turn or two, some 10 ms.
const groupFiles = 1000
const fewFiles = 4

type Carrying = {
  failed: Left[]
  keepOwners: boolean
  onCarried: (files: number, bytes: number) => void
}

type At = { source: Folder; target: Folder; path: Octets }

/**
 * Carries out the plan for one folder and the folders below it. A file gets its name only when its content is on the
 * disk, and never takes the name of another file. So this can be ended at any instant.
 *
 * @throws Error when the disk is full: going on would make no sense
 */
export async function carryFolder(branch: Branch, { source, target, path }: At, carrying: Carrying): Promise<void> {
  for (const name of branch.leftovers) await target.remove(name).catch(() => {})
  for (let at = 0; at < branch.items.length; at += groupFiles) {
    await carryGroup(branch.items.slice(at, at + groupFiles))
  }
  for (const folder of branch.folders) await noting(carrying, join(path, folder.name), () => descend(folder))
  if (branch.setTimes) await noting(carrying, path, setTimes)

  async function carryGroup(items: Item[]): Promise<void> {
    const drafts: Draft[] = []
    try {
      const syncEach = items.length <= fewFiles
      const options = { syncEach, keepOwners: carrying.keepOwners, onBytes: (n: number) => carrying.onCarried(0, n) }
      await mapLimited(items, atOnce, (item) =>
        noting(carrying, join(path, item.name), async () => {
          drafts.push(await copyEntry(source, target, item, options))
        }),
      )
      if (!syncEach) await makeDurable(target)
      await mapLimited(drafts, atOnce, (draft) => noting(carrying, join(path, draft.item.name), () => publish(draft)))
    } finally {
      await mapLimited(drafts, atOnce, ({ name }) => target.removeFile(name).catch(() => {}))
    }
  }

  /** Gives a draft its name, or the next free name if somebody has taken that one since the plan was made. */
  async function publish({ item, name }: Draft): Promise<void> {
    let { as } = item
    while (!(await addName(name, as))) {
      const stats = await source.look(item.name)
      if (!stats) throw new Error('it went away while it was copied')
      const place = await findPlace({ source, target, name: item.name, stats, reserved: branch.reserved })
      if (place.there) return
      as = place.as
    }
    carrying.onCarried(1, 0)
  }

  async function addName(name: Octets, as: Octets): Promise<boolean> {
    try {
      await target.addName(name, as)
      return true
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false
      throw error
    }
  }

  async function descend(below: Branch): Promise<void> {
    await using from = await source.folder(below.name)
    const look = await from.handle.stat({ bigint: true })
    // A user other than root needs rights of their own to write in the folder, and drops them at the end.
    const first = carrying.keepOwners ? look : { ...look, mode: look.mode | 0o700n }
    if (below.isNew) await makeFolder(target, below.as, ({ handle }) => dress(handle, first, carrying.keepOwners))
    await using to = await target.folder(below.as)
    await carryFolder(below, { source: from, target: to, path: join(path, below.name) }, carrying)
    if (below.isNew && first !== look) await to.handle.chmod(Number(look.mode & 0o7777n))
  }

  /** This comes last, because each new entry changes the folder's time. */
  async function setTimes(): Promise<void> {
    const { atimeNs, mtimeNs } = await source.handle.stat({ bigint: true })
    await target.handle.utimes(seconds(atimeNs), seconds(mtimeNs))
  }
}

/** Makes everything written to a folder's file system survive a power cut. */
export async function makeDurable(folder: Folder): Promise<void> {
  if ((await runOn(folder.handle, 'sync', ['-f', '/proc/self/fd/3'])) === null) {
    throw new Error('The program "sync", which makes files durable, cannot be run or failed.')
  }
}

/** Notes an entry that cannot be carried, and goes on with the rest. Only a full disk ends everything. */
async function noting(carrying: Carrying, path: Octets, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isCode(error, 'ENOSPC', 'EDQUOT', 'EROFS')) throw error
    carrying.failed.push({ path: shown(path), reason: reasonOf(error) })
  }
}
