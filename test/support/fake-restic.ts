import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Engine, Errand, OnOutput } from '../../src/ports/engine.ts'

type OnLine = Parameters<Engine['runErrand']>[1]
type Snapshot = { id: string; time: string; hostname: string; tags: string[] }

export const fakeResticProgram = { digest: 'f'.repeat(64), tar: async () => new Uint8Array(0) }

/**
 * Does the work of an errand that runs restic, with plain copies in place of a real repository. It is held to the same contract
 * (test/contract/backup-repository.contract.ts).
 */
export async function fakeRestic(
  errand: Errand,
  onLine: OnLine,
  signal: AbortSignal,
  onOutput?: OnOutput,
): Promise<number> {
  const say = (value: object | string) =>
    onLine({ stream: 'stdout', text: typeof value === 'string' ? value : JSON.stringify(value) })
  const fail = (words: string) => {
    onLine({ stream: 'stderr', text: `Fatal: ${words}` })
    return 1
  }
  const options = new Map<string, string[]>()
  const words = wordsIn(errand.command.slice(1), options)
  const here = (path: string) => placeOf(errand, path)
  const repository = here(options.get('--repo')?.[0] ?? '')
  const config = join(repository, 'config')
  const [command, first = '', second = ''] = words
  const known = await readFile(config, 'utf8').catch(() => null)
  if (command === 'init') {
    if (known !== null) return fail('create repository failed: config file already exists')
    await writeFile(config, errand.secret)
    await mkdir(join(repository, 'snapshots'))
    return 0
  }
  if (known === null) return fail('unable to open config file: Is there a repository at the following location?')
  if (known !== errand.secret) return fail('wrong password or no key found')
  const snapshots = await allIn(repository)
  const dataOf = (id: string) => join(repository, 'snapshots', id)
  switch (command) {
    case 'backup': {
      const id = randomBytes(32).toString('hex')
      const source = here(first)
      const without = (options.get('--exclude') ?? []).map((pattern) => here(pattern.replaceAll('\\', '')))
      const largest = 1024 * Number.parseInt(options.get('--exclude-larger-than')?.[0] ?? '', 10)
      signal.throwIfAborted()
      const sum = { files: 0, bytes: 0 }
      const filter = async (path: string) => {
        if (without.includes(path)) return false
        const stats = await lstat(path)
        if (stats.isFile() && stats.size > largest) return false
        if (stats.isFile()) {
          sum.files += 1
          sum.bytes += stats.size
        }
        return true
      }
      const kept = join(dataOf(id), first)
      await mkdir(kept, { recursive: true })
      // Entry by entry: Node refuses to copy a folder into itself, even if that part is left out.
      for (const name of await readdir(source)) {
        if (without.includes(join(source, name))) continue
        const how = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter }
        await cp(join(source, name), join(kept, name), how)
      }
      signal.throwIfAborted()
      const tags = (options.get('--tag')?.[0] ?? '').split(',')
      const hostname = options.get('--host')?.[0] ?? ''
      const snapshot: Snapshot = { id, time: new Date().toISOString(), hostname, tags }
      await writeFile(`${dataOf(id)}.json`, JSON.stringify(snapshot))
      const totals = { total_files_processed: sum.files, total_bytes_processed: sum.bytes, data_added: sum.bytes }
      say({ message_type: 'summary', snapshot_id: id, ...totals })
      return 0
    }
    case 'snapshots':
      say(JSON.stringify(snapshots))
      return 0
    case 'ls': {
      const folder = join(dataOf(first), second)
      for (const name of (await readdir(folder).catch(() => [])).toSorted()) say(await nodeOf(folder, name, second))
      if (await stat(folder).catch(() => null)) say(await nodeOf(dirname(folder), '', second))
      return 0
    }
    case 'dump': {
      const pieces = createReadStream(join(dataOf(first), second), { highWaterMark: 2 ** 16, signal })
      for await (const piece of pieces) await onOutput?.(piece)
      return 0
    }
    case 'restore': {
      const target = here(options.get('--target')?.[0] ?? '')
      const [only = ''] = options.get('--include') ?? []
      const path = only.replaceAll('\\', '')
      await cp(join(dataOf(first), path), join(target, path), { recursive: true, verbatimSymlinks: true }).catch(
        () => {},
      )
      return 0
    }
    case 'stats': {
      const all = (await Promise.all(words.slice(1).map((id) => entriesBelow(dataOf(id))))).flat()
      const sizes = await Promise.all(all.map(async (path) => lstat(path)))
      const bytes = sizes.reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0)
      say({ total_file_count: all.length, total_size: bytes })
      return 0
    }
    case 'forget':
      for (const id of words.slice(1)) await rm(`${dataOf(id)}.json`)
      return 0
    case 'check':
      return snapshots.every(({ id }) => id.length === 64) ? 0 : fail('repository contains errors')
    default:
      return 0
  }
}

/** Sorts the options with a value out of the words. */
function wordsIn(args: readonly string[], options: Map<string, string[]>): string[] {
  const flags = ['--json', '--quiet', '--no-cache', '--no-lock', '--verify']
  const words: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? ''
    if (!word.startsWith('--')) words.push(word)
    else if (!flags.includes(word) && !word.includes('=')) {
      options.set(word, [...(options.get(word) ?? []), args[at + 1] ?? ''])
      at += 1
    }
  }
  return words
}

/** The real place of a path that the errand sees. */
function placeOf({ mounts }: Errand, path: string): string {
  const mount = mounts.find(({ target }) => `${path}/`.startsWith(`${target}/`))
  return mount ? join(mount.source, relative(mount.target, path)) : '/nowhere'
}

async function entriesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.map(({ parentPath, name }) => join(parentPath, name))
}

async function allIn(repository: string): Promise<Snapshot[]> {
  const names = (await readdir(join(repository, 'snapshots'))).filter((name) => name.endsWith('.json'))
  return await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(repository, 'snapshots', name), 'utf8'))),
  )
}

async function nodeOf(folder: string, name: string, above: string) {
  const stats = await lstat(join(folder, name === '' ? (above.split('/').at(-1) ?? '') : name))
  const type = stats.isDirectory() ? 'dir' : stats.isSymbolicLink() ? 'symlink' : 'file'
  const path = name === '' ? above : `${above}/${name}`
  const size = type === 'file' ? { size: stats.size } : {}
  return {
    struct_type: 'node',
    name: name || above.split('/').at(-1),
    type,
    path,
    mtime: stats.mtime.toISOString(),
    ...size,
  }
}
