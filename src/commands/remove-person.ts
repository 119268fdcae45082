import { type Command, Option } from 'commander'
import { environmentsChoice, folderChoice, isLong, type RemovalChoice } from '../domain/people/removal.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { type Connect, followJob, type OnService, onService, withService } from './on-service.ts'
import { countOf } from './words.ts'

type Options = { environments: RemovalChoice['environments']; files: RemovalChoice['folder'] }

/** Adds `ailab user remove`. `removeAlone`: for a person without environments, whose folder stays; it needs no running service. */
export function addRemoval(
  user: Command,
  {
    connect,
    idOf,
    removeAlone,
  }: {
    connect: Connect
    idOf: (typed: string) => UserId
    removeAlone: (typed: string, command: Command) => Promise<void>
  },
): void {
  const command = user.command('remove <id>').description("Removes a person's account with its tokens; see below.")
  const choice = (flags: string, words: string, choices: string[]) =>
    new Option(flags, words).choices(choices).default('keep')
  withService(command)
    .addOption(choice('--environments <choice>', 'what becomes of their environments', environmentsChoice.options))
    .addOption(choice('--files <choice>', 'what becomes of their folder', folderChoice.options))
    .addHelpText('after', help)
    .action(async (typed: string, options: Options, own: Command) => {
      const choice = { environments: options.environments, folder: options.files } // `--folder` names the folder of the service
      if (!isLong(choice)) return await removeAlone(typed, own)
      await onService(connect, (on) => removeWithAll(on, idOf(typed), choice))(own)
    })
}

async function removeWithAll(on: OnService, id: UserId, { environments, folder }: RemovalChoice): Promise<string> {
  const query = new URLSearchParams({ environments, folder })
  const path = `/api/users/${encodeURIComponent(id)}?${query}`
  const begun = (await on.service.ask('DELETE', path, { signal: on.signal })) as { id: string }
  const { result } = await followJob(on, begun).catch((error: unknown) => {
    if (!on.signal.aborted) throw error
    throw new Error(`The service goes on with the removal. To cancel it: POST /api/jobs/${begun.id}/cancel`)
  })
  on.line.end()
  process.stderr.write(`${removedText(id, result as RemovalResult)}\n`)
  return ''
}

export type RemovalResult = { environments: string[]; trashed: boolean }

export function removedText(id: UserId, { environments, trashed }: RemovalResult): string {
  const deleted = environments.length === 0 ? '' : ` ${countOf(environments.length, 'environment')} of theirs went too.`
  const inTrash = `What was in their folder is in the trash: bin/ailab trash ls --user ${id}`
  return `${id} was removed.${deleted}${trashed ? ` ${inTrash}` : ''}`
}

const help = `
  --environments keep    refused while the person has environments
  --environments delete  deletes them; this deletes no file of the person
  --files keep           the folder stays, and a person of the same id who is added later gets it
  --files trash          the folder goes to the trash; an administrator can bring it back (bin/ailab trash)

With "delete" or "trash" the running service does it: it disables the person first, and removes the account last.`
