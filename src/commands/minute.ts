/** A time of the API to the minute, as columns show it: 2026-11-24 10:07Z. */
export function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')}Z`
}
