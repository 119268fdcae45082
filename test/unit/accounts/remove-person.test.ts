import { expect, onTestFinished, test } from 'vitest'
import { removalKind } from '../../../src/accounts/begin-removal.ts'
import { createRunRemoval } from '../../../src/accounts/remove-person.ts'
import { createAccountStore } from '../../../src/database/account-store.ts'
import { openSqlite } from '../../../src/database/open.ts'
import type { Job, JobData } from '../../../src/domain/jobs/job.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import type { AccountRecords, AccountStore } from '../../../src/ports/account-store.ts'

const [admin, alice] = [userId.parse('admin'), userId.parse('alice')]

/** Alice with two environments and a folder, as she leaves. `step` is called before and after each thing that a removal does. */
async function world(step: (at: string) => void | Promise<void>) {
  const database = await openSqlite(':memory:')
  onTestFinished(() => database[Symbol.asyncDispose]())
  const store = createAccountStore(database)
  const account = { tier: 'default', disabled: false, createdAt: 1 }
  await store.addAccount({ id: admin, role: 'admin', ...account })
  await store.addAccount({ id: alice, role: 'user', ...account, disabled: true })
  await store.recordFolder(alice)
  const lab = { environments: new Set(['a', 'b']), folder: ['notes.txt'] as string[] | null, trash: [] as string[] }
  const stepping =
    <Args extends unknown[], T>(at: string, work: (...args: Args) => Promise<T>) =>
    async (...args: Args) => {
      await step(at)
      const result = await work(...args)
      await step(at)
      return result
    }
  const accounts: AccountStore = {
    ...store,
    together: stepping('together', (work: (records: AccountRecords) => Promise<unknown>) =>
      store.together((records) => work({ ...records, environmentIds: async () => [...lab.environments] })),
    ) as AccountStore['together'],
  }
  const run = createRunRemoval({
    accounts,
    deleteEnvironment: stepping('deleteEnvironment', async (id: string) => void lab.environments.delete(id)),
    toTrash: stepping('toTrash', async (_by, _id, _signal) => {
      const put = lab.folder?.splice(0) ?? []
      lab.trash.push(...put)
      return put.length > 0 ? put : null
    }),
    removeFolder: stepping('removeFolder', async (_id, _signal) => {
      if (lab.folder?.length) return 'not-empty'
      lab.folder = null
      return 'gone'
    }),
    removeUploads: stepping('removeUploads', async (_id) => {}),
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
      await step('note')
      job.result = structuredClone(result)
      await step('note')
    },
  }
  return { store, lab, job, work: () => run(job, running) }
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
  const { store, lab, job, work } = await world(() => {})
  job.result = { environments: [], trashed: false, isLast: true }
  await store.removeAccount(alice)
  const later = { id: alice, role: 'user', tier: 'default', disabled: false, createdAt: 2 } as const
  await store.addAccount(later)
  expect(await work()).toMatchObject({ removed: true })
  expect([await store.account(alice), lab.environments.size, lab.folder]).toEqual([later, 2, ['notes.txt']])
})

const interferences = {
  'an administrator enables the person': {
    interfere: (store: AccountStore) => store.changeAccount(alice, { disabled: false }),
    words: /^alice was enabled meanwhile: the removal has ended\. So far: (?!alice)/,
  },
  'another account gets the id': {
    async interfere(store: AccountStore) {
      await store.removeAccount(alice)
      await store.addAccount({ id: alice, role: 'user', tier: 'default', disabled: true, createdAt: 2 })
      await store.recordFolder(alice)
    },
    words: /^The account alice was removed meanwhile, by another request\. So far: (?!alice)/,
  },
  'the one who asked is demoted': {
    async interfere(store: AccountStore) {
      await store.addAccount({
        id: userId.parse('second'),
        role: 'admin',
        tier: 'default',
        disabled: false,
        createdAt: 1,
      })
      await store.changeAccount(admin, { role: 'user' })
    },
    words: /^admin is no administrator any more\. So far: alice still has an account/,
  },
}

// Trouble (authority): an administrator enables a person again while the job that removes them waits or works
test.each(Object.entries(interferences))(
  'a removal takes nothing more when %s while it works',
  async (_name, { interfere, words }) => {
    for (const moment of ['deleteEnvironment', 'toTrash']) {
      const { store, lab, work } = await world(async (at) => {
        if (at !== moment || hasInterfered) return
        hasInterfered = true
        await interfere(store)
      })
      let hasInterfered = false
      await expect(work()).rejects.toMatchObject({ detail: expect.stringMatching(words) })
      const taken = moment === 'toTrash' ? { folder: [], trash: ['notes.txt'] } : { folder: ['notes.txt'], trash: [] }
      expect([moment, lab]).toEqual([moment, { environments: new Set(), ...taken }])
      expect([await store.account(alice), await store.hadFolder(alice)]).toMatchObject([{ id: alice }, true])
    }
  },
)

test('a removal leaves the folder of a person for whom somebody has made an environment meanwhile', async () => {
  const { lab, job, work } = await world(() => {})
  job.input = { ...job.input, environments: 'keep' }
  const words = /^alice still has environments: a, b\..* So far: alice still has an account, which is disabled\. Enable/
  await expect(work()).rejects.toMatchObject({ code: 'wrong-state', detail: expect.stringMatching(words) })
  expect(lab).toMatchObject({ folder: ['notes.txt'], trash: [] })
})

test('a removal is not done if another request has removed the account', async () => {
  const { store, lab, work } = await world(() => {})
  await store.removeAccount(alice)
  await expect(work()).rejects.toMatchObject({ code: 'wrong-state' })
  expect([lab.environments.size, lab.folder]).toEqual([2, ['notes.txt']])
})

// Trouble (files): a program writes in a person's folder while it goes to the trash, and the next person of that id gets the file
test('what somebody puts into the folder meanwhile goes to the trash too; the account stays while they go on', async () => {
  for (const times of [1, Number.POSITIVE_INFINITY]) {
    let written = 0
    const { store, lab, work } = await world((at) => {
      if (at !== 'removeFolder' || written >= times) return
      written += 1
      lab.folder?.push('late.txt')
    })
    if (times === 1) {
      expect(await work()).toMatchObject({ trashed: true, removed: true })
      expect(lab).toMatchObject({ folder: null, trash: ['notes.txt', 'late.txt'] })
      continue
    }
    const words =
      /^Somebody is writing in users\/alice, for example with an upload\. So far: alice still has an account/
    await expect(work()).rejects.toMatchObject({ code: 'wrong-state', detail: expect.stringMatching(words) })
    expect([await store.account(alice), lab.folder]).toMatchObject([{ disabled: true }, ['late.txt', 'late.txt']])
  }
})
