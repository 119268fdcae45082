/** The news of one environment's present run: its stream tells them, its record does not have them. */
import { type Coming, mayKeepGoing } from './coming.ts'

export type Pull = {
  image: string
  percent: number | null
  current_bytes: number
  total_bytes: number
  bytes_per_second: number | null
  layers: { id: string; phase: LayerPhase; current_bytes: number; total_bytes: number | null }[]
}
type LayerPhase = 'waiting' | 'downloading' | 'retrying' | 'downloaded' | 'extracting' | 'done' | 'present'
export type Phase = 'queued' | 'pulling' | 'creating' | 'starting' | 'awaiting_ready' | 'stopping'
/** How long it took until its server answered, and each phase of that. */
export type Ready = { took_ms: number; phases: Partial<Record<`${Phase}_ms`, number>> }
/** That its memory ran out. */
export type Kill = { at: string; limit_bytes: number; reason: string }

export type Told = {
  place: number | null
  pull: Pull | null
  /** The newest warning of each cause. */
  comings: readonly Coming[]
  ready: Ready | null
  kills: readonly Kill[]
}
export type Telling = {
  phase: { phase: string }
  status: { status: string }
  queued: { place: number }
  pulling: Pull
  warning: Coming
  ready: Ready
  'out-of-memory': Kill
}

export const nothingTold: Told = { place: null, pull: null, comings: [], ready: null, kills: [] }

/** Adds one event to the news. The stream may tell an event again after a broken connection. Pure. */
export function withTold<Kind extends keyof Telling>(told: Told, kind: Kind, event: Telling[Kind]): Told {
  return then[kind](told, event)
}

const then: { [Kind in keyof Telling]: (told: Told, event: Telling[Kind]) => Told } = {
  phase: ({ comings, kills }) => ({ ...nothingTold, comings, kills }),
  status: (told, { status }) => ({
    ...told,
    // Each run of the container has its memory and its longest time to itself.
    comings: status === 'starting' ? [] : told.comings.filter((coming) => !mayKeepGoing(coming)),
    kills: status === 'starting' ? [] : told.kills,
  }),
  queued: (told, { place }) => ({ ...told, place }),
  pulling: (told, pull) => ({ ...told, pull }),
  warning: (told, coming) => ({
    ...told,
    comings: [...told.comings.filter(({ cause }) => cause !== coming.cause), coming],
  }),
  ready: (told, ready) => ({ ...told, ready }),
  'out-of-memory': (told, kill) => ({ ...told, kills: [...told.kills.filter(({ at }) => at !== kill.at), kill] }),
}
