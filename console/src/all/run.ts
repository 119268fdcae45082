import { useSyncExternalStore } from 'react'
import type { Environment } from '../api/bodies.ts'
import { call, part, Refusal } from '../api/call.ts'
import { stopsForAnotherPerson } from '../api/page-owner.ts'
import { fewAtOnce } from './few-at-once.ts'
import type { ManyAct } from './plan.ts'

export type Refused = { id: string; name: string; userId: string; error: unknown }

/** An act on many environments. It goes on while the person looks at other pages. */
export type Run = {
  act: ManyAct
  total: number
  done: number
  refused: readonly Refused[]
  state: 'going' | 'over' | 'stopped'
}

const atOnce = 4
const shownEveryMs = 100

let run: Run | null = null
let stopping: AbortController | null = null
const listeners = new Set<() => void>()

function show(next: Run | null): void {
  run = next
  for (const listener of listeners) listener()
}

export function useRun(): Run | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => run,
  )
}

/** Begins the act on all of them, unless another run is under way. The stream of events brings the changes to the page. */
export async function beginRun(act: ManyAct, environments: readonly Environment[]): Promise<void> {
  if (run?.state === 'going') return
  const controller = new AbortController()
  stopping = controller
  let state: Run = { act, total: environments.length, done: 0, refused: [], state: 'going' }
  let shownAt = 0
  show(state)
  // A closed tab would break the act off. After a stop the browser asks no more, for the page may be loaded anew for another person.
  addEventListener('beforeunload', (event) => event.preventDefault(), { signal: controller.signal })
  await fewAtOnce(environments, ({ id }) => ask(act, id), {
    atOnce,
    signal: controller.signal,
    isEnd: (error) => !(error instanceof Refusal) || error.status === 401, // the service is away, or the session over
    onDone: ({ id, name, user_id: userId }, error) => {
      const refused = error === null ? state.refused : [...state.refused, { id, name, userId, error }]
      state = { ...state, done: state.done + 1, refused }
      if (performance.now() - shownAt < shownEveryMs) return
      shownAt = performance.now()
      show(state)
    },
  })
  controller.abort()
  show({ ...state, state: state.done < state.total ? 'stopped' : 'over' })
}

async function ask(act: ManyAct, id: string): Promise<void> {
  try {
    if (act === 'delete') await call('DELETE', `environments/${part(id)}`)
    else await call('POST', `environments/${part(id)}/${act}`)
  } catch (error) {
    const isGone = error instanceof Refusal && error.status === 404
    if (!(isGone && act === 'delete')) throw error
  }
}

/** Begins nothing more. */
export function stopRun(): void {
  stopping?.abort()
}

stopsForAnotherPerson(stopRun)

export function forgetRun(): void {
  if (run?.state !== 'going') show(null)
}
