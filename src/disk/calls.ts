import type { FileHandle } from 'node:fs/promises'
import { TimeLimitError } from '../lib/time-limit.ts'
import { startTimer } from '../lib/timer.ts'

/**
 * Makes one call to a file system. `drop` gets the result if it comes after the caller has gone. `mustRun`: the call waits for its
 * turn even after the caller has gone.
 *
 * @throws TimeLimitError if the file system does not answer in time
 */
export type Calls = <T>(call: () => Promise<T>, options?: CallOptions<T>) => Promise<T>

type CallOptions<T> = { limitMs?: number; mustRun?: boolean; drop?: (late: T) => unknown }

/** For file systems that may be waited for as long as it takes. */
export const unbounded: Calls = (call) => call()

type Place = { running: number; hanging: number }
type Waiting = { place: Place; begin: () => void }

/**
 * Bounds the calls to file systems that may hang, each of which holds one of the process's threads for as long as it lasts. A call
 * that hangs can only be abandoned, and counts as long as it lasts. `each`: how many calls one place may have at a time; `all`: how
 * many all places together. Once half of all hang, another place may have one.
 */
export function createCalls({ each, all, limitMs }: { each: number; all: number; limitMs: number }) {
  const places = new Map<string, Place>()
  const waiting: Waiting[] = []
  let running = 0
  let hanging = 0

  const mayBegin = (place: Place) => running < all && place.running < (hanging >= all / 2 ? 1 : each)
  const count = (place: Place, by: 1 | -1) => {
    place.running += by
    running += by
  }
  const countHanging = (place: Place, by: 1 | -1) => {
    place.hanging += by
    hanging += by
  }
  function beginNext(): void {
    const at = waiting.findIndex(({ place }) => mayBegin(place))
    if (at >= 0) waiting.splice(at, 1)[0]?.begin()
  }

  return (name: string): Calls => {
    const place: Place = places.get(name) ?? { running: 0, hanging: 0 }
    places.set(name, place)
    return (call, { limitMs: ownMs = limitMs, mustRun = false, drop } = {}) => {
      // If all that this place may have hangs, waiting would be in vain.
      if (!mustRun && place.hanging > 0 && place.hanging >= place.running && !mayBegin(place))
        return Promise.reject(silent(name))
      return new Promise((resolve, reject) => {
        let state: 'waiting' | 'running' | 'hanging' | 'ended' = 'waiting'
        const turn = { place, begin }
        const cancel = startTimer(ownMs, abandon)

        function begin(): void {
          state = 'running'
          count(place, 1)
          call().then(
            (value) => {
              if (end()) resolve(value)
              else drop?.(value)
            },
            (error: unknown) => void (end() && reject(error)),
          )
        }
        /** Gives whether the caller still waits. */
        function end(): boolean {
          const isAwaited = state === 'running'
          if (!isAwaited) countHanging(place, -1)
          state = 'ended'
          cancel()
          count(place, -1)
          beginNext()
          return isAwaited
        }
        function abandon(): void {
          if (state === 'running') {
            state = 'hanging'
            countHanging(place, 1)
          } else if (!mustRun) waiting.splice(waiting.indexOf(turn), 1)
          reject(silent(name))
        }

        if (mayBegin(place)) begin()
        else waiting.push(turn)
      })
    }
  }
}

function silent(name: string): TimeLimitError {
  return new TimeLimitError(`${name}: the file system does not answer`)
}

// Making a file durable takes long on a slow disk.
const durableWithinMs = 120_000

/** The same open file, with its calls made through `calls`. Its end is not waited for. */
export function withCalls(handle: FileHandle, calls: Calls): FileHandle {
  if (calls === unbounded) return handle
  return new Proxy(handle, {
    get(file, key) {
      const value: unknown = Reflect.get(file, key, file)
      if (typeof value !== 'function') return value
      const call = (...args: unknown[]) => value.apply(file, args)
      if (key === 'close' || key === Symbol.asyncDispose) return async () => closeLater(() => file.close(), calls)
      const isSync = key === 'sync' || key === 'datasync'
      return (...args: unknown[]) => calls(() => call(...args), isSync ? { limitMs: durableWithinMs } : {})
    },
  })
}

/** Closes what is open once a call may be made. If the file system hangs, nobody waits for that. */
export function closeLater(close: () => Promise<void>, calls: Calls): void {
  calls(close, { mustRun: true }).catch(() => {})
}
