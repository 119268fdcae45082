import { z } from 'zod'
import type { FolderCount } from '../../domain/usage/count.ts'
import type { Sample } from '../../domain/usage/place.ts'
import { standingWords } from '../../domain/usage/standing.ts'
import { shown } from '../../lib/octets.ts'
import type { CountRun } from '../../usage/counting.ts'
import type { Holding } from '../../usage/keep-quotas.ts'
import type { History, PlaceUsage } from '../../usage/usage.ts'
import { isoTime, nextCursor, time } from './common.ts'

const bytes = z.int().describe('Allocated on the disk, as `du` counts; limits are about these')
const sizeBytes = z.int().describe("The files' lengths, as `ls` shows them")
const files = z.int().describe('Names of files, links and all else that is no folder')

export const placeKind = z.enum(['person', 'shared', 'admin'])

const placeBody = z
  .object({
    kind: placeKind,
    path: z.string().describe('Below the data root'),
    user_id: z.string().nullable().describe('Null for a folder that belongs to no person'),
    bytes,
    size_bytes: sizeBytes,
    files,
    folders: z.int(),
    not_counted_folders: z
      .int()
      .describe('Folders that could not be read; their last figures are in the sums, so that they may be wrong'),
    trash_bytes: z.int().describe("What was in a person's folder and is in the trash: it counts for them too"),
    limit_bytes: z.int().nullable().describe("The storage of the person's tier; null: no limit"),
    standing: z.enum(['unlimited', 'within', 'near', 'over']).describe('near: from 90 % of the limit on'),
    detail: z.string().nullable().describe('A sentence for the person if they are near the limit or over it'),
    counted: time,
    biggest_folders: z
      .array(z.object({ path: z.string(), bytes, files }))
      .describe('With all that is in them; paths begin in this folder'),
  })
  .meta({ id: 'Usage' })

const sample = z.object({
  at: time.describe('The beginning of the hour or day, UTC'),
  bytes,
  size_bytes: sizeBytes,
  files,
})

export const historyBody = z
  .object({
    hours: z.array(sample).describe('The last three days, hour by hour'),
    days: z.array(sample).describe('The last 400 days'),
  })
  .meta({ id: 'UsageHistory' })

export const personUsageBody = placeBody.extend({ history: historyBody }).meta({ id: 'PersonUsage' })

const runBody = z
  .object({
    began: time,
    took_ms: z.int(),
    full: z.boolean().describe('Whether all folders were read, also those that seemed unchanged'),
    not_counted: z.array(
      z.object({ path: z.string().nullable().describe('Null: the whole count'), reason: z.string() }),
    ),
  })
  .meta({ id: 'UsageCount' })

const totals = z.object({ bytes, size_bytes: sizeBytes, files })

export const usageBody = z.object({
  counting: z.boolean().describe('Whether a count is under way'),
  last_count: runBody.nullable().describe('Null until the service has counted since its start'),
  limits: z.object({
    held_by: z
      .enum(['quota', 'count'])
      .describe(
        'quota: the file system refuses what is beyond a limit. count: only the service does, once it has counted',
      ),
    reason: z.string().nullable().describe('Why only counting holds the limits'),
    not_held: z
      .array(z.string())
      .describe('People with a limit whose folders are no subvolumes, so that only counting holds it'),
  }),
  totals: z.object({ people: totals, shared: totals, admin: totals }),
  items: z.array(placeBody),
  next_cursor: nextCursor,
})

export const countingBody = z.object({ counting: z.boolean() })

export function toPlaceBody(usage: PlaceUsage): z.infer<typeof placeBody> {
  const { kind, path, userId, count, missed, limitBytes, standing, countedAt, biggest, trashBytes } = usage
  return {
    kind,
    path: shown(path),
    user_id: userId,
    bytes: count.bytes,
    size_bytes: count.sizeBytes,
    files: count.files,
    folders: count.folders,
    not_counted_folders: missed,
    trash_bytes: trashBytes,
    limit_bytes: limitBytes,
    standing,
    detail: standingWords({ limitBytes, usedBytes: count.bytes + trashBytes, trashBytes }),
    counted: isoTime(countedAt),
    biggest_folders: biggest.map(toFolderBody),
  }
}

function toFolderBody({ path, count }: FolderCount) {
  return { path: shown(path), bytes: count.bytes, files: count.files }
}

export function toHistoryBody({ hours, days }: History): z.infer<typeof historyBody> {
  return { hours: hours.map(toSampleBody), days: days.map(toSampleBody) }
}

function toSampleBody({ at, count }: Sample): z.infer<typeof sample> {
  return { at: isoTime(at), bytes: count.bytes, size_bytes: count.sizeBytes, files: count.files }
}

export function toRunBody({ startedAt, tookMs, full, uncounted }: CountRun): z.infer<typeof runBody> {
  return {
    began: isoTime(startedAt),
    took_ms: Math.round(tookMs),
    full,
    not_counted: uncounted.map(({ tree, reason }) => ({ path: tree === null ? null : shown(tree), reason })),
  }
}

export function toLimitsBody(holding: Holding): z.infer<typeof usageBody>['limits'] {
  return holding.by === 'quota'
    ? { held_by: 'quota', reason: null, not_held: [...holding.plain] }
    : { held_by: 'count', reason: holding.reason, not_held: [] }
}

/** The sums of people's folders, of `shared/` and of `admin/`; a folder within another one is not counted twice. */
export function toTotalsBody(all: readonly PlaceUsage[]): z.infer<typeof usageBody>['totals'] {
  const none = () => ({ bytes: 0, size_bytes: 0, files: 0 })
  const sums = { people: none(), shared: none(), admin: none() }
  for (const { kind, path, count } of all) {
    if (kind !== 'person' && path.includes('/')) continue
    const sum = sums[kind === 'person' ? 'people' : kind]
    sum.bytes += count.bytes
    sum.size_bytes += count.sizeBytes
    sum.files += count.files
  }
  return sums
}
