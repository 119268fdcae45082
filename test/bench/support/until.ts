import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until there is a result; fails after `limitMs`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  { everyMs = 10, limitMs = 60_000 }: { everyMs?: number; limitMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await ask()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`Waited ${limitMs} ms in vain: ${what}.`)
    await sleep(everyMs)
  }
}

/** The milliseconds that the work took, and its result. */
export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const startedAt = performance.now()
  const result = await work()
  return { ms: performance.now() - startedAt, result }
}
