/**
 * Makes a backup, or restores a person's folder in place, as a job of the service does it; it says `begins`, and `done` at the end.
 * Tests kill it. Argument: an order as JSON.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { copyFile } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { createHoldFolder } from '../../src/backups/hold-folder.ts'
import { createOpenRepository } from '../../src/backups/open-repository.ts'
import { createRestoreInto } from '../../src/backups/restore-into.ts'
import { createRunBackup } from '../../src/backups/run-backup.ts'
import { createRunRestore } from '../../src/backups/run-restore.ts'
import { takeLock } from '../../src/database/data-root-lock.ts'
import { recordedLab } from '../../src/database/recorded-lab.ts'
import { createBackupDisk } from '../../src/disk/backup-disk.ts'
import { createBtrfsSnapshots } from '../../src/disk/btrfs-snapshots.ts'
import { readClosedDatabase } from '../../src/disk/database-files.ts'
import { createRestorePlaces } from '../../src/disk/restore-places.ts'
import { createFileTrees } from '../../src/disk/trees/file-trees.ts'
import { createKeptNames } from '../../src/disk/trees/kept-names.ts'
import type { Job } from '../../src/domain/jobs/job.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createResticRepository } from '../../src/restic/restic-repository.ts'
import { hostErrands } from './host-errands.ts'

export type Order = {
  kind: 'backup' | 'restore'
  root: string
  rootId: string
  keyFile: string
  /** The name of restic's image, which the engine has. */
  image: string
  /** The files of that image, to run errands without containers; null: the engine runs them. */
  rootfs: string | null
  /** Of the job, which goes on if it was killed. */
  id: string
  backupId: string
}

const { kind, root, rootId, keyFile, image, rootfs, id, backupId } = JSON.parse(process.argv[2] ?? '') as Order
const signal = new AbortController().signal
const clock = systemClock
const disk = createBackupDisk({
  ...{ root, keyFile, owner: null, takeLock },
  copyDatabase: (file) => copyFile(join(root, 'admin/ai-lab.db'), file),
  readRecords: async (file) => recordedLab(file, await readClosedDatabase(file)),
})
const hostPathOf = async (folder: string) => join(root, folder)
const repository = createResticRepository({
  engine: rootfs === null ? (await import('./engine-real.ts')).realEngine() : hostErrands(rootfs, `${keyFile}.running`),
  image: async () => ({ name: image, tar: () => Promise.reject(new Error('the image is missing')) }),
  repository: () => hostPathOf('admin/backups'),
  key: disk.key,
  user: async () => `${process.getuid?.()}:${process.getgid?.()}`,
  owner: rootId,
  random: () => randomBytes(8).toString('hex'),
})
const open = createOpenRepository({ repository, disk, elsewhere: null })
const uses = { open, hostPathOf, requireProven: async () => {}, clock, onError: console.error }
const running = { signal, tell: () => {}, note: async () => {} }
const hadFolder = async () => false
const trees = createFileTrees({ root, rootId, owner: null, hadFolder, keptNames: createKeptNames(systemClock) })

flushCompileCache() // a killed process would not
console.log('begins')
await (kind === 'backup' ? backUp() : restore())
console.log('done')
process.exit()

async function backUp() {
  const snapshots = createBtrfsSnapshots(root)
  const hold = createHoldFolder({ snapshots, standStill: () => Promise.reject(new Error('nothing is to pause')) })
  const { tidy } = snapshots
  const { people } = disk
  const kept = { ownRoom: null, keep: { last: 1000 }, rootId, version: 'test' }
  const run = createRunBackup({ ...uses, ...kept, hold, tidy, disk, people, trees })
  await run({ backupId, pause: false }, running)
}

async function restore() {
  const places = createRestorePlaces({ root, rootId, owner: null, hadFolder })
  const restoreInto = createRestoreInto({
    ...uses,
    places,
    storage: {
      requireRoom: async () => {},
      count: async () => {},
      announce: () => ({ came: () => {}, [Symbol.dispose]: () => {} }),
    },
    closing: new AbortController().signal,
    requireStillChange: async () => {},
    ensureFolder: async () => {},
    async toTrash(_, tree, path) {
      if (await trees.look(tree, path).catch(() => null)) await trees.toTrash(tree, path, randomUUID(), {})
    },
  })
  const run = createRunRestore({ ...uses, places, restoreInto })
  const input = { backup_id: backupId, folder: 'users/alice', path: '', in_place: true }
  await run({ id, userId: userId.parse('admin'), input } as unknown as Job, running)
  await places.remove(id)
}
