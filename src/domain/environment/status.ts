import { idleWords } from '../idle/idle-words.ts'
import type { Activity, Environment, Status } from './environment.ts'
import type { OutOfMemory } from './out-of-memory.ts'
import { isToEnd, isUp, type Seen } from './plan.ts'
import type { PullState } from './pull.ts'

const statusOfActivity = {
  queued: 'pending',
  pulling: 'pulling',
  creating: 'creating',
  starting: 'starting',
  'awaiting-ready': 'starting',
  stopping: 'stopping',
} as const satisfies Record<Activity, Status>

/** The status that people read. `seen` is null until the first pass after the service's start. */
export function statusOf(
  wanted: Pick<Environment, 'desired' | 'failure' | 'restartRequestedAt' | 'replaceContainer'>,
  seen: Seen | null,
  activity: Activity | null,
): Status {
  if (seen === null || seen.observation.kind === 'unreachable') return 'unknown'
  if (wanted.desired === 'gone') return 'stopping'
  if (activity) return statusOfActivity[activity]
  if (seen.observation.kind === 'foreign') return 'failed'
  if (wanted.failure) return 'failed'
  const up = wanted.desired === 'running'
  if (seen.observation.kind === 'absent') return up ? 'pending' : 'exited'
  switch (seen.observation.state) {
    case 'running':
      return isToEnd(wanted, seen.observation) ? 'stopping' : seen.ready ? 'running' : 'starting'
    case 'paused':
      return isToEnd(wanted, seen.observation) ? 'stopping' : 'paused'
    case 'created':
      return up ? 'pending' : 'exited'
    case 'restarting':
      return 'starting'
    case 'removing':
      return 'stopping'
    case 'exited':
    case 'dead':
      return up ? 'pending' : 'exited'
  }
}

/** Why an environment waits, in words for everybody and for administrators. */
export type Note = { detail: string; adminDetail: string }

/** The reconciler's knowledge of an environment beyond its record. */
export type Runtime = {
  seen: Seen | null
  activity: Activity | null
  /** How many environments are ahead of it in the queue. */
  queuePlace: number | null
  /** The progress of its image, while the engine pulls it. */
  pull: PullState | null
  note: Note | null
  /** When somebody last asked for another state, until that is reached. Milliseconds since the epoch; null if not known. */
  requestedAt: number | null
  /** That memory ran out in its container; null if it did not, or if that is not known. */
  outOfMemory: OutOfMemory | null
}

export const unknownRuntime: Runtime = {
  seen: null,
  activity: null,
  queuePlace: null,
  pull: null,
  note: null,
  requestedAt: null,
  outOfMemory: null,
}

type Wanted = Pick<Environment, 'desired' | 'failure' | 'idleAction'>

/** The reason for the status; null if the status needs none. */
export function statusWords(wanted: Wanted, runtime: Runtime): Note | null {
  const { seen, activity, queuePlace, note } = runtime
  if (seen?.observation.kind === 'unreachable') return forEverybody(seen.observation.reason)
  if (activity === 'queued') {
    return forEverybody(`It waits for its turn to start: number ${(queuePlace ?? 0) + 1} in the queue.`)
  }
  if (activity) return null
  const words = seen?.observation.kind === 'foreign' ? seen.observation : (wanted.failure ?? note)
  if (words) return words
  const others = idleWords(wanted) ?? memoryWords(wanted, runtime)
  return others === null ? null : forEverybody(others)
}

/** Why a program in an environment that is to stay up was killed, as long as its container is the same run. */
function memoryWords({ desired }: Wanted, { seen, outOfMemory }: Runtime): string | null {
  if (desired === 'stopped' || desired === 'gone') return null
  const isSameRun =
    seen?.observation.kind === 'container' &&
    isUp(seen.observation) &&
    seen.observation.startedAt === outOfMemory?.startedAt
  return isSameRun ? outOfMemory.words : null
}

/** The reason in the words for this reader: administrators read more. */
export function statusReason(wanted: Wanted, runtime: Runtime, forAdmin: boolean): string | null {
  const words = statusWords(wanted, runtime)
  return words && (forAdmin ? words.adminDetail : words.detail)
}

function forEverybody(detail: string): Note {
  return { detail, adminDetail: detail }
}
