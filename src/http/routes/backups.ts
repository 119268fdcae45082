import { z } from 'zod'
import type { Backups } from '../../backups/backups.ts'
import type { BeginRestore } from '../../backups/begin-restore.ts'
import type { BackupPart, EntriesPage, RepositoryEntry } from '../../domain/backups/backup.ts'
import type { DrillHistory } from '../../domain/backups/drill.ts'
import type { BackupStanding } from '../../domain/backups/standing.ts'
import { filePath } from '../../domain/files/file-path.ts'
import { Problem } from '../../domain/problem.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { backupDownloadAnswer, ofBackupDownloads, type SendBackupFile } from '../backup-download.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { holdRight } from '../hold-right.ts'
import {
  backupBody,
  backupFileQuery,
  backupFilesBody,
  backupFilesQuery,
  backupParams,
  backupRequest,
  backupsBody,
  partIn,
  restoreBody,
  toBackupBody,
  toDrillBody,
  toEntryBody,
  toStandingBody,
} from '../schemas/backup.ts'
import { defaultLimit } from '../schemas/common.ts'
import { jobBody } from '../schemas/job.ts'
import { prefer } from '../wait.ts'
import { answerBegun, type JobsUses } from './jobs.ts'

const tags = ['backups']
const action = 'backup:manage'
export const ofRepository = [
  'too-many-at-once',
  'backups-off',
  'backup-repository-unusable',
  'backup-damaged',
  'engine-unavailable',
  'no-room',
] as const
const ofJob = ['job-under-way', 'too-many-at-once'] as const

export type BackupsUses = JobsUses & {
  backups: Backups
  beginRestore: BeginRestore
  sendBackupFile: SendBackupFile
  standing: () => Promise<{ standing: BackupStanding; nextAt: number | null; history: { drill: DrillHistory } }>
  weaknesses: () => readonly { detail: string; remedy: string }[]
}

/** Backups, for administrators: a backup holds everybody's files. */
export function backupRoutes(app: App, uses: BackupsUses): void {
  const { backups, takePlace, rights } = uses
  listRoutes(app, uses)

  app.post(
    '/admin/backups',
    {
      config: { action, problems: ofJob },
      schema: {
        tags,
        operationId: 'createBackup',
        summary: 'Back up everything now, or wait for it with `Prefer: wait=55`',
        headers: z.object({ prefer }),
        body: backupRequest,
        response: { 202: answer(jobBody, 'The job that makes it', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      return await answerBegun(request, reply, uses, () =>
        backups.begin(callerOf(request).userId, { pause: request.body?.pause ?? false }),
      )
    },
  )

  app.post(
    '/admin/backups/check',
    {
      config: { action, problems: ofJob },
      schema: {
        tags,
        operationId: 'checkBackups',
        summary: 'Check the repository, and read a seventh of its data',
        headers: z.object({ prefer }),
        response: { 202: answer(jobBody, 'The job that checks', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      return await answerBegun(request, reply, uses, () => backups.beginCheck(callerOf(request).userId))
    },
  )

  app.post(
    '/admin/backups/drill',
    {
      config: { action, problems: ofJob },
      schema: {
        tags,
        operationId: 'startBackupDrill',
        summary: 'Practise a restore of the newest backup beside the lab, and throw it away',
        headers: z.object({ prefer }),
        response: { 202: answer(jobBody, 'The job that practises', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      return await answerBegun(request, reply, uses, () => backups.beginDrill(callerOf(request).userId))
    },
  )

  app.get(
    '/admin/backups/:id/files',
    {
      config: { action, problems: ['backup-not-found', 'not-found', ...ofRepository] },
      schema: {
        tags,
        operationId: 'listBackupFiles',
        summary: 'A folder as it is in a backup',
        params: backupParams,
        querystring: backupFilesQuery,
        response: { 200: answer(backupFilesBody, 'A page of entries, by name') },
      },
    },
    async (request, reply) => {
      const { path, limit, cursor, ...query } = request.query
      using _place = takePlace('backups', callerOf(request))
      const signal = holdRight(request, reply, { rights })
      const folder = filePath(path).join('/')
      const at = { id: request.params.id, part: requirePart(partIn(query)), path: folder }
      return await entriesPage({ limit, cursor }, (page) => backups.entries(at, page, { signal }))
    },
  )

  app.get(
    '/admin/backups/:id/content',
    {
      config: { action, problems: [...ofBackupDownloads, ...ofRepository] },
      schema: {
        tags,
        operationId: 'getBackupFile',
        summary: 'Download a file as it is in a backup',
        params: backupParams,
        querystring: backupFileQuery,
        response: backupDownloadAnswer,
      },
    },
    async (request, reply) => {
      const { path, ...query } = request.query
      const at = { id: request.params.id, part: requirePart(partIn(query)), path: filePath(path).join('/') }
      return (await uses.sendBackupFile(request, reply, (options) => backups.file(at, options))) as never
    },
  )

  app.post(
    '/admin/backups/:id/restore',
    {
      config: { action, problems: ['backup-not-found', 'user-not-found', ...ofJob, ...ofRepository] },
      schema: {
        tags,
        operationId: 'restoreBackup',
        summary: "Restore a person's folder, the shared one, or one file or folder of it",
        params: backupParams,
        headers: z.object({ prefer }),
        body: restoreBody,
        response: { 202: answer(jobBody, 'The job that restores', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      const { path, in_place, ...of } = request.body
      const restore = { part: requirePart(partIn(of)), path: filePath(path), inPlace: in_place }
      const signal = holdRight(request, reply, { rights })
      const begin = () => uses.beginRestore(callerOf(request).userId, request.params.id, restore, { signal })
      return await answerBegun(request, reply, uses, begin)
    },
  )
}

function listRoutes(app: App, { backups, standing, weaknesses, takePlace, rights }: BackupsUses): void {
  app.get(
    '/admin/backups',
    {
      config: { action, problems: ofRepository },
      schema: {
        tags,
        operationId: 'listBackups',
        summary: 'All backups, the newest first',
        response: { 200: answer(backupsBody, 'All of them, on one page, and whether one is due') },
      },
    },
    async (request, reply) => {
      using _place = takePlace('backups', callerOf(request))
      const signal = holdRight(request, reply, { rights })
      const items = (await backups.list({ signal })).map(toBackupBody)
      const { standing: now, nextAt, history } = await standing()
      return {
        items,
        next_cursor: null,
        standing: toStandingBody(now, nextAt, weaknesses()),
        drill: toDrillBody(history.drill),
      }
    },
  )

  app.get(
    '/admin/backups/:id',
    {
      config: { action, problems: ['backup-not-found', ...ofRepository] },
      schema: {
        tags,
        operationId: 'getBackup',
        summary: 'One backup',
        params: backupParams,
        response: { 200: answer(backupBody, 'The backup') },
      },
    },
    async (request, reply) => {
      using _place = takePlace('backups', callerOf(request))
      const signal = holdRight(request, reply, { rights })
      return toBackupBody(await backups.one(request.params.id, { signal }))
    },
  )
}

/** @throws Problem invalid-request */
export async function entriesPage(
  { limit = defaultLimit, cursor }: { limit?: number | undefined; cursor?: string | undefined },
  read: (page: EntriesPage) => Promise<RepositoryEntry[]>,
): Promise<z.infer<typeof backupFilesBody>> {
  const [from] = cursor === undefined ? [0] : fromCursor(cursor, ['number'])
  const entries = await read({ from, limit: limit + 1 })
  const more = entries.length > limit
  return { items: entries.slice(0, limit).map(toEntryBody), next_cursor: more ? toCursor([from + limit]) : null }
}

/** @throws Problem invalid-request */
function requirePart(part: BackupPart | null): BackupPart {
  if (part) return part
  throw new Problem('invalid-request', 'Name either a person or the shared folder.', {
    errors: [{ pointer: '/user_id', detail: 'give user_id, or shared=true' }],
  })
}
