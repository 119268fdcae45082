import { z } from 'zod'

export const time = z.iso.datetime().describe('ISO 8601, UTC')

/** The body of every error, RFC 9457. `error` repeats `detail` for the existing portals. */
export const problemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    request_id: z.string(),
    error: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong: application/problem+json, RFC 9457' })

/** The query of every list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).optional().describe('Items on a page; 50 unless told'),
  cursor: z.string().max(512).optional().describe("The earlier page's next_cursor"),
})

export const defaultLimit = 50

export const nextCursor = z.string().nullable().describe('Give it as cursor for the next page; null on the last')

// Lists write the same times again and again, and formatting one costs twenty times as much as finding it here.
const written = new Map<number, string>()
const writtenAtMost = 10_000

/** ISO 8601 of milliseconds since the epoch. */
export function isoTime(ms: number): string {
  const known = written.get(ms)
  if (known !== undefined) return known
  if (written.size >= writtenAtMost) written.clear()
  const text = new Date(ms).toISOString()
  written.set(ms, text)
  return text
}
