import { rm } from 'node:fs/promises'
import { folderOf } from '../domain/backups/backup.ts'
import { drillFolder } from '../domain/backups/drill.ts'
import { draftFolder } from '../domain/backups/manifest.ts'
import type { LabRecords } from '../domain/backups/records.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import { Problem } from '../domain/problem.ts'
import type { BackupDisk } from '../ports/backup-disk.ts'
import { keepBackupKey } from './backup-key.ts'
import { fileSum } from './file-sum.ts'
import { ensurePrivateFile, layFolder, sync } from './files.ts'
import { exists } from './look-at-root.ts'
import { roomAt } from './room.ts'
import { userFolders } from './user-folders.ts'
import { writeWhole } from './write-whole.ts'

export type BackupDiskOptions = {
  /** The data root. */
  root: string
  keyFile: string
  /** The service's user, if this process is another one; null: its own. */
  owner: Owner | null
  /** Takes a lock that ends with the process. @throws Error if another one holds it */
  takeLock: (file: string) => Disposable
  /** Writes the database into an empty file while others use it. */
  copyDatabase: (file: string) => Promise<void>
  /** Reads who and what is in a copy of the database. */
  readRecords: (file: string) => Promise<LabRecords>
}

/** Entries of `admin/` that belong to this moment or to this machine, or that would hold the backups themselves. */
const leftOutOfAdmin = [
  ...[
    'backups',
    'trash',
    'restores',
    'snapshots',
    drillFolder,
    'database-copies',
    'lost-databases',
    'uploads',
    'backup-key-hash',
    'backups-begun',
    `${draftFolder}/ai-lab.db-journal`,
  ],
  ...['', '-wal', '-shm', '-journal'].map((part) => `ai-lab.db${part}`),
  ...['backend.lock', 'backend.lock-journal', 'backups.lock', 'backups.lock-journal'],
]

export function createBackupDisk({
  root,
  keyFile,
  owner,
  takeLock,
  copyDatabase,
  readRecords,
}: BackupDiskOptions): BackupDisk {
  const admin = `${root}/admin`
  const draft = `${admin}/${draftFolder}`
  const begun = `${admin}/backups-begun`
  const unstage = () => rm(draft, { recursive: true, force: true })

  return {
    leftOutOfAdmin,

    lock() {
      try {
        return takeLock(`${admin}/backups.lock`)
      } catch (error) {
        const detail = 'Another process works on the backups of this data root. Wait until it is done.'
        throw new Problem('backup-under-way', detail, { cause: error })
      }
    },

    people: () => userFolders(root),

    room: (part) => roomAt(`${root}/${folderOf(part)}`),

    key: () => keepBackupKey({ file: keyFile, mark: `${admin}/backup-key-hash`, dataRoot: root }, owner),

    async makeRepositoryFolder() {
      await layFolder(`${admin}/backups`, { mode: 0o700, owner })
      await sync(admin)
    },

    wasBegun: () => exists(begun),

    async noteBegun() {
      if (!(await exists(begun))) await writeWhole(begun, '', 0o600, owner)
    },

    async stage(manifestOf) {
      await unstage() // of a run that was cut short
      await layFolder(draft, { mode: 0o700, owner })
      const file = `${draft}/ai-lab.db`
      await ensurePrivateFile(file, owner)
      await copyDatabase(file)
      const copy = { ...(await readRecords(file)), database_sha256: await fileSum(file) }
      await writeWhole(`${draft}/manifest.json`, manifestOf(copy), 0o600, owner)
    },

    unstage,
  }
}
