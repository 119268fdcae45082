/** A time as ISO 8601 in the time zone of the process (TZ), with its offset: 2026-11-24T10:07:33.551+01:00. */
export function localIsoTime(at: Date): string {
  const minutes = -at.getTimezoneOffset()
  const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1)
  if (minutes === 0) return `${local}Z`
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}
