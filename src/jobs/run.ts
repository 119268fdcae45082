import { failureOf, type Job, type JobData, type Progress } from '../domain/jobs/job.ts'
import { Problem } from '../domain/problem.ts'
import { Turns } from '../lib/turns.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobChange, JobStore } from '../ports/job-store.ts'

/** How to do one kind of work. */
export type JobKind = {
  /** How many of this kind may run at a time. */
  atOnce: number
  /**
   * Does the work; its result is kept. After a restart of the service it runs again with the same job, so it must go on with
   * what is there, or begin anew. It ends soon after the signal aborts, and leaves nothing half.
   */
  run(job: Job, options: JobRun): Promise<JobData>
  /** Waits until a job of an earlier process can go on; nobody waits for an answer to it. */
  beforeResume?(options: Pick<JobRun, 'signal' | 'tell'>): Promise<void>
  /**
   * Whether the work stands where it may not just end. If an earlier process has left it there, a cancel does not end the wait: the work
   * runs, and hears the cancel itself. If it goes on past a cancel and throws anything but that, it has failed.
   */
  isHalfDone?(id: string): Promise<boolean>
  /** Whether the newest job of each key stays recorded for a year: it tells when that was last done. */
  keepsLastOfEachKey?: true
  /** Removes what the work has kept for a restart. Called once the end of the job is recorded, even if this process never began it. */
  afterEnd?(id: string): Promise<void>
}

export type JobRun = {
  signal: AbortSignal
  /** Says how far the work is. */
  tell: (progress: Progress) => void
  /** Keeps something as the job's result so far, for the run that goes on after a restart. */
  note: (result: JobData) => Promise<void>
}

export type JobsLog = {
  ended(job: Job): void
  failed(job: Job, error: unknown): void
  notRecorded(job: Job, error: unknown): void
  notCleared(job: Job, error: unknown): void
}

type Run = { cancel: AbortController; progress: Progress | null; done: Promise<void> }

const recordEveryMs = 2_000
const retryMs = 5_000

export type JobRunner = {
  define(kind: string, how: JobKind): void
  start(job: Job): void
  /** Goes on with a job of an earlier process. */
  resume(job: Job): void
  /** The job, with the progress of this moment. */
  live(job: Job): Job
  /** Ends a run; resolves when it has ended. */
  cancel(id: string): Promise<void>
  /** Resolves when no run is left. */
  ended(): Promise<void>
}

export function createJobRunner(deps: {
  store: JobStore
  clock: Clock
  log: JobsLog
  closing: AbortSignal
  onEnd: (id: string) => void
}): JobRunner {
  const { store, clock, log, closing, onEnd } = deps
  const kinds = new Map<string, JobKind & { turns: Turns }>()
  const runs = new Map<string, Run>()

  async function run(job: Job, own: Run, isResumed: boolean): Promise<void> {
    const signal = AbortSignal.any([closing, own.cancel.signal])
    try {
      const kind = kinds.get(job.kind)
      if (!kind) throw new Problem('wrong-state', `This version of the service does no work of the kind "${job.kind}".`)
      const tell = recorder(job, own)
      const waiting = isResumed && (await kind.isHalfDone?.(job.id)) ? closing : signal
      if (isResumed) await kind.beforeResume?.({ signal: waiting, tell })
      using _turn = await kind.turns.acquire(job.id, { group: job.userId, signal: waiting })
      // The disk may be full of what a job of an earlier process has kept.
      if (job.status !== 'running') await store.change(job.id, { status: 'running', startedAt: clock.now() })
      waiting.throwIfAborted()
      const result = await kind.run(job, {
        signal,
        tell,
        note: async (noted) => void (await store.change(job.id, { result: noted })),
      })
      await end(job, { status: 'done', result })
    } catch (error) {
      // A service that closes leaves the job under way: the next start goes on with it.
      const isLeft = closing.aborted && error === closing.reason // also if the work had gone on past a cancel
      if (own.cancel.signal.aborted && !isLeft && !(await hasFailedHalfDone(job, own, error))) {
        await end(job, { status: 'cancelled' })
      } else if (!closing.aborted) await fail(job, error)
    }
  }

  /** The words of a problem then say what is half. */
  async function hasFailedHalfDone({ id, kind }: Job, { cancel }: Run, error: unknown): Promise<boolean> {
    if (error === cancel.signal.reason) return false
    return (
      (await kinds
        .get(kind)
        ?.isHalfDone?.(id)
        .catch(() => true)) === true
    )
  }

  /** Keeps the latest progress in memory, and records it now and then. */
  function recorder(job: Job, own: Run): (progress: Progress) => void {
    let nextAt = 0
    return (progress) => {
      own.progress = progress
      const now = clock.steady()
      if (now < nextAt) return
      nextAt = now + recordEveryMs
      // The next one, or the end, records what this one cannot.
      store.change(job.id, { progress }).catch((error: unknown) => log.notRecorded(job, error))
    }
  }

  async function fail(job: Job, error: unknown): Promise<void> {
    log.failed(job, error)
    await end(job, { status: 'failed', failure: error instanceof Problem ? failureOf(error) : unexpected })
  }

  async function end(job: Job, change: JobChange): Promise<void> {
    if (!(await recordEnd(job, change))) return
    await kinds
      .get(job.kind)
      ?.afterEnd?.(job.id)
      .catch((error: unknown) => log.notCleared(job, error))
  }

  /** Records the end, as often as it takes: a full disk may be why the job failed. Gives false if the service closes before. */
  async function recordEnd(job: Job, change: JobChange): Promise<boolean> {
    const progress = runs.get(job.id)?.progress
    const whole = { ...change, ...(progress && { progress }), endedAt: clock.now() }
    for (;;) {
      try {
        const ended = await store.change(job.id, whole)
        if (ended) log.ended(ended)
        return true
      } catch (error) {
        if (closing.aborted) return false
        log.notRecorded(job, error)
        await clock.sleep(retryMs, { signal: closing })
      }
    }
  }

  function begin(job: Job, isResumed: boolean): void {
    if (runs.has(job.id) || closing.aborted) return
    const own: Run = { cancel: new AbortController(), progress: job.progress, done: Promise.resolve() }
    runs.set(job.id, own)
    own.done = run(job, own, isResumed).finally(() => {
      runs.delete(job.id)
      onEnd(job.id)
    })
  }

  return {
    define: (kind, how) => void kinds.set(kind, { ...how, turns: new Turns(how.atOnce) }),

    start: (job) => begin(job, false),
    resume: (job) => begin(job, true),

    live(job) {
      const own = runs.get(job.id)
      return own && job.endedAt === null ? { ...job, progress: own.progress } : job
    },

    async cancel(id) {
      const own = runs.get(id)
      own?.cancel.abort(new Error('the job was cancelled'))
      await own?.done
    },

    ended: async () => void (await Promise.all(Array.from(runs.values(), ({ done }) => done))),
  }
}

const unexpected = {
  code: 'internal-error',
  detail: 'Something went wrong in the service; its log has the cause.',
} as const
