import type { Command } from 'commander'
import type { RestoredLab } from '../backups/restore-lab.ts'
import type { Backup } from '../domain/backups/backup.ts'
import { type Progress, percentOf } from '../domain/jobs/job.ts'
import { runShown } from './run-shown.ts'

/** What the person typed; null: not given. */
export type RestoreOptions = {
  backup: string | null
  from: string | null
  key: string | null
  to: string | null
  /** People's folders to leave out. */
  without: readonly string[]
}

export type RestoreUses = {
  restore(
    folder: string,
    options: RestoreOptions,
    running: { signal: AbortSignal; tell: (progress: Progress) => void },
  ): Promise<RestoredLab>
  list(folder: string, options: RestoreOptions, signal: AbortSignal): Promise<Backup[]>
}

type Typed = { from?: string; key?: string; to?: string; without?: string[]; list?: true }

/** Adds `ailab restore` to the command line. */
export function addRestore(program: Command, { restore, list }: RestoreUses): void {
  program
    .command('restore')
    .description('Makes a data root anew from a backup: people, environments, and all files.')
    .argument('[backup]', 'the id of a backup; the newest whole one unless told')
    .option('--from <folder>', 'the repository of the backups; BACKUP_REPOSITORY unless told')
    .option('--key <file>', 'the file with its key; BACKUP_KEY_FILE unless told')
    .option('--to <folder>', 'the new data root, an empty or missing folder; DATA_DIR unless told')
    .option(
      '--without <folder>',
      "a person's folder to leave out, such as users/demo@ailab.com; may be repeated",
      also,
      [],
    )
    .option('--list', 'list the backups, and restore nothing')
    .addHelpText('after', help)
    .action(async (backup: string | undefined, typed: Typed, command: Command) => {
      const { folder } = command.optsWithGlobals()
      const { from = null, key = null, to = null, without = [] } = typed
      const options = { backup: backup ?? null, from, key, to, without }
      const interrupted = 'Interrupted. Run the same command again: it begins anew.'
      await runShown(interrupted, async ({ line, signal }) => {
        if (typed.list) return listText(await list(folder, options, signal))
        const tell = (progress: Progress) =>
          line.update(() => ({ words: progress.doing, percent: percentOf(progress) }))
        const restored = await restore(folder, options, { signal, tell })
        process.exitCode = restored.leftOut.length > 0 ? 2 : 0
        return restoredText(restored)
      })
    })
}

function also(folder: string, before: string[]): string[] {
  return [...before, folder]
}

const help = `
For a lab that has lost its data root. Stop the service first. To bring back one file or one person's folder while the lab
lives on, use bin/ailab backup restore.

Exit codes: 0 all is restored, 1 it failed and no data root was made, 2 the backup lacks some folders, or they were to be left out.`

export function listText(backups: readonly Backup[]): string {
  if (backups.length === 0) return 'There is no backup in this repository.\n'
  const lines = backups.map(({ id, isWhole, snapshots }) => {
    const people = snapshots.filter(({ part }) => part.kind === 'person').length
    return `${id}  ${people} ${people === 1 ? 'person' : 'people'}${isWhole ? '' : ', not whole: it was cut short'}`
  })
  return `${lines.join('\n')}\n`
}

export function restoredText({ backupId, at, folders, leftOut }: RestoredLab): string {
  const lines = [
    `The backup ${backupId} of ${new Date(at).toISOString().slice(0, 16)}Z is restored: ${folders} folders.`,
    ...leftOut.map(({ folder, reason }) => `It lacks ${folder}: ${reason}`),
    'Start the service: it makes the environments again.',
  ]
  return `${lines.join('\n')}\n`
}
