import { type Command, Option } from 'commander'
import { printable } from '../lib/printable.ts'
import { minuteOf } from './minute.ts'
import { allOf, type Connect, type OnService, onService, withService } from './on-service.ts'

type Trashed = {
  id: string
  user_id: string | null
  path: string
  deleted: string
  deleted_by: string
  kept_until: string | null
}

/** An entry with an empty path is all that was in the folder of a person who was removed. */
const wholeFolder = 'the whole folder'

/** Adds `ailab trash` to the command line. */
export function addTrash(program: Command, connect: Connect): void {
  const trash = program
    .command('trash')
    .description('Shows what was deleted, brings it back, or removes it for good, through the running service.')

  withService(trash.command('ls').description('Lists what was deleted from your own folder, newest first.'))
    .option('--user <id>', "from that person's folder instead")
    .addOption(new Option('--shared', 'from shared/ instead').conflicts('user'))
    .action((options: { user?: string; shared?: true }, command: Command) =>
      onService(connect, (on) => list(on, options))(command),
    )

  withService(trash.command('restore <id>').description('Brings it back to where it was.'))
    .option('--to <path>', 'to another path, in the same folder')
    .action((id: string, { to }: { to?: string }, command: Command) =>
      onService(connect, async ({ service, signal }) => {
        const body = to === undefined ? {} : { to }
        const { path } = (await service.ask('POST', `/api/trash/${id}/restore`, { signal, body })) as { path: string }
        return `It is back: ${path || wholeFolder}\n`
      })(command),
    )

  withService(trash.command('rm <id>').description('Removes it for good.')).action(
    (id: string, _options: unknown, command: Command) =>
      onService(connect, async ({ service, signal }) => {
        await service.ask('DELETE', `/api/trash/${id}`, { signal })
        return ''
      })(command),
  )
}

async function list(on: OnService, { user, shared }: { user?: string; shared?: true }): Promise<string> {
  const whose = shared ? '?shared=true' : user === undefined ? '' : `?user_id=${encodeURIComponent(user)}`
  const items = await allOf<Trashed>(on, `/api/trash${whose}`)
  return items.length === 0 ? nothingFrom(shared ? 'shared/' : user) : items.map(lineOf).join('')
}

function nothingFrom(folder: string | undefined): string {
  return folder === undefined
    ? "Nothing from your own folder is in the trash. --shared lists what was deleted from shared/, --user <id> from a person's folder.\n"
    : `Nothing from ${folder} is in the trash.\n`
}

function lineOf({ id, path, deleted, deleted_by, kept_until }: Trashed): string {
  const until = kept_until === null ? 'for ever' : `until ${kept_until.slice(0, 10)}`
  return `${id}  ${minuteOf(deleted)} by ${deleted_by}, ${until}  ${printable(path) || `(${wholeFolder})`}\n`
}
