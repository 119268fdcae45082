import type { Command } from 'commander'
import { printable } from '../lib/printable.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import { addContents, type Backup } from './backup-contents.ts'
import { minuteOf } from './minute.ts'
import { type Connect, followJob, onService, withService } from './on-service.ts'
import { countOf } from './words.ts'

/** Adds `ailab backup` to the command line. */
export function addBackup(program: Command, connect: Connect): void {
  const backup = program
    .command('backup')
    .description('Backs up the lab, lists and checks its backups, looks into them, and brings things back from them.')

  const now = backup
    .command('now')
    .description('Backs up everything now.')
    .option('--pause', "pause a person's environments while their folder is read, for 30 minutes at most")
  withService(now).action(({ pause = false }: { pause?: boolean }, command: Command) =>
    onService(connect, async (on) => {
      const asked = { body: { pause }, signal: on.signal }
      const job = await followJob(on, await on.service.ask('POST', '/api/admin/backups', asked))
      return backupText(job.result as BackupResult)
    })(command),
  )

  withService(backup.command('ls').description('Lists the backups, the newest first.')).action(
    (_options: unknown, command: Command) =>
      onService(connect, async ({ service, signal }) => {
        const { items } = (await service.ask('GET', '/api/admin/backups', { signal })) as { items: Backup[] }
        if (items.length === 0) return 'There is no backup yet.\n'
        return items.map(lineOf).join('')
      })(command),
  )

  addContents(backup, connect)
  addLegacy(backup, connect)

  withService(backup.command('check').description('Checks the repository, and reads a part of its data.')).action(
    (_options: unknown, command: Command) =>
      onService(connect, async (on) => {
        await followJob(on, await on.service.ask('POST', '/api/admin/backups/check', { signal: on.signal }))
        return 'The repository is in order.\n'
      })(command),
  )
}

type Legacy = { name: string; made: string; size_bytes: number }

/** The zip files of the earlier platform. */
function addLegacy(backup: Command, connect: Connect): void {
  const path = '/api/admin/legacy-backups'
  withService(
    backup.command('zips').description('Lists the zip files of the earlier platform, the newest first.'),
  ).action((_options: unknown, command: Command) =>
    onService(connect, async ({ service, signal }) => {
      const { items } = (await service.ask('GET', path, { signal })) as { items: Legacy[] }
      if (items.length === 0) return 'There is no backup_<user>_<seconds>.zip in admin/backups.\n'
      return items.map(({ name, made }) => `${minuteOf(made)}  ${name}\n`).join('')
    })(command),
  )

  const restore = backup
    .command('restore-zip')
    .description("Restores a zip file of the earlier platform into a person's folder.")
    .argument('<name>', 'as `ailab backup zips` lists it')
    .requiredOption('--user <id>', 'whose folder')
    .option('--in-place', 'put each entry where it was; what is there goes to the trash first')
  withService(restore).action(
    (name: string, { user, inPlace = false }: { user: string; inPlace?: boolean }, command: Command) =>
      onService(connect, async (on) => {
        const asked = { body: { user_id: user, in_place: inPlace }, signal: on.signal }
        const job = await followJob(
          on,
          await on.service.ask('POST', `${path}/${encodeURIComponent(name)}/restore`, asked),
        )
        return restoredText(job.result as ZipResult)
      })(command),
  )
}

export type BackupResult = {
  backup_id: string
  files: number
  bytes: number
  added_bytes: number
  paused_environments: number
  unread_files: number
  left_out: { folder: string; reason: string }[]
  old_ones_stay?: string
}

export function backupText(result: BackupResult): string {
  const { backup_id: id, files, bytes, added_bytes: added, left_out: leftOut, old_ones_stay: stay } = result
  const { paused_environments: paused, unread_files: unread } = result
  return [
    `The backup ${id} has ${countOf(files, 'file')} (${sizeInWords(bytes)}). The repository grew by ${sizeInWords(added)}.`,
    ...(paused > 0 ? [`${countOf(paused, 'environment')} stood still while it was made.`] : []),
    ...(unread > 0 ? [`It lacks ${countOf(unread, 'file')} that could not be read.`] : []),
    ...leftOut.map(({ folder, reason }) => `It lacks ${folder}: ${reason}`),
    ...(stay === undefined ? [] : [`Old backups could not be removed: ${stay}`]),
    '',
  ].join('\n')
}

export type ZipResult = {
  folder: string
  to: string
  files: number
  bytes: number
  left_out: number
  examples: { name: string; reason: string }[]
}

export function restoredText({ folder, to, files, bytes, left_out: leftOut, examples }: ZipResult): string {
  const place = to === '' ? folder : `${folder}/${to}`
  return [
    `${countOf(files, 'file')} (${sizeInWords(bytes)}) are in ${place}.`,
    ...(leftOut > 0 ? [`${countOf(leftOut, 'entry', 'entries')} of the zip file were left out, such as:`] : []),
    ...examples.map(({ name, reason }) => `  ${printable(name)}: ${reason}`),
    '',
  ].join('\n')
}

function lineOf({ id, made, status, folders }: Backup): string {
  return `${id}  ${minuteOf(made)}  ${countOf(folders.length, 'folder')}${status === 'whole' ? '' : ', not whole'}\n`
}
