import { z } from 'zod'
import { archiveFormats } from '../../domain/files/archive-format.ts'
import { type Entry, entityTag, entryKinds, sortings } from '../../domain/files/entry.ts'
import type { Listed } from '../../files/files.ts'
import type { Trashed } from '../../ports/trash-store.ts'
import { toCursor } from '../cursor.ts'
import { isoTime, nextCursor, pageQuery, time } from './common.ts'

export const entryBody = z
  .object({
    name: z.string(),
    path: z.string().describe('Relative to the folder of the person, or to `shared/`'),
    exact: z
      .boolean()
      .describe('False if the name is not UTF-8: `name` and `path` are for people to read then, and lead nowhere'),
    kind: z.enum(entryKinds).describe('The service never follows a link, and opens only files and folders'),
    size_bytes: z.int().nullable().describe('Of a file; null for anything else'),
    modified: time,
    mode: z.string().describe('The permission bits, octal, such as `0644`'),
    target: z.string().nullable().describe('Where a link leads'),
    etag: z.string().describe('Changes with the content; for `If-Match` and `If-None-Match`'),
  })
  .meta({ id: 'Entry', description: 'A file, a folder, or something else under a name' })

export const listBody = z
  .object({
    path: z.string(),
    writable: z
      .boolean()
      .describe(
        'Whether you may change what is in it: make, move and delete entries. In `shared/`, an administrator opens folders to people',
      ),
    items: z.array(entryBody),
    next_cursor: nextCursor,
    complete: z.boolean().describe('False if a search ended early: at 200 entries, or after ten seconds'),
  })
  .meta({ id: 'FolderPage', description: 'A page of a folder, or what a search found below it' })

export const readQuery = pageQuery.extend({
  sort: z
    .enum(sortings)
    .default('name')
    .describe('A minus turns it around. By size and time: folders of up to 10,000 entries'),
  search: z.string().min(1).max(255).optional().describe('Entries below whose names contain this, whatever the case'),
  as: z
    .enum(['content', 'entry', ...archiveFormats])
    .default('content')
    .describe(
      '`entry`: what is under the path; `tar`, `zip`: a folder as an archive; else a folder is listed, a file downloaded',
    ),
})

export const changeBody = z
  .strictObject({
    op: z.enum(['make-folder', 'move', 'copy', 'checksum']),
    to: z
      .string()
      .max(4_000)
      .optional()
      .describe('For `move` and `copy`: the new path, in the same folder of a person or in `shared/`'),
  })
  .meta({ description: '`make-folder` makes missing folders above it too; `move` and `copy` replace nothing' })

export const trashedBody = z
  .object({
    id: z.string(),
    user_id: z.string().nullable().describe('In whose folder it was; null if it was in `shared/`'),
    path: z.string().describe('Where it was; empty: all that was in the folder of a person who was removed'),
    kind: z.enum(entryKinds),
    size_bytes: z.int().nullable().describe('Of a file; null for anything else'),
    deleted: time,
    deleted_by: z.string(),
    kept_until: time.nullable().describe('When it is removed for good; null: never by itself'),
  })
  .meta({ id: 'Trashed', description: 'Something that was deleted and can come back' })

export function toEntryBody(entry: Entry, path: string): z.infer<typeof entryBody> {
  return {
    name: entry.name,
    path,
    exact: entry.isExact,
    kind: entry.kind,
    size_bytes: entry.kind === 'file' ? entry.sizeBytes : null,
    modified: isoTime(entry.modifiedAt),
    mode: entry.mode.toString(8).padStart(4, '0'),
    target: entry.target,
    etag: entityTag(entry),
  }
}

export function toListBody({ entries, next }: Listed, path: string, writable: boolean): z.infer<typeof listBody> {
  const items = entries.map((entry) => toEntryBody(entry, below(path, entry.name)))
  return { path, writable, items, next_cursor: next && toCursor([next]), complete: true }
}

export function below(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}

export function toTrashedBody(trashed: Trashed, keepMs: number | null): z.infer<typeof trashedBody> {
  const { tree, deletedAt } = trashed
  return {
    id: trashed.id,
    user_id: tree.kind === 'person' ? tree.userId : null,
    path: trashed.path,
    kind: trashed.kind,
    size_bytes: trashed.sizeBytes,
    deleted: isoTime(deletedAt),
    deleted_by: trashed.deletedBy,
    kept_until: keepMs === null ? null : isoTime(deletedAt + keepMs),
  }
}
