import { execFile } from 'node:child_process'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createAccountStore } from '../../src/database/account-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { journalFor } from '../../src/disk/journal.ts'
import type { Token } from '../../src/domain/people/account.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { createQuotaDisk } from '../e2e/support/disk.ts'

// Trouble (worst): a used-up quota looks like a fault of the service
test('a write beyond the quota gives the problem no-room, and a write succeeds again once there is room', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-quota-'))
  try {
    await using disk = await createQuotaDisk(join(folder, 'disk'), '4M')
    const file = join(disk.limited, 'ai-lab.db')
    await writeFile(file, '')
    await using database = await openSqlite(file, { journal: await journalFor(file) })
    const accounts = createAccountStore(database)
    const owner = userId.parse('alice@lab')
    await accounts.addAccount({ id: owner, role: 'user', tier: 'default', createdAt: 1, disabled: false })
    const token = (id: string): Token => {
      return {
        id,
        userId: owner,
        name: id,
        role: 'user',
        secretHash: id,
        createdAt: 1,
        expiresAt: null,
        scopes: null,
        lastUsedAt: null,
      }
    }
    for (const size of [65_536, 4_096, 512]) await fill(join(disk.limited, String(size)), size)
    for (let time = 0; time < 5; time += 1) {
      await expect(accounts.addToken(token('first'))).rejects.toMatchObject({ code: 'no-room' })
      expect((await accounts.account(owner))?.id).toBe(owner)
    }
    await rm(join(disk.limited, '65536'))
    await promisify(execFile)('sync', ['-f', disk.limited])
    await accounts.addToken(token('second'))
    expect((await accounts.tokens(owner, 2)).map(({ id }) => id)).toEqual(['second'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** Writes until no block of that size fits. */
async function fill(file: string, size: number): Promise<void> {
  const write = async () => {
    await using handle = await open(file, 'a')
    for (;;) {
      await handle.write(Buffer.alloc(size))
      await handle.datasync()
    }
  }
  await expect(write()).rejects.toThrow('-122')
}
