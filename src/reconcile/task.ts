import type { Activity, Container, Environment } from '../domain/environment/environment.ts'
import type { Image } from '../domain/environment/image.ts'
import type { PullState } from '../domain/environment/pull.ts'
import type { Runtime } from '../domain/environment/status.ts'
import type { EndPhase } from '../ports/measures.ts'

/** One environment's reconciliation: its known state, and the pass that may be running. */
export type Track = Omit<Runtime, 'queuePlace'> & {
  /** The fields of the record, as last read, that its status depends on; null before the first read. */
  wanted: Wanted | null
  /**
   * When the engine was last asked for this environment alone, by the steady clock: a list that began before that is
   * older.
   */
  lookedAt: number
  /** The start time of the container when the environment was seen ready. */
  readyFor: number | null
  /** Its latest starts, by the steady clock, to notice an environment that ends again and again. */
  starts: number[]
  /**
   * The engine's id of the container that was last seen up. The service asks who ended it, and asks this of no earlier
   * container. Undefined before the first look: somebody may have stopped a container while the service was away.
   */
  seenUp: string | null | undefined
  /** The engine's latest report, of those heeded since the last start, that memory ran out in it: by the engine's clock. */
  memoryRanOutAt: number | null
  /** Before this time, by the steady clock, the service does not try again by itself. */
  notBefore: number
  /** Ends the measure of its way to running; null if nothing is being measured. */
  way: EndPhase | null
  pass: Promise<void> | null
  again: boolean
  /** Aborts the waits of a running pass when something else is desired. Calls to the engine may finish. */
  interruption: AbortController
}

export function newTrack(): Track {
  return {
    wanted: null,
    seen: null,
    activity: null,
    pull: null,
    note: null,
    requestedAt: null,
    outOfMemory: null,
    memoryRanOutAt: null,
    lookedAt: Number.NEGATIVE_INFINITY,
    readyFor: null,
    starts: [],
    seenUp: undefined,
    notBefore: Number.NEGATIVE_INFINITY,
    way: null,
    pass: null,
    again: false,
    interruption: new AbortController(),
  }
}

export type Wanted = Pick<Environment, 'desired' | 'failure' | 'restartRequestedAt' | 'replaceContainer'>

/** Keeps only these fields: there may be ten thousand environments. */
export function wantedOf({ desired, failure, restartRequestedAt, replaceContainer }: Wanted): Wanted {
  return { desired, failure, restartRequestedAt, replaceContainer }
}

/** The input of an executor: the record, functions to report what it does, and the signal that ends its waits. */
export type Task = {
  environment: Environment
  track: Track
  /**
   * The engine's own id of the container that was judged, or made since: another container may have taken its name. If
   * there is no container, its name.
   */
  container: string
  /** The start time of that container when it was judged: `track.seen` may lose it meanwhile. */
  startedAt: number | null
  /** The image to make the container from, once it was fetched. */
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
