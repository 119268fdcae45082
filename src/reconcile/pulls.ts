import {
  bytesPerSecond,
  type PullProgress,
  type PullSample,
  type PullState,
  percentOf,
  withSample,
} from '../domain/environment/pull.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'

export type Pulls = {
  /**
   * Waits until the image is there. All callers who wait for one image share one pull, and are told its progress, even
   * if they come later. The pull ends when the last caller leaves.
   */
  pull(image: string, options: { signal: AbortSignal; onState: (state: PullState) => void }): Promise<void>
}

type Listener = { onState: (state: PullState) => void }

type Pull = { done: Promise<void>; waiting: Set<Listener>; state: () => PullState | null; abort: AbortController }

type MeterClock = Pick<Clock, 'steady' | 'after'>

// Engines report each layer ten times a second; people cannot see more changes than this.
const tellEveryMs = 250

export function createPulls({ engine, clock }: { engine: Engine; clock: MeterClock }): Pulls {
  const running = new Map<string, Pull>()

  function join(image: string): Pull {
    const present = running.get(image)
    if (present) return present
    const abort = new AbortController()
    const waiting = new Set<Listener>()
    const meter = createMeter(image, clock, (state) => {
      for (const { onState } of waiting) onState(state)
    })
    const done = engine.pull(image, meter.add, { signal: abort.signal }).finally(meter.end)
    const pull: Pull = { done, waiting, state: meter.state, abort }
    running.set(image, pull)
    const forget = () => running.get(image) === pull && running.delete(image)
    pull.done.then(forget, forget) // the callers are told of a failure
    return pull
  }

  return {
    async pull(image, { signal, onState }) {
      signal.throwIfAborted()
      const pull = join(image)
      const listener = { onState }
      pull.waiting.add(listener)
      const state = pull.state()
      if (state) onState(state)
      const { promise: left, reject } = Promise.withResolvers<never>()
      const leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      try {
        await Promise.race([pull.done, left])
      } finally {
        signal.removeEventListener('abort', leave)
        pull.waiting.delete(listener)
        if (pull.waiting.size === 0) {
          if (running.get(image) === pull) running.delete(image) // the next caller begins a new pull
          pull.abort.abort()
        }
      }
    },
  }
}

/**
 * Makes states of the engine's reports: at the first report, at the end, and four times a second in between, even when
 * the engine is silent, because then the rate falls.
 */
function createMeter(image: string, clock: MeterClock, tell: (state: PullState) => void) {
  let progress: PullProgress | null = null
  let isNew = false
  let samples: PullSample[] = []
  let state: PullState | null = null
  let cancel = () => {}

  function measure(): void {
    if (!progress) return
    samples = withSample(samples, { at: clock.steady(), bytes: progress.currentBytes })
    const rate = bytesPerSecond(samples)
    if (!isNew && rate === state?.bytesPerSecond) return
    isNew = false
    state = { image, ...progress, percent: percentOf(progress.layers), bytesPerSecond: rate }
    tell(state)
  }

  function tick(): void {
    cancel = clock.after(tellEveryMs, tick)
    measure()
  }

  return {
    state: () => state,
    add(now: PullProgress): void {
      const isFirst = progress === null
      progress = now
      isNew = true
      if (isFirst) tick()
    },
    end(): void {
      cancel()
      measure()
    },
  }
}
