/** The commands that look into a backup, and bring back one file, one folder, or all of a person's or the shared folder. */
import { basename } from 'node:path'
import type { Command } from 'commander'
import { listText, splitPath, telling } from './files.ts'
import { allOf, type Connect, followJob, type OnService, onService, withService } from './on-service.ts'
import { countOf } from './words.ts'

export type Backup = { id: string; made: string; status: 'whole' | 'in-parts'; folders: string[] }

type Entry = { name: string; type: string; size_bytes: number; modified: string }

const backupsPath = '/api/admin/backups'

/** Adds them to `ailab backup`. */
export function addContents(backup: Command, connect: Connect): void {
  withService(backup.command('browse <backup> [path]').description('Lists a folder as it is in a backup.'))
    .addHelpText('after', help)
    .action((typed: string, path: string | undefined, _options: unknown, command: Command) =>
      onService(connect, (on) => (path === undefined ? foldersIn(on, typed) : listIn(on, typed, path)))(command),
    )

  withService(
    backup.command('get <backup> <path> [file]').description('Downloads a file as it is in a backup.'),
  ).action((typed: string, path: string, file: string | undefined, _options: unknown, command: Command) =>
    onService(connect, async (on) => {
      const to = file ?? basename(path)
      const { id, query } = await find(on, typed, path)
      await on.service.download(`${backupsPath}/${id}/content?${query}`, to, { signal: on.signal, tell: telling(on) })
      return `${to}\n`
    })(command),
  )

  withService(
    backup
      .command('restore <backup> <path>')
      .description("Brings back a file, a folder, or all of a person's folder or of shared/.")
      .option('--in-place', 'put it where it was; what is there goes to the trash first'),
  )
    .addHelpText('after', help)
    .action((typed: string, path: string, { inPlace = false }: { inPlace?: boolean }, command: Command) =>
      onService(connect, async (on) => {
        const { id, part, below } = await find(on, typed, path)
        const body = { ...part, path: below, in_place: inPlace }
        const asked = on.service.ask('POST', `${backupsPath}/${id}/restore`, { signal: on.signal, body })
        const { result } = await followJob(on, await asked)
        return returnedText(result as Returned)
      })(command),
    )
}

const help = `
<backup> is an id that bin/ailab backup ls shows, or newest. Paths are as in the data root: shared/<path>, or users/<id>/<path>. For example:

  bin/ailab backup browse newest users/demo@ailab.com/notebooks
  bin/ailab backup restore newest users/demo@ailab.com/notebooks/a.ipynb

A restore puts things into a new folder restored-<backup> of the person or of shared/, unless --in-place.`

async function foldersIn(on: OnService, typed: string): Promise<string> {
  const id = await idOf(on, typed, null)
  const { folders } = (await on.service.ask('GET', `${backupsPath}/${id}`, { signal: on.signal })) as Backup
  const open = folders.filter((folder) => folder !== 'admin') // which comes back only with the whole lab
  return open.map((folder) => `${folder}/\n`).join('')
}

async function listIn(on: OnService, typed: string, path: string): Promise<string> {
  const { id, query } = await find(on, typed, path)
  const entries = await allOf<Entry>(on, `${backupsPath}/${id}/files?${query}`)
  return listText(
    entries.map(({ type, size_bytes, ...entry }) => ({
      ...{ ...entry, kind: type, target: null },
      size_bytes: type === 'file' ? size_bytes : null,
    })),
  )
}

/** A path in a backup, as the calls of the service name it. */
async function find(on: OnService, typed: string, path: string) {
  const { folder, names } = splitPath(path)
  const person = folder === 'shared' ? null : folder.slice('users/'.length)
  const part = person === null ? { shared: true } : { user_id: person }
  const below = names.join('/')
  const query = new URLSearchParams({ ...(person === null ? { shared: 'true' } : { user_id: person }), path: below })
  return { id: await idOf(on, typed, folder), part, below, query }
}

async function idOf({ service, signal }: OnService, typed: string, folder: string | null): Promise<string> {
  if (typed !== 'newest') return encodeURIComponent(typed)
  const { items } = (await service.ask('GET', backupsPath, { signal })) as { items: Backup[] }
  return newestOf(items, folder)
}

/** The id of the newest whole backup that has the folder; null: any. `all`: the newest first. @throws Error if there is none */
export function newestOf(all: readonly Backup[], folder: string | null): string {
  const found = all.find(({ status, folders }) => status === 'whole' && (folder === null || folders.includes(folder)))
  if (found) return found.id
  throw new Error(`There is no whole backup${folder === null ? '' : ` that has ${folder}`}.`)
}

export type Returned = { folder: string; to: string; entries: number }

export function returnedText({ folder, to, entries }: Returned): string {
  const place = to === '' ? folder : `${folder}/${to}`
  return `${countOf(entries, 'entry', 'entries')} ${entries === 1 ? 'is' : 'are'} in ${place}.\n`
}
