/**
 * The ports of the engine's host that environments are published on. They are above those that Linux gives to
 * connections of its own (32768 to 60999), and among those that are registered for nothing (RFC 6335: 49152 and more).
 */
const first = 61_000
const last = 65_535
const count = last - first + 1

/** A port that no environment has, picked by `chance` (from 0 to below 1); null when all are given. */
export function freeHostPort(given: ReadonlySet<number>, chance: number): number | null {
  const from = Math.floor(chance * count)
  for (let step = 0; step < count; step += 1) {
    const port = first + ((from + step) % count)
    if (!given.has(port)) return port
  }
  return null
}
