import type { Environment } from '../api/bodies.ts'

type Status = Environment['status']
type Action = NonNullable<Environment['transition']>['action']
type Word = `status.${Status}` | `acting.${Action}`

const colours: Record<Status, string> = {
  pending: 'blue.4',
  pulling: 'blue.6',
  creating: 'blue.6',
  starting: 'blue.6',
  running: 'green.7',
  paused: 'yellow.7',
  stopping: 'gray.6',
  exited: 'gray.6',
  failed: 'red.7',
  unknown: 'orange.7',
}

// These statuses say enough about the way to the next one.
const tellsItself = new Set<Status>(['pending', 'pulling', 'creating', 'starting', 'stopping', 'failed', 'unknown'])

/** How a status is shown: while an act is under way from a status that would look settled, the act has the word. Pure. */
export function signOf({ status, transition }: Pick<Environment, 'status' | 'transition'>): {
  colour: string
  word: Word
  moves: boolean
} {
  const word: Word = transition && !tellsItself.has(status) ? `acting.${transition.action}` : `status.${status}`
  return { colour: colours[status], word, moves: transition !== null && status !== 'failed' }
}

/** Whether it waits for its turn or its image, of which its own stream tells more. Pure. */
export function waits({ status }: Pick<Environment, 'status'>): boolean {
  return status === 'pending' || status === 'pulling'
}

/** Whether its stream has more to tell than its record: it is on its way, or may be paused, or its memory may run out. Pure. */
export function isUp({ status }: Pick<Environment, 'status'>): boolean {
  return status !== 'exited' && status !== 'failed'
}

/** Whether the platform pauses or stops it when nobody uses it. Pure. */
export function isUsed({ status }: Pick<Environment, 'status'>): boolean {
  return status === 'running' || status === 'paused'
}
