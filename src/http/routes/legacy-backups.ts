import { z } from 'zod'
import type { LegacyRestore } from '../../backups/legacy-restore.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { legacyBackupsBody, legacyParams, legacyRestoreBody, toLegacyBody } from '../schemas/backup.ts'
import { jobBody } from '../schemas/job.ts'
import { prefer } from '../wait.ts'
import { answerBegun, type JobsUses } from './jobs.ts'

const tags = ['backups']
const action = 'backup:manage'

/** The zip files of the earlier platform, for administrators. */
export function legacyBackupRoutes(app: App, uses: JobsUses & { legacyRestore: LegacyRestore }): void {
  const { legacyRestore } = uses
  app.get(
    '/admin/legacy-backups',
    {
      config: { action },
      schema: {
        tags,
        operationId: 'listLegacyBackups',
        summary: 'The zip files in which the earlier platform backed up people, the newest first',
        response: { 200: answer(legacyBackupsBody, 'All of them, on one page') },
      },
    },
    async () => ({ items: (await legacyRestore.list()).map(toLegacyBody), next_cursor: null }),
  )

  app.post(
    '/admin/legacy-backups/:name/restore',
    {
      config: {
        action,
        problems: ['backup-not-found', 'user-not-found', 'wrong-state', 'job-under-way', 'too-many-at-once'],
      },
      schema: {
        tags,
        operationId: 'restoreLegacyBackup',
        summary: "Restore such a zip file into a person's folder",
        params: legacyParams,
        headers: z.object({ prefer }),
        body: legacyRestoreBody,
        response: { 202: answer(jobBody, 'The job that restores', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      const to = { userId: request.body.user_id, inPlace: request.body.in_place }
      const begin = () => legacyRestore.begin(callerOf(request).userId, request.params.name, to)
      return await answerBegun(request, reply, uses, begin)
    },
  )
}
