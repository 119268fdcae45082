import { z } from 'zod'
import { pathText } from '../../domain/files/file-path.ts'
import type { FolderOpening } from '../../domain/files/opening.ts'
import { userId } from '../../domain/people/user-id.ts'
import { isoTime, nextCursor, time } from './common.ts'

export const openingBody = z
  .object({
    id: z.string(),
    path: z.string().describe('In `shared/`; all below it may be changed'),
    user_id: z.string().nullable().describe('The person that it is opened to'),
    tier: z.string().nullable().describe('Or the tier'),
    opened: time,
    opened_by: z.string(),
  })
  .meta({ id: 'FolderOpening', description: 'A folder of `shared/` in which others than administrators may write' })

export const openingsBody = z.object({ items: z.array(openingBody), next_cursor: nextCursor })

export const openBody = z
  .strictObject({ path: z.string().min(1).max(4_000), user_id: userId.optional(), tier: z.string().max(64).optional() })
  .refine(({ user_id, tier }) => (user_id === undefined) !== (tier === undefined), 'give user_id or tier')

export function toOpeningBody({ id, path, to, openedBy, openedAt }: FolderOpening): z.infer<typeof openingBody> {
  return {
    id,
    path: pathText(path),
    user_id: 'userId' in to ? to.userId : null,
    tier: 'tier' in to ? to.tier : null,
    opened: isoTime(openedAt),
    opened_by: openedBy,
  }
}

/** Who opened an environment that is not theirs. */
export const environmentOpeningsBody = z.object({
  items: z.array(
    z.object({
      user_id: z.string().describe('The administrator'),
      by: z.enum(['browser', 'token']),
      at: time.describe('For a token the first request in an hour'),
    }),
  ),
  next_cursor: nextCursor,
})
