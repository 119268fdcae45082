import { z } from 'zod'

export const time = z.iso.datetime().describe('ISO 8601, UTC')

/** The body of every error, RFC 9457. `error` repeats `detail` for the existing portals. */
export const problemBody = z
  .object({
    type: z.string().describe('`/problems/<code>`, where the service explains it'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What happened'),
    instance: z.string().describe('The path of the request'),
    request_id: z.string().describe('Finds the request in the log of the service'),
    error: z.string().describe('The same as `detail`, for the existing portals').meta({ deprecated: true }),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('JSON pointer (RFC 6901) to what is wrong; "" is the whole body'),
          detail: z.string().describe('The rule'),
        }),
      )
      .optional()
      .describe('Each wrong field, parameter or header of an invalid request'),
  })
  .meta({ id: 'Problem', description: 'What went wrong: application/problem+json, RFC 9457' })

/** A parameter that is true or false. The generator of the document would call it a string, as it is on the wire. */
export const flag = z.stringbool().default(false).meta({ type: 'boolean' })

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
