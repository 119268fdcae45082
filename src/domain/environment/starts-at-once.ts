const gibibyte = 2 ** 30

/**
 * How many environments may start at one time. A start takes about a second of one core, and a Jupyter server some
 * hundred MiB that it had not before: two a core, and one for each GiB of memory.
 */
export function startsAtOnce({ cores, memoryBytes }: { cores: number; memoryBytes: number }): number {
  return Math.max(1, Math.min(2 * cores, Math.floor(memoryBytes / gibibyte)))
}
