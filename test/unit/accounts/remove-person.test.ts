import { expect, onTestFinished, test } from 'vitest'
import { createRunRemoval, removalKind } from '../../../src/accounts/remove-person.ts'
import { createAccountStore } from '../../../src/database/account-store.ts'
import { openSqlite } from '../../../src/database/open.ts'
import type { Job, JobData } from '../../../src/domain/jobs/job.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import type { AccountStore } from '../../../src/ports/account-store.ts'

const [admin, alice] = [userId.parse('admin'), userId.parse('alice')]

/** Alice with two environments and a folder. `step` is called before and after each thing that a removal does. */
async function world(step: () => void) {
  const database = await openSqlite(':memory:')
  onTestFinished(() => database[Symbol.asyncDispose]())
  const store = createAccountStore(database)
  const account = { tier: 'default', disabled: false, createdAt: 1 }
  await store.addAccount({ id: admin, role: 'admin', ...account })
  await store.addAccount({ id: alice, role: 'user', ...account })
  await store.recordFolder(alice)
  const lab = { environments: new Set(['a', 'b']), folder: ['notes.txt'] as string[] | null, trash: [] as string[] }
  const stepping =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args) => {
      step()
      const result = await work(...args)
      step()
      return result
    }
  const accounts: AccountStore = {
    ...store,
    environmentIds: async () => [...lab.environments],
    forgetFolder: stepping(store.forgetFolder),
    together: stepping(store.together) as AccountStore['together'],
  }
  const run = createRunRemoval({
    accounts,
    deleteEnvironment: stepping(async (id: string) => void lab.environments.delete(id)),
    toTrash: stepping(async (_by, _id, _signal) => {
      const put = lab.folder?.splice(0) ?? []
      lab.trash.push(...put)
      return put.length > 0 ? put : null
    }),
    removeFolder: stepping(async (_id, _signal) => {
      if (lab.folder?.length === 0) lab.folder = null
    }),
    clock: { now: () => 5, sleep: async () => {} },
  })
  const job: Job = {
    ...{ id: 'j', kind: removalKind, userId: admin, title: '', status: 'running', createdAt: 1, startedAt: 1 },
    input: { user_id: alice, account_created: 1, environments: 'delete', folder: 'trash' },
    ...{ progress: null, result: null, failure: null, endedAt: null },
  }
  const running = {
    signal: new AbortController().signal,
    tell: () => {},
    note: async (result: JobData) => {
      step()
      job.result = structuredClone(result)
      step()
    },
  }
  return { store, lab, work: () => run(job, running) }
}

// Trouble (worst): the service is killed at any step of a removal
test('a removal that is killed at any step comes to the same end when it runs again', async () => {
  let wasKilled = true
  for (let at = 1; wasKilled; at += 1) {
    let steps = 0
    wasKilled = false
    const { store, lab, work } = await world(() => {
      steps += 1
      if (steps !== at) return
      wasKilled = true
      throw new Error('killed')
    })
    await work().catch(() => {})
    if (wasKilled) {
      const account = await store.account(alice)
      // Who may be let in again has their folder, or none on record: one that is missing is taken for a disk that is not mounted.
      if (account && lab.folder === null) expect([at, await store.hadFolder(alice)]).toEqual([at, false])
    }
    expect([at, await work()]).toEqual([at, { environments: ['a', 'b'], trashed: true, removed: true }])
    expect([at, await store.account(alice)]).toEqual([at, null])
    expect([at, lab]).toEqual([at, { environments: new Set(), folder: null, trash: ['notes.txt'] }])
    if (!wasKilled) expect(at).toBeGreaterThan(15)
  }
})

// Trouble (authority): a person is removed just before a kill, and another one gets the id before the service goes on
test('a removal leaves a later account of the same id alone', async () => {
  const { store, lab, work } = await world(() => {})
  await store.removeAccount(alice)
  const later = { id: alice, role: 'user', tier: 'default', disabled: false, createdAt: 2 } as const
  await store.addAccount(later)
  expect(await work()).toMatchObject({ removed: true })
  expect([await store.account(alice), lab.environments.size, lab.folder]).toEqual([later, 2, ['notes.txt']])
})
