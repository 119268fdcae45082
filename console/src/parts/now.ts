import { useSyncExternalStore } from 'react'

type Clock = { subscribe: (listener: () => void) => () => void; ticks: () => number }

/** One timer for all that show a time at the same pace; it rests while nothing does. */
function createClock(everyMs: number): Clock {
  const listeners = new Set<() => void>()
  let ticks = 0
  let timer: ReturnType<typeof setInterval> | undefined
  function tick(): void {
    ticks += 1
    for (const listener of listeners) listener()
  }
  return {
    subscribe(listener) {
      timer ??= setInterval(tick, everyMs)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    ticks: () => ticks,
  }
}

const clocks = new Map<number, Clock>()

function clockOf(everyMs: number): Clock {
  const clock = clocks.get(everyMs) ?? createClock(everyMs)
  clocks.set(everyMs, clock)
  return clock
}

/** The time now, in milliseconds since the epoch. The component is drawn anew so often. */
export function useNow(everyMs = 10_000): number {
  const { subscribe, ticks } = clockOf(everyMs)
  useSyncExternalStore(subscribe, ticks)
  return Date.now() // newer than the last tick: a time from between would seem to be in the future
}
