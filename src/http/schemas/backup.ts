import { z } from 'zod'
import {
  type Backup,
  type BackupPart,
  backupIdForm,
  folderOf,
  type RepositoryEntry,
} from '../../domain/backups/backup.ts'
import type { DrillHistory } from '../../domain/backups/drill.ts'
import { type LegacyZip, legacyZipForm } from '../../domain/backups/legacy-zip.ts'
import { type BackupStanding, backupFindings } from '../../domain/backups/standing.ts'
import { userId } from '../../domain/people/user-id.ts'
import { flag, isoTime, nextCursor, pageQuery, time } from './common.ts'

export const backupBody = z
  .object({
    id: z.string(),
    made: time.describe('When it was begun'),
    status: z.enum(['whole', 'in-parts']).describe('`in-parts`: it is under way, or was cut short'),
    folders: z
      .array(z.string())
      .describe('What it has: `users/<id>` for each person, `shared`, and `admin`, which is made last'),
  })
  .meta({ id: 'Backup', description: "People's folders, the shared ones, and the records of the lab, saved together" })

export const backupsBody = z.object({
  items: z.array(backupBody),
  next_cursor: z.null(),
  standing: z
    .object({
      status: z.enum(['healthy', 'degraded']),
      code: z.enum(backupFindings).nullable().describe('The finding, as health has it; null if there is none'),
      detail: z.string(),
      next: time.nullable().describe('When the next one is due; null without a schedule'),
      weaknesses: z
        .array(z.string())
        .describe('What the settings cannot protect from, or nobody has practised, each with its cure'),
    })
    .describe('Whether the lab is backed up as it should be'),
  drill: z
    .object({
      practised: time.nullable().describe('When a restore was last practised; null: never'),
      backup_id: z.string().nullable().describe('The backup of that drill'),
      failure: z.string().nullable().describe('Why a later drill failed; null if none did'),
    })
    .describe('The restores that were practised'),
})

export const backupRequest = z
  .strictObject({
    pause: z
      .boolean()
      .default(false)
      .describe(
        "true: a person's running environments stand still while their folder is read, for 30 minutes at most; not needed where the folder is read from a snapshot",
      ),
  })
  .nullish()

export const backupParams = z.object({
  id: z.string().regex(backupIdForm, 'the id of a backup').describe('The id of the backup'),
})

const partFields = {
  user_id: userId.optional().describe('Whose folder'),
  shared: flag.optional().describe('The shared folder, in place of a person'),
}

export const backupFilesQuery = pageQuery.extend({
  ...partFields,
  path: z.string().max(4000).default('').describe('A folder, relative to the folder of the person or to `shared/`'),
})

export const backupFileQuery = z.object({
  ...partFields,
  path: z.string().max(4000).default('').describe('A file, relative to the folder of the person or to `shared/`'),
})

export const backupFilesBody = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      exact: z.boolean().describe('False if the name is not UTF-8, or may not be: it is for people to read then'),
      type: z.enum(['file', 'folder', 'link', 'other']),
      size_bytes: z.int().min(0),
      modified: time,
    }),
  ),
  next_cursor: nextCursor,
})

const restoreFields = {
  path: z
    .string()
    .max(4000)
    .default('')
    .describe('One file or folder, relative to the folder of the person or to `shared/`; empty for all'),
  in_place: z
    .boolean()
    .default(false)
    .describe(
      'true: put it where it was; what is there goes to the trash first. false: put it into a new folder `restored-<backup>` beside the rest',
    ),
}

export const restoreBody = z.strictObject({
  user_id: userId.optional().describe('Whose folder'),
  shared: z.boolean().optional().describe('true: the shared folder, in place of a person'),
  ...restoreFields,
})

export const treeRestoreBody = z.strictObject(restoreFields)

export const treeBackupFilesQuery = backupFilesQuery.omit({ user_id: true, shared: true })

export const treeBackupFileQuery = backupFileQuery.omit({ user_id: true, shared: true })

export const treeBackupsBody = z.object({
  items: z.array(z.object({ id: z.string(), made: time.describe('When it was begun') })),
  next_cursor: z.null(),
})

export const legacyBackupsBody = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      legacy_user: z.string().describe('The person, as the earlier platform wrote their name'),
      made: time,
      size_bytes: z.int().min(0),
    }),
  ),
  next_cursor: z.null(),
})

export const legacyParams = z.object({
  name: z.string().regex(legacyZipForm, 'backup_<user>_<seconds>.zip').describe('The name of the zip file'),
})

export const legacyRestoreBody = z.strictObject({
  user_id: userId.describe('Whose folder'),
  in_place: z
    .boolean()
    .default(false)
    .describe(
      'true: put each entry where it was; what is there goes to the trash first. false: put them into a new folder `restored-<name>`',
    ),
})

export function toLegacyBody({ name, legacyUser, madeAt, sizeBytes }: LegacyZip) {
  return { name, legacy_user: legacyUser, made: isoTime(madeAt), size_bytes: sizeBytes }
}

export function toBackupBody({ id, at, isWhole, snapshots }: Backup): z.infer<typeof backupBody> {
  const folders = snapshots.map(({ part }) => folderOf(part))
  return { id, made: isoTime(at), status: isWhole ? 'whole' : 'in-parts', folders }
}

export function toStandingBody(
  { status, code, detail }: BackupStanding,
  next: number | null,
  weaknesses: readonly { detail: string; remedy: string }[],
) {
  return {
    status,
    code,
    detail,
    next: next === null ? null : isoTime(next),
    weaknesses: weaknesses.map((each) => `${each.detail} ${each.remedy}`),
  }
}

export function toDrillBody({ practisedAt, backupId, failure }: DrillHistory) {
  return { practised: practisedAt === null ? null : isoTime(practisedAt), backup_id: backupId, failure }
}

export function toEntryBody({ name, isExact, type, sizeBytes, modifiedAt }: RepositoryEntry) {
  return { name, exact: isExact, type, size_bytes: sizeBytes, modified: isoTime(modifiedAt) }
}

/** The part that a request names; null unless it names exactly one. */
export function partIn({
  user_id,
  shared,
}: {
  user_id?: BackupUser | undefined
  shared?: boolean | undefined
}): BackupPart | null {
  if (shared === true) return user_id === undefined ? { kind: 'shared' } : null
  return user_id === undefined ? null : { kind: 'person', userId: user_id }
}

type BackupUser = z.infer<typeof userId>
