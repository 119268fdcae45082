import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasEnded, type Job } from '../../domain/jobs/job.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { App } from '../app-type.ts'
import { callerOf, maySeeHostPaths } from '../authenticate.ts'
import { fromTimeCursor, toTimeCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { holdRight, type RightsUses, requireHeld } from '../hold-right.ts'
import type { TakePlace } from '../places.ts'
import { defaultLimit } from '../schemas/common.ts'
import { jobBody, jobParams, jobsBody, jobsQuery, toJobBody } from '../schemas/job.ts'
import { prefer, waitSeconds } from '../wait.ts'

const tags = ['jobs']

export type JobsUses = { jobs: Jobs; takePlace: TakePlace } & RightsUses

/** Long work: list it, look at it, wait for it, cancel it. */
export function jobRoutes(app: App, uses: JobsUses): void {
  const { jobs } = uses
  app.get(
    '/jobs',
    {
      schema: {
        tags,
        operationId: 'listJobs',
        summary: 'List long work, newest first',
        description:
          "Your own; for an administrator everybody's. Of those that ended more than 30 days ago, only the last of each kind and the last verification of each dataset are listed.",
        querystring: jobsQuery,
        response: { 200: answer(jobsBody, 'A page of jobs') },
      },
    },
    async (request) => {
      const { user_id, kind, limit, cursor } = request.query
      const page = { after: fromTimeCursor(cursor), limit: limit ?? defaultLimit }
      const { items, next } = await jobs.page(callerOf(request), { userId: user_id, kind }, page)
      const forAdmin = maySeeHostPaths(request)
      return { items: items.map((job) => toJobBody(job, forAdmin)), next_cursor: toTimeCursor(next) }
    },
  )

  app.get(
    '/jobs/:id',
    {
      config: { problems: ['job-not-found', 'too-many-at-once'] },
      schema: {
        tags,
        operationId: 'getJob',
        summary: 'One job, or its end with `Prefer: wait=55`',
        params: jobParams,
        headers: z.object({ prefer }),
        response: { 200: answer(jobBody, 'The job', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      const job = await untilEnded(request, reply, uses, () => jobs.one(callerOf(request), request.params.id))
      return toJobBody(job, maySeeHostPaths(request))
    },
  )

  app.post(
    '/jobs/:id/cancel',
    {
      config: { problems: ['job-not-found', 'wrong-state'] },
      schema: {
        tags,
        operationId: 'cancelJob',
        summary: 'Cancel a job; it leaves nothing half',
        params: jobParams,
        response: { 200: answer(jobBody, 'The job, which has ended, or ends in a moment') },
      },
    },
    async (request) => toJobBody(await jobs.cancel(callerOf(request), request.params.id), maySeeHostPaths(request)),
  )
}

/** Begins or finds a job, and waits for its end as far as the request prefers to. */
export async function untilEnded(
  request: FastifyRequest,
  reply: FastifyReply,
  { jobs, takePlace, ...rights }: JobsUses,
  find: () => Promise<Job>,
): Promise<Job> {
  const caller = callerOf(request)
  const seconds = waitSeconds(request.headers.prefer?.toString())
  using _place = seconds > 0 ? takePlace('waits', caller) : null // before the work begins
  const job = await find()
  if (seconds === 0 || hasEnded(job)) return job
  reply.header('preference-applied', `wait=${seconds}`)
  const signal = holdRight(request, reply, rights)
  const after = await jobs.untilEnded(caller, job.id, { limitMs: seconds * 1000, signal })
  requireHeld(signal)
  return after
}

/** The same for a request that begins a job: the answer is 202, with the address of the job. */
export async function answerBegun(
  request: FastifyRequest,
  reply: FastifyReply,
  uses: JobsUses,
  begin: () => Promise<Job>,
): Promise<z.infer<typeof jobBody>> {
  const job = await untilEnded(request, reply, uses, begin)
  reply.code(202).header('location', `/api/jobs/${job.id}`)
  return toJobBody(job, maySeeHostPaths(request))
}
