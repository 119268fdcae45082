import { basename } from 'node:path'
import type { Command } from 'commander'
import { printable } from '../lib/printable.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import type { Transferred } from '../ports/service-client.ts'
import { minuteOf } from './minute.ts'
import { type Connect, followJob, type OnService, onService, withService } from './on-service.ts'
import { percentDone, progressInWords } from './progress-line.ts'

type Entry = {
  name: string
  path: string
  kind: string
  size_bytes: number | null
  modified: string
  target: string | null
}
type Page = { items: Entry[]; next_cursor: string | null; complete: boolean }

/** Adds `ailab files` to the command line. */
export function addFiles(program: Command, connect: Connect): void {
  const files = program
    .command('files')
    .description('Lists, uploads, downloads and changes files of shared/ and of people, through the running service.')
    .addHelpText('after', help)
  const add = (name: string, description: string, work: (on: OnService, typed: string[]) => Promise<string>) =>
    withService(files.command(name).description(description)).action((...given: unknown[]) => {
      const command = given.at(-1) as Command
      return onService(connect, (on) => work(on, command.processedArgs as string[]))(command)
    })

  add('ls <path>', 'Lists a folder.', async ({ service, signal }, [path = '']) => {
    const entries: Entry[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = (await service.ask('GET', `${addressOf(path)}?limit=200${more}`, { signal })) as Page | Entry
      if (!('items' in page)) return listText([page])
      entries.push(...page.items)
      cursor = page.next_cursor
    }
    return listText(entries)
  })

  add(
    'find <text> <path>',
    'Finds entries by a part of their names.',
    async ({ service, signal }, [text = '', path = '']) => {
      const { items, complete } = (await service.ask('GET', `${addressOf(path)}?search=${encodeURIComponent(text)}`, {
        signal,
      })) as Page
      return (
        items.map(({ path }) => `${printable(path)}\n`).join('') +
        (complete ? '' : 'There may be more: the search ended early.\n')
      )
    },
  )

  add('get <path> [file]', 'Downloads a file, or a folder as a tar or zip archive.', async (on, [path = '', file]) => {
    const { service, signal } = on
    const { kind } = (await service.ask('GET', `${addressOf(path)}?as=entry`, { signal })) as Entry
    const to = file ?? (kind === 'folder' ? `${basename(path)}.tar` : basename(path))
    const as = kind === 'folder' ? `?as=${to.endsWith('.zip') ? 'zip' : 'tar'}` : ''
    await service.download(`${addressOf(path)}${as}`, to, { signal, tell: telling(on) })
    return `${to}\n`
  })

  add('checksum <path>', 'Prints the SHA-256 of a file, as sha256sum does.', async (on, [path = '']) => {
    const { service, signal } = on
    const { result } = await followJob(
      on,
      await service.ask('POST', addressOf(path), { signal, body: { op: 'checksum' } }),
    )
    return `${result?.sha256}  ${path}\n`
  })

  add(
    'put <file> <path>',
    'Uploads a file; goes on where an earlier try broke off.',
    async (on, [file = '', path = '']) => {
      const to = addressOf(path.endsWith('/') ? `${path}${basename(file)}` : path)
      await on.service.upload(file, decodeURIComponent(to), { signal: on.signal, tell: telling(on) })
      return `${decodeURIComponent(to)
        .replace(/^\/api\//, '')
        .replace('/files/', '/')}\n`
    },
  )

  add('mkdir <path>', 'Makes a folder, and those above it.', async ({ service, signal }, [path = '']) => {
    await service.ask('POST', addressOf(path), { signal, body: { op: 'make-folder' } })
    return ''
  })

  add('mv <path> <to>', 'Moves an entry; replaces nothing.', async ({ service, signal }, [path = '', to = '']) => {
    await service.ask('POST', addressOf(path), { signal, body: { op: 'move', to: below(path, to) } })
    return ''
  })

  add('cp <path> <to>', 'Copies an entry with all that is in it.', async (on, [path = '', to = '']) => {
    const { service, signal } = on
    await followJob(
      on,
      await service.ask('POST', addressOf(path), { signal, body: { op: 'copy', to: below(path, to) } }),
    )
    return ''
  })

  add('rm <path>', 'Puts an entry into the trash.', async ({ service, signal }, [path = '']) => {
    const { id } = (await service.ask('DELETE', addressOf(path), { signal })) as { id: string }
    return `It is in the trash. To bring it back: bin/ailab trash restore ${id}\n`
  })
}

const help = `
Paths are as in the data root: shared/<path>, or users/<id>/<path>. For example:

  bin/ailab files ls shared/datasets
  bin/ailab files put model.bin users/demo@ailab.com/models/
  bin/ailab files get shared/datasets/rain rain.zip
  docker exec ai-lab-backend ailab files ls users/demo@ailab.com`

/** The folder that a path is in, `shared` or `users/<id>`, and the names below it. @throws Error if the path is in neither of the two */
export function splitPath(path: string): { folder: string; names: string[] } {
  const [top, ...rest] = path.split('/').filter((name) => name !== '')
  const [id, ...names] = rest
  if (top === 'shared') return { folder: 'shared', names: rest }
  if (top === 'users' && id !== undefined) return { folder: `users/${id}`, names }
  throw new Error(`The path ${path} is neither in shared/ nor in users/<id>/.`)
}

/** The place of a path in the API. @throws as splitPath does */
export function addressOf(path: string): string {
  const { folder, names } = splitPath(path)
  return [`/api/${folder}/files`, ...names.map(encodeURIComponent)].join('/')
}

/** The new path of an entry, relative to the folder that both are in. @throws Error if they are not in the same one */
export function below(path: string, to: string): string {
  const { folder, names } = splitPath(to)
  if (splitPath(path).folder === folder) return names.join('/')
  throw new Error('Both paths must be in shared/, or in the folder of the same person.')
}

/** Shows how far a transfer is. */
export function telling({ line }: OnService): Transferred {
  const startedAt = performance.now()
  return (bytes, totalBytes) =>
    line.update(() => {
      if (totalBytes === null) return { words: sizeInWords(bytes), percent: null }
      const [done, total] = [
        { files: bytes < totalBytes ? 0 : 1, bytes },
        { files: 1, bytes: totalBytes },
      ]
      const words = progressInWords(done, total, performance.now() - startedAt)
      return { words, percent: percentDone(done, total) }
    })
}

/** A folder as people read it, one line for each entry. */
export function listText(entries: readonly Omit<Entry, 'path'>[]): string {
  const sizes = entries.map(({ size_bytes }) => (size_bytes === null ? '' : sizeInWords(size_bytes)))
  const width = Math.max(0, ...sizes.map((size) => size.length))
  const lines = entries.map(({ name, kind, modified, target }, at) => {
    const shown = kind === 'folder' ? `${name}/` : target === null ? name : `${name} -> ${target}`
    return `${(sizes[at] ?? '').padStart(width)}  ${minuteOf(modified)}  ${printable(shown)}\n`
  })
  return lines.join('')
}
