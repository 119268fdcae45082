/**
 * The host's ports for environments. They are above the ports that Linux gives to its own connections (32768 to 60999),
 * and among the ports that are registered for nothing (RFC 6335: 49152 and more).
 */
const first = 61_000
const last = 65_535
const count = last - first + 1

/** A free port, picked by `chance` (from 0 to below 1); null if environments have them all. */
export function freeHostPort(given: ReadonlySet<number>, chance: number): number | null {
  const from = Math.floor(chance * count)
  for (let step = 0; step < count; step += 1) {
    const port = first + ((from + step) % count)
    if (!given.has(port)) return port
  }
  return null
}
