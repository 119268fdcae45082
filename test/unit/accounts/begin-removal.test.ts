import { expect, onTestFinished, test } from 'vitest'
import { createBeginRemoval, removalKind } from '../../../src/accounts/begin-removal.ts'
import { createUsers } from '../../../src/accounts/users.ts'
import { createAccountStore } from '../../../src/database/account-store.ts'
import { createJobStore } from '../../../src/database/job-store.ts'
import { openSqlite } from '../../../src/database/open.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { createJobs } from '../../../src/jobs/jobs.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import { callerNamed } from '../../support/caller.ts'

const [admin, alice] = [userId.parse('admin'), userId.parse('alice')]
const caller = callerNamed('admin', { role: 'admin' })

/** The removal of alice, whose work never ends. `step` is called before and after each transaction that writes. */
async function world(step: () => void) {
  const database = await openSqlite(':memory:')
  onTestFinished(() => database[Symbol.asyncDispose]())
  const store = createAccountStore(database)
  const jobStore = createJobStore(database)
  const account = { tier: 'default', disabled: false, createdAt: 1 }
  await store.addAccount({ id: admin, role: 'admin', ...account })
  await store.addAccount({ id: alice, role: 'user', ...account })
  const token = { id: caller.credentialId, userId: admin, name: '', secretHash: 'x', createdAt: 1, lastUsedAt: null }
  await store.addToken({ ...token, role: 'admin', scopes: null, expiresAt: null })
  const stepping =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args) => {
      step()
      const result = await work(...args)
      step()
      return result
    }
  const accounts = { ...store, together: stepping(store.together) as typeof store.together }
  const closing = new AbortController()
  onTestFinished(() => closing.abort())
  const jobs = createJobs({
    store: { ...jobStore, insert: stepping(jobStore.insert) },
    since: async () => 1,
    clock: systemClock,
    onError: () => {},
    log: { ended: () => {}, failed: () => {}, notRecorded: () => {}, notCleared: () => {} },
    closing: closing.signal,
  })
  jobs.define(removalKind, { atOnce: 1, run: () => new Promise(() => {}) })
  const users = createUsers({ accounts, catalog: { templates: {}, tiers: {} }, clock: systemClock })
  const beginRemoval = createBeginRemoval({ users, beginTogether: jobs.beginTogether })
  return {
    begin: () => beginRemoval(caller, alice, { environments: 'delete', folder: 'trash' }),
    disabled: async () => (await store.account(alice))?.disabled,
    underWay: async () => (await jobStore.underWay()).map(({ title }) => title),
  }
}

// Trouble (worst): the service is killed as a removal begins: the person is disabled, and nothing removes them
test('a person is disabled together with the record of the job that removes them, or not at all', async () => {
  const title = 'Remove alice: delete their environments, put users/alice into the trash'
  let wasKilled = true
  for (let at = 1; wasKilled; at += 1) {
    let steps = 0
    wasKilled = false
    const { begin, disabled, underWay } = await world(() => {
      steps += 1
      if (steps !== at) return
      wasKilled = true
      throw new Error('killed')
    })
    const begun = await begin().catch(() => null)
    const hasBegun = at > 1
    expect([at, await disabled(), await underWay()]).toEqual([at, hasBegun, hasBegun ? [title] : []])
    if (!wasKilled) expect([at > 2, begun]).toMatchObject([true, { title }])
  }
})
