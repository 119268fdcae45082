import { Turns } from './turns.ts'

type Clock = { steady(): number; after(ms: number, call: () => void): () => void }
type Lane = { turns: Turns; users: number }

const restsPerWork = 9
const shortestRestMs = 50
const longestRestMs = 2_000

/**
 * Runs work with the same key one after another, with a rest after each: nine times as long as the work took, 2 s at most.
 * So if somebody asks without end, their work runs a tenth of the time, and less often when the machine is busy.
 */
export class Pace {
  readonly #lanes = new Map<string, Lane>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Rejects with the signal's reason when that aborts before the work begins. */
  async run<T>(key: string, work: () => Promise<T>, options: { signal?: AbortSignal } = {}): Promise<T> {
    const lane = this.#lanes.get(key) ?? { turns: new Turns(1), users: 0 }
    this.#lanes.set(key, lane)
    lane.users += 1
    const turn = await lane.turns.acquire(key, options).catch((error: unknown) => {
      this.#leave(key, lane)
      throw error
    })
    const startedAt = this.#clock.steady()
    try {
      return await work()
    } finally {
      const tookMs = this.#clock.steady() - startedAt
      const restMs = Math.min(Math.max(tookMs * restsPerWork, shortestRestMs), longestRestMs)
      this.#clock.after(restMs, () => {
        turn[Symbol.dispose]()
        this.#leave(key, lane)
      })
    }
  }

  #leave(key: string, lane: Lane): void {
    lane.users -= 1
    if (lane.users === 0) this.#lanes.delete(key)
  }
}
