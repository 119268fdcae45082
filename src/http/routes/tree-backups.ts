import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { TreeBackups } from '../../backups/tree-backups.ts'
import { filePath } from '../../domain/files/file-path.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { backupDownloadAnswer, ofBackupDownloads, type SendBackupFile } from '../backup-download.ts'
import { answer } from '../documented.ts'
import { holdRight } from '../hold-right.ts'
import {
  backupFilesBody,
  backupParams,
  treeBackupFileQuery,
  treeBackupFilesQuery,
  treeBackupsBody,
  treeRestoreBody,
} from '../schemas/backup.ts'
import { isoTime } from '../schemas/common.ts'
import { jobBody } from '../schemas/job.ts'
import { prefer } from '../wait.ts'
import { entriesPage, ofRepository } from './backups.ts'
import type { Site } from './files.ts'
import { answerBegun, type JobsUses } from './jobs.ts'

const tags = ['backups']

export type TreeBackupsUses = JobsUses & { treeBackups: TreeBackups; sendBackupFile: SendBackupFile }

/** The backups of one kind of tree, for those to whom its files belong. `path`: where they are. */
export function treeBackupRoutes<Params>(
  app: App,
  { noun, whose, ...site }: Site<Params>,
  path: string,
  { treeBackups, ...uses }: TreeBackupsUses,
): void {
  const { takePlace, rights } = uses
  const treeIn = ({ params }: FastifyRequest) => site.treeOf(params as Params)
  const paramsOfOne = site.params.extend({ backup: backupParams.shape.id })
  const backupIn = ({ params }: FastifyRequest) => (params as { backup: string }).backup

  app.get(
    path,
    {
      config: { problems: ofRepository },
      schema: {
        tags,
        operationId: `list${noun}Backups`,
        summary: `The backups that have ${whose}, the newest first`,
        params: site.params,
        response: { 200: answer(treeBackupsBody, 'All of them, on one page') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      using _place = takePlace('backups', caller)
      const signal = holdRight(request, reply, { rights })
      const found = await treeBackups.list(caller, treeIn(request), { signal })
      return { items: found.map(({ id, at }) => ({ id, made: isoTime(at) })), next_cursor: null }
    },
  )

  app.get(
    `${path}/:backup/files`,
    {
      config: { problems: ['backup-not-found', 'not-found', ...ofRepository] },
      schema: {
        tags,
        operationId: `list${noun}BackupFiles`,
        summary: `A folder in ${whose}, as it is in a backup`,
        params: paramsOfOne,
        querystring: treeBackupFilesQuery,
        response: { 200: answer(backupFilesBody, 'A page of entries, by name') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const query = request.query as z.output<typeof treeBackupFilesQuery>
      using _place = takePlace('backups', caller)
      const signal = holdRight(request, reply, { rights })
      const at = { tree: treeIn(request), id: backupIn(request), path: filePath(query.path) }
      return await entriesPage(query, (page) => treeBackups.entries(caller, at, page, { signal }))
    },
  )

  app.get(
    `${path}/:backup/content`,
    {
      config: { problems: [...ofBackupDownloads, ...ofRepository] },
      schema: {
        tags,
        operationId: `get${noun}BackupFile`,
        summary: `Download a file in ${whose}, as it is in a backup`,
        params: paramsOfOne,
        querystring: treeBackupFileQuery,
        response: backupDownloadAnswer,
      },
    },
    async (request, reply) => {
      const query = request.query as z.output<typeof treeBackupFileQuery>
      const at = { tree: treeIn(request), id: backupIn(request), path: filePath(query.path) }
      const find: Parameters<SendBackupFile>[2] = (options) => treeBackups.file(callerOf(request), at, options)
      return (await uses.sendBackupFile(request, reply, find)) as never
    },
  )

  app.post(
    `${path}/:backup/restore`,
    {
      config: {
        problems: [
          ...(['backup-not-found', 'user-not-found', 'storage-full', 'job-under-way'] as const),
          ...ofRepository,
        ],
      },
      schema: {
        tags,
        operationId: `restore${noun}Backup`,
        summary: `Restore ${whose}, or one file or folder of it`,
        params: paramsOfOne,
        headers: z.object({ prefer }),
        body: treeRestoreBody,
        response: { 202: answer(jobBody, 'The job that restores', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const body = request.body as z.output<typeof treeRestoreBody>
      const what = { id: backupIn(request), path: filePath(body.path), inPlace: body.in_place }
      const signal = holdRight(request, reply, { rights })
      const begin = async () => {
        using _place = takePlace('backups', caller)
        return await treeBackups.restore(caller, treeIn(request), what, { signal })
      }
      return await answerBegun(request, reply, uses, begin)
    },
  )
}
