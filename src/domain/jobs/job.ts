/** Long work that goes on without the request that asked for it. Pure. */
import { z } from 'zod'
import type { UserId } from '../people/user-id.ts'
import type { Problem, ProblemCode } from '../problem.ts'

export const jobStatus = z.enum(['queued', 'running', 'done', 'failed', 'cancelled'])
export type JobStatus = z.infer<typeof jobStatus>

/** What a job has done so far. A total is null until it is known. */
export type Progress = {
  /** What it does now, in a few words. */
  doing: string
  doneBytes: number
  totalBytes: number | null
  doneFiles: number
  totalFiles: number | null
}

/** What a kind of job keeps between runs, or says at its end; it is kept as JSON. */
export type JobData = Readonly<Record<string, unknown>>

/** A job, as recorded. Times in milliseconds since the epoch. */
export type Job = {
  id: string
  /** Which kind of work it is, for example `copy`. */
  kind: string
  /** The person who asked for it. */
  userId: UserId
  /** What it is about, as one sentence for people. */
  title: string
  /** What its kind needs to do the work, also after a restart of the service. */
  input: JobData
  status: JobStatus
  progress: Progress | null
  /** What came of it; null until it is done. */
  result: JobData | null
  /** Why it failed. `adminDetail` is there if administrators are told more: it may name paths of the host. */
  failure: { code: ProblemCode; detail: string; adminDetail?: string } | null
  createdAt: number
  startedAt: number | null
  endedAt: number | null
}

export function failureOf({
  code,
  detail,
  adminDetail,
}: Pick<Problem, 'code' | 'detail' | 'adminDetail'>): NonNullable<Job['failure']> {
  return { code, detail, ...(adminDetail !== detail && { adminDetail }) }
}

export function hasEnded({ status }: Pick<Job, 'status'>): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled'
}

/** The share of the work that is done, 0 to 100, by bytes if they are known, else by files; null if neither is. */
export function percentOf(progress: Progress | null): number | null {
  if (!progress) return null
  const { doneBytes, totalBytes, doneFiles, totalFiles } = progress
  if (totalBytes) return Math.min(100, Math.floor((doneBytes / totalBytes) * 100))
  if (totalFiles) return Math.min(100, Math.floor((doneFiles / totalFiles) * 100))
  return null
}
