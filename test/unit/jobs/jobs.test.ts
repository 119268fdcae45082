import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJobStore } from '../../../src/database/job-store.ts'
import { type Database, openSqlite } from '../../../src/database/open.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { createJobs } from '../../../src/jobs/jobs.ts'
import type { JobKind } from '../../../src/jobs/run.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import type { JobStore } from '../../../src/ports/job-store.ts'
import { callerNamed } from '../../support/caller.ts'

const alice = userId.parse('alice')
const copying = { kind: 'copy', title: 'Copy a file', input: { from: 'a' }, key: null }
const atOnce = 1

let database: Database
beforeEach(async () => {
  database = await openSqlite(':memory:')
})
afterEach(() => database[Symbol.asyncDispose]())

/** When the account was made, for all people. */
let madeAt = 0
beforeEach(() => {
  madeAt = 0
})

/** Jobs as one process of the service has them; `end` closes that process. */
function openJobs(
  how: JobKind['run'],
  changes: Partial<JobStore> = {},
  {
    cancelWithinMs,
    steady = systemClock.steady,
    ...more
  }: { cancelWithinMs?: number; steady?: () => number } & Pick<
    JobKind,
    'beforeResume' | 'isHalfDone' | 'afterEnd' | 'keepsLastOfEachKey'
  > = {},
) {
  const closing = new AbortController()
  const failures: unknown[] = []
  const clock = {
    ...systemClock,
    steady,
    sleep: (_: number, options?: { signal?: AbortSignal }) => systemClock.sleep(10, options),
  }
  const jobs = createJobs({
    store: { ...createJobStore(database), ...changes },
    since: async () => madeAt,
    clock,
    onError: (error) => failures.push(error),
    log: {
      ended: () => {},
      failed: (_, error) => failures.push(error),
      notRecorded: () => {},
      notCleared: (_, error) => failures.push(error),
    },
    closing: closing.signal,
    ...(cancelWithinMs !== undefined && { cancelWithinMs }),
  })
  jobs.define('copy', { atOnce, run: how, ...more })
  const work = jobs.work()
  return {
    jobs,
    failures,
    ended: (id: string) => jobs.untilEnded(callerNamed('alice'), id, { limitMs: 5_000, signal: closing.signal }),
    reason: () => closing.signal.reason,
    async end() {
      closing.abort()
      await work
    },
  }
}

const untilAborted: JobKind['run'] = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('a job runs, tells how far it is, and keeps its result', async () => {
  const { jobs, ended, end } = openJobs(async (job, { tell }) => {
    tell({ doing: 'copying', doneBytes: 5, totalBytes: 10, doneFiles: 0, totalFiles: 1 })
    return { to: `${job.input.from}-copy` }
  })
  const { id } = await jobs.begin(alice, copying)
  const job = await ended(id)
  expect(job).toMatchObject({ status: 'done', result: { to: 'a-copy' }, progress: { doneBytes: 5 }, failure: null })
  expect(job.endedAt).toBeGreaterThanOrEqual(job.startedAt ?? Number.POSITIVE_INFINITY)
  await end()
})

// Trouble (files): work tells how far it is with each piece that it reads, and the database does nothing but write that down
test('a job tells how far it is as often as it likes, and the database takes it every two seconds', async () => {
  const { change } = createJobStore(database)
  const written: (number | undefined)[] = []
  let now = 0
  const { jobs, ended, end } = openJobs(
    async (_, { tell }) => {
      for (; now < 5_000; now += 1) {
        tell({ doing: 'reading', doneBytes: now, totalBytes: 5_000, doneFiles: 0, totalFiles: 1 })
      }
      return {}
    },
    {
      async change(id, change_) {
        if (change_.progress) written.push(change_.progress.doneBytes)
        return change(id, change_)
      },
    },
    { steady: () => now },
  )
  await ended((await jobs.begin(alice, copying)).id)
  expect(written).toEqual([0, 2_000, 4_000, 4_999])
  await end()
})

test('a job that fails says why: a problem in its own words, any other error without its text', async () => {
  const errors = [new Problem('no-room', 'The disk is full.'), new Error('/srv/secret is not there')]
  const { jobs, ended, end, failures } = openJobs(async () => {
    throw errors.shift()
  })
  const one = await ended((await jobs.begin(alice, copying)).id)
  const other = await ended((await jobs.begin(alice, copying)).id)
  expect(one).toMatchObject({ status: 'failed', failure: { code: 'no-room', detail: 'The disk is full.' } })
  expect(other).toMatchObject({ status: 'failed', failure: { code: 'internal-error' } })
  expect(JSON.stringify(other)).not.toContain('secret')
  expect(failures).toHaveLength(2)
  await end()
})

// Trouble (files): a person asks for what somebody else's job does, and is told to cancel a job that they may not see
test('no second job of the same key begins before the first has ended', async () => {
  const { jobs, end } = openJobs(untilAborted)
  const keyed = { ...copying, key: 'copy a' }
  const { id } = await jobs.begin(alice, keyed)
  await expect(jobs.begin(alice, keyed)).rejects.toMatchObject({
    code: 'job-under-way',
    detail: expect.stringContaining(id),
  })
  // Another person could neither wait for it nor cancel it; an administrator can.
  const refusal: unknown = await jobs.begin(userId.parse('bob'), keyed).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'job-under-way', adminDetail: expect.stringContaining(id) })
  expect(refusal).toMatchObject({ detail: expect.not.stringContaining(id) })
  expect(refusal).toMatchObject({ detail: expect.not.stringContaining('cancel') })
  await jobs.cancel(callerNamed('alice'), id)
  await expect(jobs.begin(alice, keyed)).resolves.toMatchObject({ status: 'queued' })
  await end()
})

test('cancel ends a job that runs and one that waits for its turn, and refuses one that has ended', async () => {
  const { jobs, end } = openJobs(untilAborted)
  const caller = callerNamed('alice')
  const running = await jobs.begin(alice, copying)
  const waiting = await jobs.begin(alice, copying)
  expect(await jobs.cancel(caller, waiting.id)).toMatchObject({ status: 'cancelled', startedAt: null })
  expect(await jobs.cancel(caller, running.id)).toMatchObject({ status: 'cancelled' })
  await expect(jobs.cancel(caller, running.id)).rejects.toMatchObject({ code: 'wrong-state' })
  await end()
})

// Trouble (files): work does not end when its job is cancelled, because its disk is slow
test('a cancel that takes long is answered with the job as it is, and the job is cancelled once its work ends', async () => {
  const slow = Promise.withResolvers<void>()
  const { jobs, ended, end } = openJobs(
    async (_, { signal }) => {
      await slow.promise
      signal.throwIfAborted()
      return {}
    },
    {},
    { cancelWithinMs: 20 },
  )
  const { id } = await jobs.begin(alice, copying)
  await expect.poll(async () => (await jobs.one(callerNamed('alice'), id)).status).toBe('running')
  expect(await jobs.cancel(callerNamed('alice'), id)).toMatchObject({ status: 'running', endedAt: null })
  slow.resolve()
  expect(await ended(id)).toMatchObject({ status: 'cancelled' })
  await end()
})

// Trouble (files): the service is restarted in the middle of a long copy
test('a job that is under way when the service closes goes on in the next process', async () => {
  const before = openJobs(untilAborted)
  const first = await before.jobs.begin(alice, copying)
  await expect.poll(Date.now).toBeGreaterThan(first.createdAt) // jobs of one millisecond have no order
  const second = await before.jobs.begin(alice, copying)
  await before.end()

  const done: string[] = []
  const after = openJobs(async ({ id }) => {
    done.push(id)
    return {}
  })
  expect(await after.ended(first.id)).toMatchObject({ status: 'done' })
  expect(await after.ended(second.id)).toMatchObject({ status: 'done' })
  expect(done).toEqual([first.id, second.id])
  await after.end()
})

// Trouble (files): the machine starts, and the engine comes later than the service
test('a job that goes on waits for what it needs, and one that begins does not', async () => {
  const before = openJobs(untilAborted, {}, { beforeResume: () => expect.fail('nobody may wait') })
  const { id } = await before.jobs.begin(alice, copying)
  await expect.poll(async () => (await before.jobs.one(callerNamed('alice'), id)).status).toBe('running')
  await before.end()
  const order: string[] = []
  const beforeResume = async () => void order.push('waited')
  const after = openJobs(async () => ({ runs: order.push('runs') }), {}, { beforeResume })
  expect(await after.ended(id)).toMatchObject({ status: 'done' })
  expect(order).toEqual(['waited', 'runs'])
  expect(after.failures).toEqual([])
  await after.end()
})

// Trouble (files): the disk is full when the service is back, because of what a restore has kept for going on
test('a job that was running goes on without a write: its work may be what frees the disk', async () => {
  const { change } = createJobStore(database)
  const before = openJobs(untilAborted)
  const { id } = await before.jobs.begin(alice, copying)
  await expect.poll(async () => (await before.jobs.one(callerNamed('alice'), id)).status).toBe('running')
  await before.end()
  let isFull = true
  const after = openJobs(
    async () => {
      isFull = false
      return {}
    },
    {
      async change(id_, change_) {
        if (isFull) throw new Problem('no-room', 'The disk is full.')
        return change(id_, change_)
      },
    },
  )
  expect(await after.ended(id)).toMatchObject({ status: 'done' })
  await after.end()
})

// Trouble (files): somebody cancels work that a kill has left half done, while it waits to go on
test('a cancelled job that an earlier process left half done still runs, and ends by itself', async () => {
  const before = openJobs(untilAborted)
  const { id } = await before.jobs.begin(alice, copying)
  await before.end()
  const [begun, ready] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const after = openJobs(
    async (_, { signal }) => ({ heard: signal.aborted }),
    {},
    {
      cancelWithinMs: 20,
      isHalfDone: async () => true,
      async beforeResume({ signal }) {
        begun.resolve()
        await ready.promise
        signal.throwIfAborted()
      },
    },
  )
  await begun.promise
  expect(await after.jobs.cancel(callerNamed('alice'), id)).toMatchObject({ endedAt: null })
  ready.resolve()
  expect(await after.ended(id)).toMatchObject({ status: 'done', result: { heard: true } })
  await after.end()
})

// Trouble (files): work goes on past a cancel that came too late, and then fails
test.each([
  ['that stands half done has failed, and says why', true, { status: 'failed', failure: { code: 'no-room' } }],
  ['that leaves nothing half is cancelled', false, { status: 'cancelled', failure: null }],
])('a cancelled job %s if it ends with a problem', async (_, isHalf, expected) => {
  const { jobs, end } = openJobs(
    (_job, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Problem('no-room', 'The disk is full.'))),
      ),
    {},
    { isHalfDone: async () => isHalf },
  )
  const { id } = await jobs.begin(alice, copying)
  await expect.poll(async () => (await jobs.one(callerNamed('alice'), id)).status).toBe('running')
  expect(await jobs.cancel(callerNamed('alice'), id)).toMatchObject(expected)
  await end()
})

// Trouble (files): work goes on past a cancel that came too late, and a fault of the service or the disk ends it
test('a cancelled job that stands half done has failed if an unforeseen error ends it, and the log has that error', async () => {
  const fault = new Error('EIO')
  const { jobs, failures, end } = openJobs(
    (_job, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(fault))),
    {},
    { isHalfDone: async () => true },
  )
  const { id } = await jobs.begin(alice, copying)
  await expect.poll(async () => (await jobs.one(callerNamed('alice'), id)).status).toBe('running')
  const expected = { status: 'failed', failure: { code: 'internal-error' } }
  expect(await jobs.cancel(callerNamed('alice'), id)).toMatchObject(expected)
  expect(failures).toEqual([fault])
  await end()
})

test('a job that stands half done and hears its cancel is cancelled', async () => {
  const { jobs, failures, end } = openJobs(untilAborted, {}, { isHalfDone: async () => true })
  const { id } = await jobs.begin(alice, copying)
  await expect.poll(async () => (await jobs.one(callerNamed('alice'), id)).status).toBe('running')
  expect(await jobs.cancel(callerNamed('alice'), id)).toMatchObject({ status: 'cancelled', failure: null })
  expect(failures).toEqual([])
  await end()
})

// Trouble (files): the service is restarted while work goes on past a cancel that came too late
test.each([
  ['because it closes', (reason: unknown) => reason],
  ['by an unforeseen error', () => new Error('killed')],
])('a job past its cancel that the service leaves %s goes on in the next process', async (_, errorOf) => {
  let leave = () => {}
  const before = openJobs(
    () =>
      new Promise((_resolve, reject) => {
        leave = () => reject(errorOf(before.reason()))
      }),
    {},
    { cancelWithinMs: 20, isHalfDone: async () => true, afterEnd: () => expect.fail('it has not ended') },
  )
  const { id } = await before.jobs.begin(alice, copying)
  await expect.poll(async () => (await before.jobs.one(callerNamed('alice'), id)).status).toBe('running')
  expect(await before.jobs.cancel(callerNamed('alice'), id)).toMatchObject({ status: 'running' })
  const closed = before.end()
  leave()
  await closed
  const after = openJobs(async () => ({}))
  expect(await after.ended(id)).toMatchObject({ status: 'done' })
  expect(before.failures).toEqual([])
  await after.end()
})

// Trouble (files): the disk is full at the end of a job, and its end cannot be recorded
test('an end that cannot be recorded is recorded later', async () => {
  const { change } = createJobStore(database)
  let refused = 0
  const { jobs, ended, end } = openJobs(async () => ({}), {
    async change(id, change_) {
      if (change_.endedAt === undefined || refused > 2) return change(id, change_)
      refused += 1
      throw new Problem('no-room', 'The disk is full.')
    },
  })
  expect(await ended((await jobs.begin(alice, copying)).id)).toMatchObject({ status: 'done' })
  expect(refused).toBe(3)
  await end()
})

// Trouble (files): the service is restarted after the end of a job, before that end is recorded
test('what a job has kept for a restart is removed once its end is recorded, also if it is cancelled while it waits to go on', async () => {
  const { change } = createJobStore(database)
  const cleared: string[] = []
  const afterEnd = async (id: string) => void cleared.push(id)
  let refused = 0
  const before = openJobs(
    async () => ({}),
    {
      async change(id, change_) {
        if (change_.endedAt === undefined) return change(id, change_)
        refused += 1
        throw new Problem('no-room', 'The disk is full.')
      },
    },
    { afterEnd },
  )
  const { id } = await before.jobs.begin(alice, copying)
  await expect.poll(() => refused).toBeGreaterThan(0)
  await before.end()
  expect(cleared).toEqual([])

  const beforeResume: JobKind['beforeResume'] = ({ signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const after = openJobs(() => expect.fail('it waits'), {}, { afterEnd, beforeResume })
  expect(await after.jobs.cancel(callerNamed('alice'), id)).toMatchObject({ status: 'cancelled' })
  expect(cleared).toEqual([id])
  await after.end()
})

// Trouble (authority): an id is given to a new person, while the jobs of an earlier one of that id are still recorded
test('a person sees no job that is older than their account; an administrator does', async () => {
  const { jobs, ended, end } = openJobs(async () => ({}))
  const { id } = await jobs.begin(alice, { kind: 'copy', title: 'Copy a secret', input: {}, key: null })
  await ended(id)
  const later = callerNamed('alice')
  const page = (caller: typeof later) =>
    jobs.page(caller, { userId: alice }, { after: null, limit: 5 }).then(({ items }) => items.length)
  expect(await page(later)).toBe(1)
  madeAt = Date.now() + 60_000
  expect(await page(later)).toBe(0)
  await expect(jobs.one(later, id)).rejects.toMatchObject({ code: 'job-not-found' })
  await expect(jobs.cancel(later, id)).rejects.toMatchObject({ code: 'job-not-found' })
  expect(await page(callerNamed('root', { role: 'admin' }))).toBe(1)
  await end()
})

test('a person sees and cancels no job of another person; an administrator does', async () => {
  const { jobs, end } = openJobs(untilAborted)
  const { id } = await jobs.begin(alice, copying)
  const bob = callerNamed('bob')
  await expect(jobs.one(bob, id)).rejects.toMatchObject({ code: 'job-not-found' })
  await expect(jobs.cancel(bob, id)).rejects.toMatchObject({ code: 'job-not-found' })
  const all = { after: null, limit: 10 }
  await expect(jobs.page(bob, { userId: alice }, all)).rejects.toMatchObject({ code: 'forbidden' })
  expect((await jobs.page(bob, {}, all)).items).toEqual([])
  const admin = callerNamed('root', { role: 'admin' })
  expect((await jobs.page(admin, {}, all)).items).toMatchObject([{ id }])
  expect(await jobs.cancel(admin, id)).toMatchObject({ status: 'cancelled' })
  await end()
})

test('a person has 20 jobs under way at most, and lists them newest first in pages', async () => {
  const { jobs, end } = openJobs(untilAborted)
  for (let at = 0; at < 20; at++) {
    await jobs.begin(alice, { ...copying, title: `Copy ${at}` })
    await sleep(2)
  }
  await expect(jobs.begin(alice, copying)).rejects.toMatchObject({ code: 'too-many-at-once' })
  const { items, next } = await jobs.page(callerNamed('alice'), {}, { after: null, limit: 15 })
  const rest = await jobs.page(callerNamed('alice'), {}, { after: next, limit: 15 })
  expect([...items, ...rest.items].map(({ title }) => title)).toEqual(
    Array.from({ length: 20 }, (_, at) => `Copy ${19 - at}`),
  )
  expect(rest.next).toBeNull()
  await end()
})

// Trouble (files): another program holds the database when the service starts
test('a database that does not answer at the start holds up the jobs of before, and does not end the work', async () => {
  const before = openJobs(untilAborted)
  const { id } = await before.jobs.begin(alice, copying)
  await before.end()

  let refused = 0
  const { underWay } = createJobStore(database)
  const busy = async () => {
    refused += 1
    throw new Problem('database-busy', 'Another program writes to the database.')
  }
  const after = openJobs(async () => ({}), {
    underWay: () => (refused === 0 ? busy() : underWay()),
    forgetEnded: busy,
  })
  expect(await after.ended(id)).toMatchObject({ status: 'done' })
  await expect.poll(() => refused).toBeGreaterThan(2)
  await after.end()
})

test('old jobs are forgotten, but not the newest of a kind that ended so: it tells when something was last done', async () => {
  const store = createJobStore(database)
  const add = async (id: string, kind: string, status: 'done' | 'failed', at: number, key: string | null = null) => {
    const empty = { progress: null, result: null, failure: null, startedAt: null, endedAt: null }
    await store.insert(
      { ...{ id, kind, userId: alice, title: id, input: {}, status: 'queued', createdAt: at }, ...empty },
      { key, atMost: 20 },
    )
    await store.change(id, { status, endedAt: at })
  }
  await add('drill 1', 'drill', 'done', 1)
  await add('drill 2', 'drill', 'done', 2)
  await add('drill 3', 'drill', 'failed', 3)
  await add('copy 1', 'copy', 'done', 4)
  await add('copy 2', 'copy', 'done', 100)
  for (const [at, key] of ['rain', 'rain', 'iris'].entries()) await add(`verify ${at}`, 'verify', 'done', at + 10, key)
  const leftAfter = async (since: number) => {
    await store.forgetEnded(50, { lastOfEachKey: ['verify'], since })
    return (await store.list({ limit: 10 })).map(({ id }) => id)
  }
  expect(await leftAfter(0)).toEqual(['copy 2', 'verify 2', 'verify 1', 'drill 3', 'drill 2'])
  expect(await leftAfter(12)).toEqual(['copy 2', 'verify 2', 'drill 3', 'drill 2'])
})

// Trouble (files): the last verifications of thousands of datasets that are gone stay recorded
test.each([
  [{ keepsLastOfEachKey: true } as const, ['copy']],
  [{}, []],
])('the last job of each key stays for a year of the kinds that ask for it: %j, %j', async (more, lastOfEachKey) => {
  const asked: unknown[] = []
  const forgetEnded: JobStore['forgetEnded'] = async (before, { since, ...options }) => {
    asked.push({ ...options, keptDaysLonger: (before - since) / 86_400_000 })
  }
  const { end } = openJobs(untilAborted, { forgetEnded }, more)
  await expect.poll(() => asked[0]).toEqual({ lastOfEachKey, keptDaysLonger: 335 })
  await end()
})

test('the newest job of each key that is done is found in one look, whoever began it', async () => {
  const store = createJobStore(database)
  const empty = { progress: null, result: null, failure: null, startedAt: null, endedAt: null }
  const jobs = [
    ['a1', 'a', 'done'],
    ['a2', 'a', 'done'],
    ['a3', 'a', 'failed'],
    ['b1', 'b', 'done'],
    ['c1', 'c', 'running'],
    ['d1', 'd', 'done'],
  ] as const
  for (const [at, [id, key, status]] of jobs.entries()) {
    const job = { ...{ id, kind: 'verify', userId: alice, title: id, input: {}, createdAt: at }, ...empty }
    await store.insert({ ...job, status: 'queued' }, { key, atMost: 20 })
    await store.change(id, { status })
  }
  const found = await store.newestDone('verify', ['a', 'b', 'c', 'e'])
  expect(Array.from(found, ([key, { id }]) => [key, id]).sort()).toEqual([
    ['a', 'a2'],
    ['b', 'b1'],
  ])
  expect(await store.newestDone('copy', ['a'])).toEqual(new Map())
  expect(await store.newestDone('verify', [])).toEqual(new Map())
})
