import { expect, test } from 'vitest'
import { userId } from '../../../src/domain/people/user-id.ts'
import { rebuild } from '../../../src/environments/rebuild.ts'

const [alice, bob] = [userId.parse('alice'), userId.parse('bob')]

test('a new database knows who had a folder: a folder that is gone later is not made again', async () => {
  const added: string[] = []
  const had: string[] = []
  const accounts = {
    addAccount: async ({ id }: { id: string }) => added.push(id) > 0,
    recordFolder: async (id: string) => void had.push(id),
  }
  const container = { name: 'ai-lab-1', labels: {} }
  const orphans = { list: async () => [{ container, userId: bob, rootId: 'r', hindrance: 'It was renamed.' }] }
  const clock = { now: () => 0 }
  const given = { orphans, accounts, folders: [alice], rootId: 'r', tier: 'default', clock }
  await rebuild(given as unknown as Parameters<typeof rebuild>[0])
  expect([added, had]).toEqual([[alice, bob], [alice]])
})
