/** Long work: begun by one request, watched and cancelled by others, and resumed after a restart of the service. */
import { hasEnded, type Job } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import { type Action, can, hindranceOf, missingScope, requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { Bell } from '../lib/bell.ts'
import { randomUUID } from '../lib/random.ts'
import { TimeLimitError, timeLimit } from '../lib/time-limit.ts'
import type { Clock } from '../ports/clock.ts'
import type { AddJob, JobPosition, JobStore, NewJob } from '../ports/job-store.ts'
import { createJobRunner, type JobKind, type JobsLog } from './run.ts'

const underWayAtMost = 20
const usuallyCancelledWithinMs = 10_000
const resumeAgainMs = 5_000
const keptMs = 30 * 86_400_000
const lastKeptMs = 365 * 86_400_000
const tidyEveryMs = 3_600_000

export type Jobs = {
  /** Tells how to do one kind of work. Each capability does so before `work` begins. */
  define(kind: string, how: JobKind): void
  /** The caller must have the right to what the job does. @throws Problem job-under-way, too-many-at-once */
  begin(userId: UserId, job: NewJob): Promise<Job>
  /**
   * Begins a job whose record is written together with others, or not at all: `write` makes the transaction, and calls `add` in it.
   * @throws as `begin`; as `write`
   */
  beginTogether(userId: UserId, write: (add: AddJob) => Promise<Job>): Promise<Job>
  /** @throws Problem job-not-found, also for another person's; forbidden if the token's scopes do not allow it */
  one(caller: Caller, id: string): Promise<Job>
  /** Newest first; `next` is where the following page begins, null at the end. @throws Problem forbidden */
  page(
    caller: Caller,
    filter: { userId?: UserId | undefined; kind?: string | undefined },
    options: { after: JobPosition | null; limit: number },
  ): Promise<{ items: Job[]; next: JobPosition | null }>
  /** Ends the work, and waits up to ten seconds for its end. @throws as `one`; Problem wrong-state if it has ended already */
  cancel(caller: Caller, id: string): Promise<Job>
  /** Waits until the job has ended, `limitMs` at most; gives it as it is then. @throws as `one` */
  untilEnded(caller: Caller, id: string, options: { limitMs: number; signal: AbortSignal }): Promise<Job>
  /** Goes on with the jobs of before, and runs until the service closes. */
  work(): Promise<void>
}

export function createJobs(deps: {
  store: JobStore
  /** When the account of a person was made; null if they have none. */
  since: (id: UserId) => Promise<number | null>
  clock: Clock
  log: JobsLog
  closing: AbortSignal
  onError: (error: unknown) => void
  /** The longest that a cancel waits for the end of the work. */
  cancelWithinMs?: number
}): Jobs {
  const { store, since, clock, closing, onError, cancelWithinMs = usuallyCancelledWithinMs } = deps
  const bell = new Bell()
  const lastOfEachKey: string[] = []
  const runner = createJobRunner({ ...deps, onEnd: (id) => bell.ring(id) })

  /** An id may have belonged to somebody else before: a person sees no job that is older than their account. */
  async function theirsSince(caller: Caller): Promise<number> {
    if (can(caller, 'job:see')) return 0
    return (await since(caller.userId)) ?? Number.POSITIVE_INFINITY
  }

  async function find(caller: Caller, id: string, action: Action): Promise<Job> {
    const job = await store.get(id)
    const hindrance = job && hindranceOf(caller, action, { owner: job.userId })
    if (hindrance === 'scope') throw missingScope(action)
    if (!job || hindrance || job.createdAt < (await theirsSince(caller)))
      throw new Problem('job-not-found', `There is no job ${id}.`)
    return runner.live(job)
  }

  /** Goes on with the jobs of before, as soon as the database tells them. */
  async function resume(): Promise<void> {
    while (!closing.aborted) {
      try {
        for (const job of await store.underWay()) runner.resume(job)
        return
      } catch (error) {
        onError(error)
        await clock.sleep(resumeAgainMs, { signal: closing })
      }
    }
  }

  async function add(userId: UserId, insert: JobStore['insert'], { kind, title, input, key }: NewJob): Promise<Job> {
    const job: Job = {
      ...{ id: randomUUID(), kind, userId, title, input, status: 'queued', createdAt: clock.now() },
      ...{ progress: null, result: null, failure: null, startedAt: null, endedAt: null },
    }
    const outcome = await insert(job, { key, atMost: underWayAtMost })
    if (outcome.kind === 'taken') throw underWay(outcome, userId)
    if (outcome.kind === 'full') {
      throw new Problem('too-many-at-once', `You have ${underWayAtMost} jobs under way. Wait until one has ended.`)
    }
    return job
  }

  async function beginTogether(userId: UserId, write: (add: AddJob) => Promise<Job>): Promise<Job> {
    const job = await write((insert, newJob) => add(userId, insert, newJob))
    runner.start(job)
    return job
  }

  const one = (caller: Caller, id: string) => find(caller, id, 'job:see')

  return {
    one,

    define(kind, how) {
      if (how.keepsLastOfEachKey) lastOfEachKey.push(kind)
      runner.define(kind, how)
    },

    begin: (userId, job) => beginTogether(userId, (add) => add(store.insert, job)),
    beginTogether,

    async page(caller, { userId, kind }, { after, limit }) {
      const owner = userId ?? caller.userId
      requireRight(caller, 'job:see', { owner }, "Only an administrator lists others' jobs.")
      const whose = can(caller, 'job:see') ? userId : owner
      const from = await theirsSince(caller)
      const found = await store.list({ userId: whose, kind, after, limit: limit + 1 })
      const items = found.filter(({ createdAt }) => createdAt >= from) // the newest come first, so none follows
      const more = items.length > limit
      items.length = Math.min(items.length, limit)
      const last = items.at(-1)
      return { items: items.map(runner.live), next: more && last ? { createdAt: last.createdAt, id: last.id } : null }
    },

    async cancel(caller, id) {
      const job = await find(caller, id, 'job:cancel')
      if (hasEnded(job)) throw new Problem('wrong-state', `The job ${id} has ended already: it is ${job.status}.`)
      await timeLimit(`the end of the job ${id}`, cancelWithinMs, () => runner.cancel(id)).catch(unlessSlow)
      return await one(caller, id)
    },

    async untilEnded(caller, id, { limitMs, signal }) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
      for (;;) {
        const rung = bell.next(id, { signal: limit })
        const job = await one(caller, id)
        if (hasEnded(job) || limit.aborted) return job
        await rung
      }
    },

    async work() {
      await resume()
      while (!closing.aborted) {
        const now = clock.now()
        await store.forgetEnded(now - keptMs, { lastOfEachKey, since: now - lastKeptMs }).catch(onError)
        await clock.sleep(tidyEveryMs, { signal: closing })
      }
      await runner.ended()
    },
  }
}

/** Only its own person and administrators can wait for a job, or cancel it. */
function underWay(other: Pick<Job, 'id' | 'userId'>, asking: UserId): Problem {
  const adminDetail = `The job ${other.id} does the same already: wait for it, or cancel it.`
  const words = "Somebody else's job does the same already. Ask again once it has ended."
  return new Problem('job-under-way', other.userId === asking ? adminDetail : words, { adminDetail })
}

/** The job ends a little later: its status says that it is under way still. */
function unlessSlow(error: unknown): void {
  if (!(error instanceof TimeLimitError)) throw error
}
