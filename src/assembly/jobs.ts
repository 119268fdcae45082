/** Long work. The capabilities that have some define it here. */
import type { UserId } from '../domain/people/user-id.ts'
import { jobRoutes } from '../http/routes/jobs.ts'
import { createJobs, type Jobs } from '../jobs/jobs.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { PeoplePart } from './people.ts'
import { jobsLog } from './service-log.ts'

export type JobsPart = Capability & { jobs: Jobs }

export function assembleJobs(
  { accounts, jobStore, clock, logger, closing, takePlace, onError }: Base,
  { rights }: PeoplePart,
): JobsPart {
  const since = async (id: UserId) => (await accounts.account(id))?.createdAt ?? null
  const jobs = createJobs({ store: jobStore, since, clock, log: jobsLog(logger), closing, onError })
  return {
    jobs,
    routes: { signedIn: (app) => jobRoutes(app, { jobs, takePlace, rights, closing }) },
    work: jobs.work,
  }
}
