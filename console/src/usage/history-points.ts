import type { UsageHistory } from '../api/bodies.ts'

export type Point = { at: number; bytes: number; files: number }
export type Span = 'hours' | 'days'

/** The points of a plot, the oldest first. The last hour says more of today than the day does. Pure. */
export function pointsOf({ hours, days }: UsageHistory, span: Span): Point[] {
  const asPoint = ({ at, bytes, files }: UsageHistory['hours'][number]) => ({ at: Date.parse(at), bytes, files })
  if (span === 'hours') return hours.map(asPoint)
  const last = hours.at(-1)
  const points = days.map(asPoint)
  const end = last && asPoint(last)
  return end && end.at > (points.at(-1)?.at ?? 0) ? [...points, end] : points
}

/** The span that has something to show: days once there are three of them. Pure. */
export function spanOf({ days }: UsageHistory): Span {
  return days.length >= 3 ? 'days' : 'hours'
}
