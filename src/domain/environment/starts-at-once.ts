const gibibyte = 2 ** 30

/**
 * How many environments may start at one time: two for each core, and one for each GiB of memory, whichever is
 * less. A start takes about a second of one core, and a new Jupyter server takes some hundred MiB.
 */
export function startsAtOnce({ cores, memoryBytes }: { cores: number; memoryBytes: number }): number {
  return Math.max(1, Math.min(2 * cores, Math.floor(memoryBytes / gibibyte)))
}
