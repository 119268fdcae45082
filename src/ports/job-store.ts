import type { Job, JobData } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'

export type JobPosition = { createdAt: number; id: string }

export type JobQuery = {
  userId?: UserId | undefined
  kind?: string | undefined
  status?: Job['status'] | undefined
  after?: JobPosition | null
  limit: number
}

/** The fields of a job that change while it runs. */
export type JobChange = Partial<Pick<Job, 'status' | 'progress' | 'result' | 'failure' | 'startedAt' | 'endedAt'>>

export type NewJob = {
  kind: string
  title: string
  input: JobData
  /** No second job with the same key begins while this one is under way. */
  key: string | null
}

/** Records a new job by the `insert` of a transaction. @throws Problem job-under-way, too-many-at-once */
export type AddJob = (insert: JobStore['insert'], job: NewJob) => Promise<Job>

/** Records of long work. If the database does not answer, a call rejects with the driver's error. */
export interface JobStore {
  /**
   * Records a new job. At most one job with a `key` is under way: `taken` tells the other one. `full`: the person has
   * `atMost` jobs under way already.
   */
  insert(
    job: Job,
    options: { key: string | null; atMost: number },
  ): Promise<{ kind: 'inserted' } | { kind: 'taken'; id: string; userId: UserId } | { kind: 'full' }>
  get(id: string): Promise<Job | null>
  /** Newest first. */
  list(query: JobQuery): Promise<Job[]>
  /** By key: the newest job of that kind that is done, of each of these keys that has one. */
  newestDone(kind: string, keys: readonly string[]): Promise<Map<string, Job>>
  /** Those under way, oldest first: all that a service that starts has to go on with. */
  underWay(): Promise<Job[]>
  /** Changes a job that has not ended; null if it has, or is not there. Its key is free once it has ended. */
  change(id: string, change: JobChange): Promise<Job | null>
  /**
   * Forgets the jobs that ended before that moment, but never the newest of its kind that ended so: it tells when something was last done.
   * Of the kinds in `lastOfEachKey` the newest of each key stays, if it ended `since` that moment.
   */
  forgetEnded(before: number, options: { lastOfEachKey: readonly string[]; since: number }): Promise<void>
}
