import type { PlaceUsage } from '../api/bodies.ts'

type Against = Pick<PlaceUsage, 'bytes' | 'trash_bytes' | 'limit_bytes' | 'standing'>

/** A person's use against the limit of their tier; shares in percent of the limit, and together 100 at most. Pure. */
export function useAgainst({ bytes, trash_bytes, limit_bytes }: Against): {
  used: number
  filesPercent: number
  trashPercent: number
  percent: number | null
} {
  const used = bytes + trash_bytes
  if (limit_bytes === null) return { used, filesPercent: 0, trashPercent: 0, percent: null }
  const percentOf = (amount: number) => (limit_bytes > 0 ? (100 * amount) / limit_bytes : 100)
  const filesPercent = Math.min(100, percentOf(bytes))
  const trashPercent = Math.min(100 - filesPercent, percentOf(trash_bytes))
  return { used, filesPercent, trashPercent, percent: Math.round(percentOf(used)) }
}

const colours = {
  unlimited: 'blue.7',
  within: 'blue.7',
  near: 'orange.7',
  over: 'red.8',
} as const satisfies Record<PlaceUsage['standing'], string>

export function colourOf(standing: PlaceUsage['standing']): string {
  return colours[standing]
}
