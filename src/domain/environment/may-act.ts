import type { Environment, Status } from './environment.ts'

type Given = { desired: Environment['desired']; status: Status }

/** Whether it can be paused; a repeated request counts too, and so does one during the pause of a backup. Pure. */
export function mayPause({ desired, status }: Given): boolean {
  return desired === 'paused' || status === 'running' || (status === 'paused' && desired === 'running')
}

/** Whether it can be resumed; a repeated request counts too. Pure. */
export function mayResume({ desired }: Pick<Given, 'desired'>): boolean {
  return desired === 'paused' || desired === 'running'
}
