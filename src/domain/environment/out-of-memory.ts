/** The kernel kills a program of an environment if the environment has used up its memory. People read why. Pure. */
import { sizeInWords } from '../../lib/size-in-words.ts'
import type { Catalog } from './catalog.ts'
import type { Container, Resources } from './environment.ts'

/** The memory that an environment may use, and what its owner's tier allows in one environment; null if there is no such tier. */
export type MemoryLimit = { bytes: number; tier: { name: string; bytes: number } | null }

/** The limit of an environment whose owner has that tier; null if they are gone, or the catalogue has no such tier any more. */
export function memoryLimitOf(
  { memoryBytes }: Pick<Resources, 'memoryBytes'>,
  tier: string | null,
  tiers: Catalog['tiers'],
): MemoryLimit {
  const allowed = tier === null ? undefined : tiers[tier]
  return { bytes: memoryBytes, tier: tier !== null && allowed ? { name: tier, bytes: allowed.memory } : null }
}

/** That memory ran out in the container that was started then. Milliseconds since the epoch, by the engine's clock. */
export type OutOfMemory = { startedAt: number; at: number; words: string }

/** One time at which memory ran out. */
export type MemoryKill = { at: number; limitBytes: number; reason: string }

/** Why a program was killed in an environment that is still up. */
export function killedWords(at: number, limit: MemoryLimit): string {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' at ')
  return `On ${when} UTC its memory ran out, and a program in it was killed, for example the kernel of a notebook. ${limitWords(limit)}`
}

/** Whether a whole environment ended because its memory ran out: 137 is the exit code after a kill. */
export function endedForMemory({ outOfMemory, exitCode }: Pick<Container, 'outOfMemory' | 'exitCode'>): boolean {
  return outOfMemory && exitCode === 137
}

/** How much memory there is, and the way to more. */
export function limitWords({ bytes, tier }: MemoryLimit): string {
  const limit = `It may use ${sizeInWords(bytes)}.`
  if (tier === null) return `${limit} Use less at a time.`
  if (bytes >= tier.bytes) {
    return `${limit} The tier "${tier.name}" allows no more: use less at a time, or ask an administrator for a higher tier.`
  }
  return `${limit} Use less at a time, or create an environment with more: the tier "${tier.name}" allows ${sizeInWords(tier.bytes)}.`
}
