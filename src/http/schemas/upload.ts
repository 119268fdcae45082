import { z } from 'zod'
import type { UnfinishedUpload } from '../../ports/upload-server.ts'
import { isoTime, nextCursor, time } from './common.ts'

const uploadBody = z
  .object({
    id: z.string(),
    to: z.string().describe('The path to which a `PUT` would write the same file'),
    size_bytes: z.int(),
    stored_bytes: z.int().describe('What has come so far'),
    begun: time,
  })
  .meta({
    id: 'Upload',
    description: 'A resumable upload that is not finished. A week after it began, the service removes it',
  })

export const uploadsBody = z.object({ items: z.array(uploadBody), next_cursor: nextCursor })

export function toUploadBody({
  id,
  to,
  sizeBytes,
  storedBytes,
  begunAt,
}: UnfinishedUpload): z.input<typeof uploadBody> {
  return { id, to, size_bytes: sizeBytes, stored_bytes: storedBytes, begun: isoTime(begunAt) }
}
