import type { Place, PlaceCount } from '../domain/usage/place.ts'
import type { Gauges } from './gauges.ts'

type Run = { startedAt: number; tookMs: number; full: boolean; uncounted: readonly unknown[] }

export type UsageMetrics = {
  /** Takes the figures of a count. */
  counted(places: readonly (PlaceCount & Pick<Place, 'kind'>)[]): void
  /** The values that are read at each scrape. */
  show(sources: { last: () => Run | null; pressed: () => Record<'near' | 'over', number> }): void
}

type Sums = Record<Place['kind'], { bytes: number; files: number }>

/** Sums only: a series for each person would grow with the lab, and tell everybody who reads metrics about people. */
export function createUsageMetrics(gauges: Gauges): UsageMetrics {
  let sums: Sums | null = null
  let countedAt: number | null = null
  const each = (read: (sum: Sums['person']) => number) =>
    Object.entries(sums ?? {}).map(([kind, sum]) => [{ kind }, read(sum)] as const)

  return {
    counted(places) {
      sums = { person: { bytes: 0, files: 0 }, shared: { bytes: 0, files: 0 }, admin: { bytes: 0, files: 0 } }
      countedAt = null
      for (const { kind, path, count, countedAt: at } of places) {
        countedAt = Math.max(countedAt ?? 0, at)
        if (kind !== 'person' && path.includes('/')) continue
        sums[kind].bytes += count.bytes
        sums[kind].files += count.files
      }
    },
    show({ last, pressed }) {
      const bytesHelp = 'What the folders take on the disk, by the last count: those of people, shared/, and admin/.'
      gauges.each('ailab_usage_bytes', bytesHelp, ['kind'], () => each(({ bytes }) => bytes))
      gauges.each('ailab_usage_files', 'How many files they hold.', ['kind'], () => each(({ files }) => files))
      const peopleHelp = 'People who are near the limit of their storage, from 90 % on, or over it.'
      gauges.each('ailab_usage_people', peopleHelp, ['standing'], () =>
        Object.entries(pressed()).map(([standing, people]) => [{ standing }, people] as const),
      )
      gauges.one('ailab_usage_counted_timestamp_seconds', 'When the folders were counted last.', () =>
        countedAt === null ? null : countedAt / 1000,
      )
      gauges.one('ailab_usage_count_seconds', 'How long the last count of this process took.', () => {
        const run = last()
        return run ? run.tookMs / 1000 : null
      })
      gauges.one('ailab_usage_not_counted', 'Folders that the last count of this process could not count.', () => {
        const run = last()
        return run ? run.uncounted.length : null
      })
    },
  }
}
