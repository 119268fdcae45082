/** Restores the zip files in which the earlier platform backed up one person's folder. */
import { type LegacyZip, mayBeOf } from '../domain/backups/legacy-zip.ts'
import type { Job, JobData, Progress } from '../domain/jobs/job.ts'
import { type UserId, userId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { LegacyBackups } from '../ports/legacy-backups.ts'
import type { Begin } from './backups.ts'
import type { createRestoreInto } from './restore-into.ts'

export const legacyRestoreKind = 'restore-zip'

export type LegacyRestore = {
  /** The newest first. */
  list(): Promise<LegacyZip[]>
  /** @throws Problem backup-not-found, user-not-found, wrong-state if the file is another person's, job-under-way */
  begin(by: UserId, name: string, to: { userId: UserId; inPlace: boolean }): Promise<Job>
}

export function createLegacyRestore(deps: {
  legacy: Pick<LegacyBackups, 'list'>
  /** @throws Problem user-not-found */
  requirePerson: (id: UserId) => Promise<unknown>
  begin: Begin
}): LegacyRestore {
  const { legacy, requirePerson, begin } = deps
  return {
    list: () => legacy.list(),

    async begin(by, name, { userId: id, inPlace }) {
      const zip = (await legacy.list()).find((each) => each.name === name)
      if (!zip) throw new Problem('backup-not-found', `There is no ${name}.`)
      await requirePerson(id)
      if (!mayBeOf(zip, id)) {
        throw new Problem('wrong-state', `${name} is a backup of ${zip.legacyUser}, whose name is not that of ${id}.`)
      }
      const input = { zip: name, user_id: id, in_place: inPlace }
      const title = `Restore of users/${id} from ${name}`
      return await begin(by, { kind: legacyRestoreKind, title, input, key: `restore of users/${id}` })
    },
  }
}

type Running = {
  signal: AbortSignal
  tell: (progress: Progress) => void
  note: (result: JobData) => Promise<void>
}

const leftOutKept = 20
const unpackedFolder = 'unpacked'

/** @returns Does the work of a job, as `createRestoreInto` says. */
export function createRunLegacyRestore({
  legacy,
  restoreInto,
}: {
  legacy: Pick<LegacyBackups, 'unpack'>
  restoreInto: ReturnType<typeof createRestoreInto>
}): (job: Job, running: Running) => Promise<JobData> {
  return async (job, running) => {
    const name = String(job.input.zip)
    const to = job.input.in_place === true ? [] : [`restored-${name.replace(/\.zip$/, '')}`]
    const tree = { kind: 'person', userId: userId.parse(job.input.user_id) } as const
    let result = job.result ?? {} // of a run that was cut short
    const fill = async (folder: string) => {
      const { files, bytes, leftOut } = await legacy.unpack(name, `${folder}/${unpackedFolder}`, running)
      result = { files, bytes, left_out: leftOut.length, examples: leftOut.slice(0, leftOutKept) }
      await running.note(result)
    }
    const entries = await restoreInto(job, { tree, from: [unpackedFolder], only: null, to, target: to }, fill, running)
    return { ...result, folder: `users/${tree.userId}`, to: to.join('/'), entries }
  }
}
