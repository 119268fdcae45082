import { z } from 'zod'
import { type Job, jobStatus, percentOf } from '../../domain/jobs/job.ts'
import { userId } from '../../domain/people/user-id.ts'
import { isoTime, nextCursor, pageQuery, time } from './common.ts'

const count = z.int().min(0)

const progressBody = z
  .object({
    doing: z.string().describe('What it does now'),
    percent: z.int().min(0).max(100).nullable().describe('Null while the total is not known'),
    done_bytes: count,
    total_bytes: count.nullable(),
    done_files: count,
    total_files: count.nullable(),
  })
  .describe('How far it is')

export const jobBody = z
  .object({
    id: z.string(),
    kind: z.string().describe('Which work it is, for example `copy`'),
    user_id: z.string().describe('Who asked for it'),
    title: z.string().describe('What it is about, in a sentence'),
    input: z
      .record(z.string(), z.unknown())
      .describe('What it was asked to do, in the terms of its kind, for example the `backup_id` of a restore'),
    status: jobStatus.describe('`queued` and `running` are under way; the others are ends'),
    progress: progressBody.nullable(),
    result: z.record(z.string(), z.unknown()).nullable().describe('What came of it'),
    failure: z.object({ code: z.string(), detail: z.string() }).nullable().describe('Why it failed'),
    created: time,
    started: time.nullable(),
    ended: time.nullable(),
  })
  .meta({ id: 'Job', description: 'Long work, which goes on without the request that began it' })

export const jobsBody = z.object({ items: z.array(jobBody), next_cursor: nextCursor })

export const jobsQuery = pageQuery.extend({
  user_id: userId.optional().describe('Whose jobs; administrators only'),
  kind: z.string().max(40).optional().describe('Only of this kind'),
})

export const jobParams = z.object({ id: z.string().max(64).describe('The id of the job') })

/** `forAdmin`: whether the answer may contain host paths. */
export function toJobBody(job: Job, forAdmin: boolean): z.infer<typeof jobBody> {
  const { progress, failure } = job
  return {
    id: job.id,
    kind: job.kind,
    user_id: job.userId,
    title: job.title,
    input: job.input,
    status: job.status,
    progress: progress && {
      doing: progress.doing,
      percent: percentOf(progress),
      done_bytes: progress.doneBytes,
      total_bytes: progress.totalBytes,
      done_files: progress.doneFiles,
      total_files: progress.totalFiles,
    },
    result: job.status === 'done' ? resultOf(job, forAdmin) : null,
    failure: failure && { code: failure.code, detail: (forAdmin && failure.adminDetail) || failure.detail },
    created: isoTime(job.createdAt),
    started: job.startedAt === null ? null : isoTime(job.startedAt),
    ended: job.endedAt === null ? null : isoTime(job.endedAt),
  }
}

/** Why a backup left a folder out, or old ones stay, may name host paths. */
function resultOf({ result }: Job, forAdmin: boolean): Job['result'] {
  if (forAdmin || result === null) return result
  const { left_out: leftOut, old_ones_stay: stay } = result
  return {
    ...result,
    ...(Array.isArray(leftOut) && { left_out: leftOut.map((each) => ({ ...each, reason: forAdmins })) }),
    ...(typeof stay === 'string' && { old_ones_stay: forAdmins }),
  }
}

const forAdmins = 'The reason is for administrators with all rights.'
