import type { Environment } from '../environment/environment.ts'
import { Problem } from '../problem.ts'

const soon = 2
const later = 30

type Wanted = Pick<Environment, 'id' | 'desired' | 'failure'>

/** Why a request cannot go on to an environment whose server is not there, and what to do. By the record alone. */
export function notRunning({ id, desired, failure }: Wanted): Problem {
  const call = (action: string) => `POST /api/environments/${id}/${action}`
  if (failure) {
    return unavailable(`${id} has failed: GET /api/environments/${id} says why. ${call('start')} tries again.`, later)
  }
  switch (desired) {
    case 'running':
      return unavailable(`${id} is starting. GET /api/environments/${id} tells how far it is.`, soon)
    case 'paused':
      return unavailable(`${id} is paused. ${call('resume')} resumes it.`, later)
    case 'stopped':
      return unavailable(`${id} is stopped. ${call('start')} starts it.`, later)
    case 'gone':
      return unavailable(`${id} is being deleted.`, soon)
  }
}

function unavailable(detail: string, retryAfterSeconds: number): Problem {
  return new Problem('environment-not-running', detail, { retryAfterSeconds })
}
