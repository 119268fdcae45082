import type { Environment, Status } from '../environment/environment.ts'
import { Problem } from '../problem.ts'

const soon = 2
const later = 30

/** Why a request cannot go on to an environment in this status, and what to do. */
export function notRunning({ id }: Pick<Environment, 'id'>, status: Status): Problem {
  const call = (action: string) => `POST /api/environments/${id}/${action}`
  switch (status) {
    case 'pending':
    case 'pulling':
    case 'creating':
    case 'starting':
      return unavailable(`${id} is ${status}. Ask again when it runs.`, soon)
    case 'stopping':
      return unavailable(`${id} is stopping.`, soon)
    case 'paused':
      return unavailable(`${id} is paused. ${call('resume')} resumes it.`, later)
    case 'exited':
      return unavailable(`${id} is stopped. ${call('start')} starts it.`, later)
    case 'failed':
      return unavailable(`${id} has failed: GET /api/environments/${id} says why. ${call('start')} tries again.`, later)
    case 'unknown':
      return unavailable(`The container engine does not answer, so nobody knows whether ${id} runs.`, later)
    case 'running':
      return unavailable(`${id} runs, but its address is not known yet.`, soon)
  }
}

function unavailable(detail: string, retryAfterSeconds: number): Problem {
  return new Problem('environment-not-running', detail, { retryAfterSeconds })
}
