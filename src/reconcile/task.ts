import type { Activity, Container, Environment } from '../domain/environment/environment.ts'
import type { Image } from '../domain/environment/image.ts'
import type { PullState } from '../domain/environment/pull.ts'
import type { Runtime } from '../domain/environment/status.ts'
import type { EndPhase } from '../ports/measures.ts'

/** One environment's reconciliation: what is known of it, and the pass that may be running. */
export type Track = Omit<Runtime, 'queuePlace'> & {
  /** What its status depends on of the record that was read last; null before the first. */
  wanted: Wanted | null
  /** When the engine was asked for it alone last, by the steady clock: a list that was begun before is older. */
  lookedAt: number
  /** The container's start at which the environment was seen ready. */
  readyFor: number | null
  /** When it was started lately, by the steady clock, to notice one that ends again and again. */
  starts: number[]
  /**
   * The engine's id of the container that was seen up last: of its end, and of no earlier one, is asked who wanted it.
   * Undefined before the first look: what the service finds ended may have been stopped while it was away.
   */
  seenUp: string | null | undefined
  /** Ends the measure of its way to running; null while it is on none. */
  way: EndPhase | null
  pass: Promise<void> | null
  again: boolean
  /** Aborts what a running pass waits for, when something else is desired. Engine calls are let finish. */
  interruption: AbortController
}

export function newTrack(): Track {
  return {
    wanted: null,
    seen: null,
    activity: null,
    pull: null,
    note: null,
    lookedAt: Number.NEGATIVE_INFINITY,
    readyFor: null,
    starts: [],
    seenUp: undefined,
    way: null,
    pass: null,
    again: false,
    interruption: new AbortController(),
  }
}

export type Wanted = Pick<Environment, 'desired' | 'failure' | 'restartRequestedAt' | 'replaceContainer'>

/** No more than that: there may be ten thousand. */
export function wantedOf({ desired, failure, restartRequestedAt, replaceContainer }: Environment): Wanted {
  return { desired, failure, restartRequestedAt, replaceContainer }
}

/** What an executor gets: the record, how to tell what it does, and the signal that ends its waits. */
export type Task = {
  environment: Environment
  track: Track
  /**
   * The engine's own id of the container that was judged, or made since: another may have taken its name. Its name while
   * there is none.
   */
  container: string
  /** When that container was started, as it was when it was judged: what is seen of it may be lost meanwhile. */
  startedAt: number | null
  /** What the container is to be made from, once it was fetched. */
  image?: Image
  signal: AbortSignal
  tell: (activity: Activity) => void
  tellPull: (pull: PullState) => void
}

/** Whether the environment has answered since its container was started. */
export function isReady(track: Pick<Track, 'readyFor'>, container: Container): boolean {
  return container.startedAt !== null && container.startedAt === track.readyFor
}

/** The container that the plan is about. */
export function judgedOf({
  environment,
  track: { seen },
}: Pick<Task, 'environment' | 'track'>): Pick<Task, 'container' | 'startedAt'> {
  switch (seen?.observation.kind) {
    case 'container':
      return { container: seen.observation.containerId, startedAt: seen.observation.startedAt }
    case 'foreign':
      return { container: seen.observation.container.containerId, startedAt: null }
    default:
      return { container: environment.id, startedAt: null }
  }
}
