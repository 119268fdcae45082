import type { Job } from '../api/bodies.ts'
import { isUnderWay } from '../jobs/job-words.ts'
import { maySucceedLater, waitAfter } from '../uploads/faults.ts'

const askedEveryMs = 2_500

type Asking = { look: (id: string) => Promise<Job>; wait: (ms: number) => Promise<void> }

/**
 * Asks now and then how a copy goes, until it has ended: requests that wait would use up the few connections that a browser opens to the
 * service. A refusal that may not last ends nothing, because the copy goes on. @throws what `look` throws for good
 */
export async function endOfCopy(begun: Job, { look, wait }: Asking): Promise<Job> {
  let job = begun
  let waitMs = askedEveryMs
  while (isUnderWay(job)) {
    await wait(waitMs)
    waitMs = askedEveryMs
    job = await look(job.id).catch((error: unknown) => {
      if (!maySucceedLater(error)) throw error
      waitMs = waitAfter(error, askedEveryMs)
      return job
    })
  }
  return job
}
