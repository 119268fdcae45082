/** What a backup says of itself, in the part that is made last. */
import { z } from 'zod'
import { databaseSummary } from './records.ts'

export const manifest = z.object({
  format: z.literal(1),
  backup_id: z.string(),
  root_id: z.string(),
  version: z.string().describe('Of the service that made it'),
  made_at: z.iso.datetime(),
  parts: z.array(
    z.object({ folder: z.string(), snapshot: z.string(), files: z.int(), bytes: z.int(), unread_files: z.int() }),
  ),
  left_out: z.array(z.object({ folder: z.string(), reason: z.string() })),
  records: databaseSummary
    .optional()
    .describe('Of the copy of the database; backups of earlier versions do not have it'),
})
export type Manifest = z.infer<typeof manifest>

/** The folder in `admin/` with the manifest and the copy of the database. */
export const draftFolder = 'backup-draft'
