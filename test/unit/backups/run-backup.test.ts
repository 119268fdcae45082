import { expect, test } from 'vitest'
import { createRunBackup, type RunBackupUses } from '../../../src/backups/run-backup.ts'
import { Problem } from '../../../src/domain/problem.ts'

// Trouble (files): the disk of users/ goes away while a backup waits for its turn
test('a backup that has waited for its turn proves the data root again before it lists people', async () => {
  let isThere = true
  const run = createRunBackup({
    async requireProven() {
      if (!isThere) throw new Problem('data-root-not-proven', 'The disk of users/ is away.')
    },
    async open() {
      isThere = false
      const repository = { snapshots: () => expect.fail('nothing may be read') }
      return { repository, [Symbol.asyncDispose]: async () => {} }
    },
    disk: { people: () => expect.fail('nobody may be listed') },
    tidy: async () => {},
  } as unknown as RunBackupUses)
  const running = { signal: new AbortController().signal, tell: () => {} }
  await expect(run({ backupId: 'b', pause: false }, running)).rejects.toMatchObject({ code: 'data-root-not-proven' })
})
