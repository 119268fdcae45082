/**
 * The heart: what to do now to bring one environment from what was observed to what is desired.
 *
 * INVARIANTS
 * - Pure and total: no clock, no I/O; every combination has an answer, and [] means: do nothing.
 * - If the engine does not answer, do nothing: its silence does not mean that the container is stopped.
 * - Nothing is created or started while the data root is not proven.
 * - Do not touch a container that may be somebody else's, unless somebody asked to replace that very container.
 * - No step touches data: the container is disposable, the data root is not.
 */
import { labels } from '../names.ts'
import type { Container, Environment, Failure, Observation } from './environment.ts'

export type Step =
  | { kind: 'hold' }
  | { kind: 'record-image' }
  | { kind: 'ensure-folder' }
  | { kind: 'fetch-image' }
  | { kind: 'create' }
  | { kind: 'start' }
  | { kind: 'await-ready' }
  | { kind: 'pause' }
  | { kind: 'unpause' }
  | { kind: 'stop' }
  | { kind: 'remove' }
  | { kind: 'settle-as-stopped' }
  | { kind: 'forget' }

/** Each step as a person reads it in a log. */
export const sentences = {
  hold: 'wait until the data root is proven',
  'record-image': 'record the image that the container was made from',
  'ensure-folder': "make sure that the person's folder is there",
  'fetch-image': 'make sure that the image is there',
  create: 'create the container',
  start: 'start the container',
  'await-ready': 'wait until the environment answers',
  pause: 'pause the container',
  unpause: 'resume the container',
  stop: 'stop the container',
  remove: 'remove the container',
  'settle-as-stopped': 'record the environment as stopped',
  forget: 'forget the record',
} as const satisfies Record<Step['kind'], string>

type Wanted = Pick<Environment, 'desired' | 'restartRequestedAt' | 'replaceContainer' | 'failure' | 'madeFrom' | 'safe'>

/**
 * What a pass knows besides the record: what the engine shows, whether the environment has answered since it started, and
 * whether somebody else stopped it.
 */
export type Seen = { observation: Observation; ready: boolean; stoppedByHand?: boolean }

export function plan(wanted: Wanted, seen: Seen, proven: boolean): Step[] {
  const next = nextSteps(wanted, seen, proven)
  return lacksImage(wanted, seen.observation) ? [...steps('record-image'), ...next] : next
}

/**
 * Whether the image of the container is still to be recorded: the record dates from before images were, or there was no newer
 * image. A container without a record in its labels is left out: its image is an earlier platform's.
 */
function lacksImage({ madeFrom, desired }: Wanted, seen: Observation): boolean {
  return madeFrom === null && desired !== 'gone' && seen.kind === 'container' && labels.record in seen.labels
}

function nextSteps(wanted: Wanted, seen: Seen, proven: boolean): Step[] {
  const { observation } = seen
  if (observation.kind === 'unreachable') return []
  if (wanted.desired === 'running' && wanted.failure) return failed(wanted.failure, seen)
  const replaced = toReplace(wanted, observation)
  if (replaced && mayGo(wanted, observation)) {
    return proven ? replacing(wanted.desired, replaced) : untilProven(wanted.desired, observation)
  }
  // While the data root is not proven, a container that looks foreign may be ours: perhaps only the settings are wrong.
  if (observation.kind === 'foreign') return wanted.desired === 'gone' && proven ? steps('forget') : []
  switch (wanted.desired) {
    case 'gone':
      return observation.kind === 'absent' ? steps('forget') : steps('remove', 'forget')
    case 'stopped':
      return observation.kind === 'container' && isUp(observation) ? stopping(observation) : []
    case 'paused':
      return wanted.failure ? [] : pausing(observation) // a failed environment stays as it is until somebody asks again
    case 'running':
      return running(wanted.restartRequestedAt, seen, proven)
  }
}

/** The container that is to be replaced with a new one. */
export function toReplace(
  { replaceContainer, madeFrom, safe }: Pick<Wanted, 'replaceContainer' | 'madeFrom' | 'safe'>,
  seen: Observation,
): Container | null {
  const container = seen.kind === 'container' ? seen : seen.kind === 'foreign' ? seen.container : null
  if (container && container.containerId === replaceContainer) return container
  if (seen.kind !== 'container' || !(labels.record in seen.labels)) return null
  // Somebody asked for the latest image, or for a safe start, while this container was being made without it.
  return madeFrom === 'latest' || !isOfMode(seen, safe) ? seen : null
}

/** Whether this service made the container for safe starts, or for others. An earlier platform made its containers for neither. */
export function isOfMode({ labels: marks }: Pick<Container, 'labels'>, safe: boolean): boolean {
  return labels.record in marks && labels.safe in marks === safe
}

/**
 * Whether a container that is to be replaced is to go in this desired state. Ours stays while the environment is paused. It also stays
 * while the environment is stopped, if nobody knows yet whether there is a newer image, or if its replacement is for another mode: the
 * next start sees to the new one first, or goes on with this one.
 */
function mayGo({ desired, madeFrom, safe }: Wanted, seen: Observation): boolean {
  if (seen.kind !== 'container') return true
  const isOfOtherMode = labels.safe in seen.labels !== safe
  return desired === 'running' || (desired === 'stopped' && madeFrom !== 'latest' && !isOfOtherMode)
}

/**
 * Remove the old container. Then the desired state decides, as for any environment without a container. While there is no image
 * for a new one, a container that is to run stays. It also stays if the person's folder is away: it may be the last one to see that
 * folder.
 */
function replacing(desired: Environment['desired'], seen: Container): Step[] {
  const removing = [...(isUp(seen) ? stopping(seen) : []), ...steps('remove')]
  if (desired !== 'running') return removing
  return [...steps('fetch-image', 'ensure-folder'), ...removing, ...steps('create', 'start', 'await-ready')]
}

/** Our own container may be stopped without a proof. */
function untilProven(desired: Environment['desired'], seen: Observation): Step[] {
  return desired === 'stopped' && seen.kind === 'container' && isUp(seen) ? stopping(seen) : steps('hold')
}

/**
 * Leave a failed environment as it is until somebody asks again. But if it did not get ready in time, stop it: it must
 * not go on using the machine.
 */
function failed({ code }: Failure, { observation, ready }: Seen): Step[] {
  const runsOn = observation.kind === 'container' && observation.state === 'running' && !ready
  return runsOn && code === 'not-ready-in-time' ? steps('stop') : []
}

function running(
  restartRequestedAt: number | null,
  { observation: seen, ready, stoppedByHand }: Seen,
  proven: boolean,
): Step[] {
  if (seen.kind !== 'container') return proven ? steps('fetch-image', 'create', 'start', 'await-ready') : steps('hold')
  switch (seen.state) {
    case 'exited':
      // If someone ran `docker stop`, leave it stopped. Our own stop during a restart does not count.
      if (stoppedByHand && !restartDue(restartRequestedAt, seen)) return steps('settle-as-stopped')
      return proven ? steps('start', 'await-ready') : steps('hold')
    case 'created':
      return proven ? steps('start', 'await-ready') : steps('hold')
    case 'dead':
      return proven ? steps('remove', 'fetch-image', 'create', 'start', 'await-ready') : steps('hold')
    case 'removing':
    case 'restarting':
      return [] // on its way to another state, whose event brings the next pass
    case 'paused':
      return restartDue(restartRequestedAt, seen) ? restarting(seen, proven) : steps('unpause')
    case 'running':
      if (restartDue(restartRequestedAt, seen)) return restarting(seen, proven)
      return ready ? [] : steps('await-ready')
  }
}

function restarting(seen: Container, proven: boolean): Step[] {
  return proven ? [...stopping(seen), ...steps('start', 'await-ready')] : steps('hold')
}

function pausing(seen: Observation): Step[] {
  if (seen.kind === 'container' && seen.state === 'running') return steps('pause')
  // A paused process lives in memory only: after the end of its container there is nothing left to resume.
  return seen.kind === 'container' && isUp(seen) ? [] : steps('settle-as-stopped')
}

function stopping(seen: Container): Step[] {
  return seen.state === 'paused' ? steps('unpause', 'stop') : steps('stop')
}

/** Whether somebody asked for a restart since the container was started. Both times are by the engine's clock. */
export function restartDue(requestedAt: number | null, seen: Pick<Container, 'startedAt'>): boolean {
  return requestedAt !== null && seen.startedAt !== null && seen.startedAt <= requestedAt
}

/** Whether the service is to stop, restart or replace a container that is up. */
export function isToEnd(
  {
    desired,
    restartRequestedAt,
    replaceContainer,
  }: Pick<Wanted, 'desired' | 'restartRequestedAt' | 'replaceContainer'>,
  run: Pick<Container, 'containerId' | 'startedAt'>,
): boolean {
  if (desired === 'stopped') return true
  return desired === 'running' && (replaceContainer === run.containerId || restartDue(restartRequestedAt, run))
}

export function isUp(seen: Container): boolean {
  return seen.state === 'running' || seen.state === 'paused' || seen.state === 'restarting'
}

function steps(...kinds: Step['kind'][]): Step[] {
  return kinds.map((kind) => ({ kind }))
}
