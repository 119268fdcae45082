import type { Engine } from '../ports/engine.ts'

export type Pulls = {
  /** Waits until the image is there. All who wait for one image share one pull; the last to leave ends it. */
  pull(image: string, options: { signal: AbortSignal }): Promise<void>
}

type Pull = { done: Promise<void>; waiting: number; abort: AbortController }

export function createPulls(engine: Engine): Pulls {
  const running = new Map<string, Pull>()

  function join(image: string): Pull {
    const present = running.get(image)
    if (present) return present
    const abort = new AbortController()
    const pull: Pull = { done: engine.pull(image, () => {}, { signal: abort.signal }), waiting: 0, abort }
    running.set(image, pull)
    const forget = () => running.get(image) === pull && running.delete(image)
    pull.done.then(forget, forget) // those who wait are told of a failure
    return pull
  }

  return {
    async pull(image, { signal }) {
      signal.throwIfAborted()
      const pull = join(image)
      pull.waiting += 1
      const { promise: left, reject } = Promise.withResolvers<never>()
      const leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      try {
        await Promise.race([pull.done, left])
      } finally {
        signal.removeEventListener('abort', leave)
        pull.waiting -= 1
        if (pull.waiting === 0) {
          if (running.get(image) === pull) running.delete(image) // who comes now begins anew
          pull.abort.abort()
        }
      }
    },
  }
}
