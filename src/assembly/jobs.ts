/** Long work. The capabilities that have some define it here. */
import { jobRoutes } from '../http/routes/jobs.ts'
import { createJobs, type Jobs } from '../jobs/jobs.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { PeoplePart } from './people.ts'
import { jobsLog } from './service-log.ts'

export type JobsPart = Capability & { jobs: Jobs }

export function assembleJobs(
  { jobStore, clock, logger, closing, takePlace, onError }: Base,
  { rights }: PeoplePart,
): JobsPart {
  const jobs = createJobs({ store: jobStore, clock, log: jobsLog(logger), closing, onError })
  return {
    jobs,
    routes: { signedIn: (app) => jobRoutes(app, { jobs, takePlace, rights, closing }) },
    work: jobs.work,
  }
}
