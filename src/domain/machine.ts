/** The machine of the service at a moment: what was used of it, and how much there is. Pure. */

/** `at`: the beginning of the minute. The disk is the data root's; null while it does not answer. */
export type MachineSample = {
  at: number
  memory: Amount
  cpuPercent: number
  disk: Amount | null
  running: number
  waiting: number
}
export type Amount = { usedBytes: number; totalBytes: number }

export const sampleEveryMs = 60_000
export const keptHours = 24
export const keptMs = keptHours * 3_600_000

/** CPU time of all cores since the machine's start, in any unit. */
export type CpuTimes = { busy: number; idle: number }

/** The part of all cores' time between two readings that they worked, from 0 to 100. */
export function cpuPercent(before: CpuTimes, now: CpuTimes): number {
  const busy = now.busy - before.busy
  const whole = busy + now.idle - before.idle
  if (whole <= 0 || busy < 0) return 0 // a core was taken away, or nothing has passed
  return Math.min(100, (100 * busy) / whole)
}

/** Memory that programs hold: the page cache can be given back, so it counts as free. `meminfo`: the text of /proc/meminfo. */
export function memoryIn(meminfo: string): Amount | null {
  const bytes = (name: string) => {
    const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo) ?? []
    return kibibytes === undefined ? null : Number(kibibytes) * 1024
  }
  const [total, available] = [bytes('MemTotal'), bytes('MemAvailable')]
  return total === null || available === null ? null : { usedBytes: Math.max(0, total - available), totalBytes: total }
}
