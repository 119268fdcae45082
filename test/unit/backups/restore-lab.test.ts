import { expect, test } from 'vitest'
import { restoreLab } from '../../../src/backups/restore-lab.ts'
import type { BackupPart, BackupSnapshot } from '../../../src/domain/backups/backup.ts'
import { folderOf } from '../../../src/domain/backups/backup.ts'
import type { Manifest } from '../../../src/domain/backups/manifest.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { Problem } from '../../../src/domain/problem.ts'

const person = (id: string): BackupPart => ({ kind: 'person', userId: userId.parse(id) })
const parts: BackupPart[] = [{ kind: 'admin' }, { kind: 'shared' }, person('alice'), person('mallory')]
const snapshots = parts.map((part, at): BackupSnapshot => ({ id: String(at), backupId: 'one', part, at }))

/** Restores a backup in which the folder of mallory cannot be restored. */
async function restored(options: { without?: string[]; forService?: boolean } = {}) {
  const closed: string[] = []
  const leftOut: Manifest['left_out'] = []
  const lab = await restoreLab(
    {
      repository: {
        takeOver: async () => {},
        snapshots: async () => snapshots,
        async restore({ snapshot }) {
          if (folderOf(snapshot.part) === 'users/mallory') throw new Problem('no-room', 'There is too little room.')
        },
      },
      newRoot: {
        begin: async () => ({ isRestored: false }),
        openPart: async () => '/part',
        closePart: async (part) => void closed.push(folderOf(part)),
        complete: async (without) => void leftOut.push(...without),
        publish: async () => ({
          ...{ format: 1, backup_id: 'one', root_id: 'r', version: '1', made_at: '2026-11-26T03:00:00Z' },
          ...{ parts: [], left_out: leftOut },
        }),
      },
      hostPathOf: async (folder) => folder,
      ...options,
    },
    null,
    { signal: new AbortController().signal, tell: () => {} },
  )
  return { lab, closed }
}

// Trouble (files): the backup of one person needs more room than the disk of the whole lab
test('a folder that cannot be restored is named, with the command that restores the lab without it', async () => {
  await expect(restored()).rejects.toThrow(
    'users/mallory could not be restored. There is too little room. To restore the lab without this folder: ailab restore --without users/mallory',
  )
  const { lab, closed } = await restored({ without: ['users/mallory'] })
  expect(closed).toEqual(['admin', 'shared', 'users/alice'])
  const reason = 'It was to be left out. Restore it while a backup of before has it: BACKUP_KEEP says for how long.'
  expect(lab.leftOut).toEqual([{ folder: 'users/mallory', reason }])
})

test("only people's folders of that backup can be left out", async () => {
  for (const folder of ['shared', 'users/bob']) {
    await expect(restored({ without: [folder] })).rejects.toThrow(`The backup one has no ${folder}.`)
  }
})

test('a drill fails with the problem itself', async () => {
  await expect(restored({ forService: true })).rejects.toMatchObject({ code: 'no-room' })
})
