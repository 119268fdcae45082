/** The files of people on real disks: odd and hostile trees, disks that are full, and disks that hang. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createFileTrees } from '../../src/disk/trees/file-trees.ts'
import { createKeptNames } from '../../src/disk/trees/kept-names.ts'
import { filePath } from '../../src/domain/files/file-path.ts'
import type { Tree } from '../../src/domain/files/tree.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { Problem } from '../../src/domain/problem.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { timeLimit } from '../../src/lib/time-limit.ts'
import type { FileTrees, WriteOptions } from '../../src/ports/file-trees.ts'
import { createDisk, createHangingDisk, createQuotaDisk } from '../e2e/support/disk.ts'
import { mountThatHangs } from '../e2e/support/hanging-mount.ts'

const execute = promisify(execFile)
const notebook = { uid: 1000, gid: 100 }
const rootId = '5f3c0000-0000-4000-8000-000000000000'
const signal = new AbortController().signal
const copying = { signal, tell: () => {} }
const byName = { sort: 'name', after: null, limit: 1_000 } as const
const treeOf = (name: string): Tree => ({ kind: 'person', userId: userId.parse(name) })
const alice = treeOf('alice')
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp('/dev/shm/ai-lab-trees-') // in memory, where making files durable costs nothing
})
// Some trees are deeper than Node's own rm can go.
afterAll(() => void execFileSync('rm', ['-rf', folder]))

type World = { path: string; home: string; trees: FileTrees; at: (path: string) => string; had: Set<string> }

/** A data root with the folder of one person. `had`: people who are known to have had one. */
async function newRoot({ limitMs = 10_000, threads = 4, keepFreeBytes = 0 } = {}): Promise<World> {
  count += 1
  const { path } = await layOutDataRoot(join(folder, `lab-${count}`), rootId, null)
  const home = join(path, 'users/alice')
  await mkdir(home, { recursive: true })
  await chown(home, notebook.uid, notebook.gid)
  const keptNames = createKeptNames(systemClock)
  const had = new Set<string>()
  const hadFolder = async (id: string) => had.has(id)
  const options = { root: path, rootId, owner: notebook, hadFolder, keptNames, limitMs, threads, keepFreeBytes }
  return { path, home, had, trees: createFileTrees(options), at: (name) => join(home, name) }
}

async function* pieces(...texts: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

const write = (trees: FileTrees, tree: Tree, path: string, text: string, options: Partial<WriteOptions> = {}) =>
  trees.write(tree, filePath(path), pieces(text), { signal, ...options })

async function contentOf(trees: FileTrees, tree: Tree, path: string, range?: { start: number; end: number }) {
  const file = await trees.open(tree, filePath(path))
  const bytes: Buffer[] = []
  for await (const piece of file.read(range ?? { start: 0, end: file.entry.sizeBytes })) bytes.push(piece)
  return Buffer.concat(bytes)
}

const namesIn = async (trees: FileTrees, path: string, tree = alice) =>
  (await trees.list(tree, filePath(path), byName)).entries.map(({ name }) => name)

async function tarOf(trees: FileTrees, path: string): Promise<string> {
  const pack = spawn('tar', ['-tvf', '-'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(pack, 'close')
  pack.stdin.on('error', () => {}) // it ends at the end of the archive, and leaves the filling behind it
  let text = ''
  pack.stdout.setEncoding('latin1').on('data', (more: string) => (text += more))
  for await (const bytes of await trees.archive(alice, filePath(path), { format: 'tar', signal }))
    pack.stdin.write(bytes)
  pack.stdin.end()
  await closed
  return text
}

/** A folder's zip archive as a file. */
async function zipOf(trees: FileTrees, path: string): Promise<string> {
  count += 1
  const file = join(folder, `archive-${count}.zip`)
  await writeFile(file, await trees.archive(alice, filePath(path), { format: 'zip', signal }))
  return file
}

/** The most descriptors that are open while work runs. */
async function mostDescriptors(work: () => Promise<unknown>): Promise<number> {
  let most = 0
  let isDone = false
  const watching = (async () => {
    while (!isDone) most = Math.max(most, (await readdir('/proc/self/fd')).length)
  })()
  await work().finally(() => {
    isDone = true
  })
  await watching
  return most
}

const descriptors = async () => (await readdir('/proc/self/fd')).length

describe('odd names and kinds', () => {
  let world: World
  beforeEach(async () => {
    world = await newRoot()
  })

  // Trouble (files): a name has line ends, or bytes that are not UTF-8
  test('names of any bytes are listed, archived, copied, deleted and brought back', async () => {
    const { trees, home } = world
    const odd = [
      Buffer.from('line\nend'),
      Buffer.from([0xff, 0x66, 0xfe]),
      Buffer.from('x'.repeat(255)),
      Buffer.from('-rf'),
    ]
    const at = (...parts: (string | Buffer)[]) =>
      Buffer.concat(parts.flatMap((part) => [Buffer.from('/'), Buffer.from(part)]).slice(1))
    await mkdir(join(home, 'odd'))
    await chown(join(home, 'odd'), notebook.uid, notebook.gid)
    for (const name of odd) await writeFile(at(home, 'odd', name), name)
    const { entries } = await trees.list(alice, ['odd'], byName)
    expect(entries.map(({ name, isExact }) => [name, isExact])).toEqual([
      ['-rf', true],
      ['line\nend', true],
      ['x'.repeat(255), true],
      ['\\xfff\\xfe', false],
    ])
    const listed = await tarOf(trees, 'odd')
    for (const name of ['line\\nend', '\\377f\\376', 'x'.repeat(255), '-rf']) expect(listed).toContain(`./${name}\n`)
    const unzipped = join(folder, `unzipped-${count}`)
    execFileSync('unzip', ['-q', await zipOf(trees, 'odd'), '-d', unzipped])
    const inZip = ['-rf', 'line%0Aend', 'x'.repeat(255), '%FFf%FE']
    expect((await readdir(unzipped)).sort()).toEqual([...inZip].sort())
    for (const [at, name] of [3, 0, 2, 1].entries())
      expect(await readFile(join(unzipped, inZip[at] ?? ''))).toEqual(Buffer.from(odd[name] ?? ''))
    await trees.copy({ tree: alice, path: ['odd'] }, { tree: alice, path: ['copy'] }, copying)
    await trees.toTrash(alice, ['copy'], idOf(1), {})
    await trees.fromTrash(idOf(1), alice, ['back'])
    for (const name of odd) expect(await readFile(at(home, 'back', name))).toEqual(name)
    await trees.toTrash(alice, ['back'], idOf(2), {})
    await trees.removeFromTrash(idOf(2), alice)
    expect(await readdir(join(world.path, 'admin/trash'))).toEqual([])
  })

  // Trouble (files): a pipe, a socket or a device holds up whoever opens it
  test('pipes, sockets and devices are listed for what they are, and opened by nobody', async () => {
    const { trees, at } = world
    execFileSync('mkfifo', [at('pipe')])
    execFileSync('mknod', [at('device'), 'c', '1', '5'])
    execFileSync('perl', [
      '-MIO::Socket::UNIX',
      '-e',
      'IO::Socket::UNIX->new(Local => shift, Listen => 1) or die',
      at('socket'),
    ])
    await symlink('/etc/passwd', at('link'))
    await symlink('loop', at('loop'))
    const { entries } = await trees.list(alice, [], byName)
    expect(entries.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'device: device',
      'link: link',
      'loop: link',
      'pipe: pipe',
      'socket: socket',
    ])
    for (const { name } of entries) {
      const opening = timeLimit(`opening ${name}`, 2_000, () => trees.open(alice, [name]))
      await expect(opening, name).rejects.toMatchObject({ code: 'wrong-kind' })
      await expect(trees.list(alice, [name], byName), name).rejects.toMatchObject({ code: 'wrong-kind' })
      await expect(write(trees, alice, name, 'x'), name).rejects.toMatchObject({ code: 'wrong-kind' })
    }
    for (const name of ['pipe', 'socket', 'device']) {
      const copy = trees.copy({ tree: alice, path: [name] }, { tree: alice, path: ['copy'] }, copying)
      await expect(copy, name).rejects.toMatchObject({ code: 'wrong-kind' })
    }
    expect((await tarOf(trees, '')).split('\n').filter((line) => line.startsWith('p'))).toHaveLength(1)
    const zipped = execFileSync('unzip', ['-Z', await zipOf(trees, '')], { encoding: 'utf8' })
    expect(zipped.split('\n').flatMap((line) => /^[^-]rwx.* (\S+)$/.exec(line)?.[1] ?? [])).toEqual(['link', 'loop'])
  })

  // Trouble (files): a file from elsewhere is in a person's folder, as a hard link
  test('a file that notebooks may not read is not read, copied or archived, under any of its names', async () => {
    const { trees, at, path } = world
    const secret = join(path, 'admin/secret')
    await writeFile(secret, 'SECRET', { mode: 0o600 })
    await mkdir(at('mine'))
    await link(secret, at('mine/link'))
    await mkdir(at('closed'), { mode: 0o700 })
    await writeFile(at('closed/file'), 'SECRET', { mode: 0o644 })
    for (const name of ['mine/link', 'closed/file']) {
      await expect(trees.open(alice, filePath(name))).rejects.toMatchObject({ code: 'folder-unusable' })
    }
    for (const name of ['mine', 'closed']) {
      const copy = trees.copy({ tree: alice, path: [name] }, { tree: alice, path: ['copy'] }, copying)
      await expect(copy).rejects.toMatchObject({ code: 'folder-unusable' })
    }
    await expect(trees.list(alice, ['closed'], byName)).rejects.toMatchObject({ code: 'folder-unusable' })
    for (const format of ['tar', 'zip'] as const) {
      const bytes = Buffer.concat(await Array.fromAsync(await trees.archive(alice, [], { format, signal })))
      expect([bytes.includes('SECRET'), bytes.includes('mine/')]).toEqual([false, true])
    }
    const found: string[] = []
    for await (const { path: name } of trees.search(alice, [], 'file', { signal })) found.push(name)
    expect(found).toEqual([])
    // An upload to that name gives it another file, and leaves the first one alone.
    await write(trees, alice, 'mine/link', 'new')
    expect([await readFile(secret, 'utf8'), (await stat(secret)).mode & 0o777]).toEqual(['SECRET', 0o600])
    expect(await readdir(at('.ai-lab-work'))).toEqual([])
  })

  // Trouble (files): the person has something of their own under the name that the service works in
  test.each([
    ['a link', (at: string) => symlink('/tmp', at)],
    ['a file', (at: string) => writeFile(at, 'mine')],
    ['a folder of theirs', async (at: string) => (await mkdir(at)) ?? chown(at, notebook.uid, notebook.gid)],
    ['a folder that an administrator brought', (at: string) => mkdir(at)],
  ])('%s in the place of the work folder is left alone, and named', async (_what, make) => {
    const { trees, at } = world
    await make(at('.ai-lab-work'))
    if ((await stat(at('.ai-lab-work'))).isDirectory()) await chmod(at('.ai-lab-work'), 0o755)
    await writeFile(at('there'), 'x')
    for (const change of [
      () => write(trees, alice, 'new', 'x'),
      () => trees.makeFolder(alice, ['new']),
      () => trees.move(alice, ['there'], ['new'], {}),
      () => trees.toTrash(alice, ['there'], idOf(1), {}),
      () => trees.copy({ tree: alice, path: ['there'] }, { tree: alice, path: ['new'] }, copying),
    ]) {
      await expect(change()).rejects.toThrow(/\.ai-lab-work is in the way/)
    }
    expect(await trees.isInTrash(idOf(1), alice)).toBe(false)
    expect(await namesIn(trees, '')).toEqual(['there'])
    // It is not tidied either, and keeps nobody else's from being tidied.
    const bob = join(world.path, 'users/bob')
    await mkdir(join(bob, '.ai-lab-work'), { recursive: true, mode: 0o700 })
    await chown(bob, notebook.uid, notebook.gid)
    await writeFile(join(bob, '.ai-lab-work/upload-0123456789ab-0123456789abcdef01'), 'half')
    await writeFile(join(bob, '.ai-lab-work/notes'), 'of nobody')
    await expect(trees.tidy()).rejects.toThrow('could not be tidied')
    expect(await readdir(join(bob, '.ai-lab-work'))).toEqual(['notes'])
  })

  test('a write tells how much more is taken on the disk than before', async () => {
    const { trees, at } = world
    const mebibytes = (count: number) => 'x'.repeat(count * 2 ** 20)
    const added = async (count: number) => (await write(trees, alice, 'file', mebibytes(count))).addedBytes / 2 ** 20
    expect([await added(3), await added(3), await added(1), await added(2)]).toEqual([3, 0, -2, 1])
    // The replaced file keeps its other name.
    await link(at('file'), at('other'))
    expect([await added(2), await added(2)]).toEqual([2, 0])
    // A long file may take little.
    await rm(at('file'))
    await using sparse = await open(at('file'), 'w')
    await sparse.truncate(2 ** 40)
    expect(await added(1)).toBe(1)
  })

  test('what a file takes in the trash is what it takes on the disk: two names share it, and holes only weigh what each name does', async () => {
    const { trees, at } = world
    await writeFile(at('file'), Buffer.alloc(2 ** 20, 'x'))
    await link(at('file'), at('second name'))
    await using sparse = await open(at('sparse'), 'w')
    await sparse.truncate(2 ** 40)
    await mkdir(at('folder'))
    const names = ['file', 'sparse', 'folder']
    for (const [number, name] of names.entries()) await trees.toTrash(alice, [name], idOf(number), {})
    const taken = () => trees.bytesInTrash([0, 1, 2, 3].map(idOf))
    expect(await taken()).toEqual(
      new Map([
        [idOf(0), 2 ** 19],
        [idOf(1), 1_024],
      ]),
    )
    await rm(at('second name'))
    expect((await taken()).get(idOf(0))).toBe(2 ** 20)
  })

  // Trouble (files): a change is refused, and leaves the folders that it had made for its end
  test('a change that is refused leaves no folders, except those that were there before', async () => {
    const { trees, at } = world
    await mkdir(at('there'))
    await chown(at('there'), notebook.uid, notebook.gid)
    for (const above of ['new/deep', 'there/new']) {
      await expect(trees.move(alice, ['nothing'], filePath(`${above}/to`), {})).rejects.toMatchObject({
        code: 'file-not-found',
      })
      await expect(write(trees, alice, `${above}/file`, 'x', { ifMatch: '"of before"' })).rejects.toMatchObject({
        code: 'precondition-failed',
      })
      await expect(trees.fromTrash(idOf(9), alice, filePath(`${above}/back`))).rejects.toMatchObject({
        code: 'trash-not-found',
      })
    }
    expect([await namesIn(trees, ''), await namesIn(trees, 'there')]).toEqual([['there'], []])
  })

  test('a write and a copy wait for the answer to each piece, and a no leaves nothing of them', async () => {
    const { home, trees } = await newRoot()
    await write(trees, alice, 'there', 'text')
    let answered = 0
    const refuse = async () => {
      await setTimeout()
      answered += 1
      throw new Problem('no-room', 'The disk has too little room left.')
    }
    const noRoom = { code: 'no-room', detail: 'The disk has too little room left.' }
    await expect(write(trees, alice, 'new', 'text', { onBytes: refuse })).rejects.toMatchObject(noRoom)
    const copy = trees.copy({ tree: alice, path: ['there'] }, { tree: alice, path: ['copy'] }, { signal, tell: refuse })
    await expect(copy).rejects.toMatchObject(noRoom)
    expect([answered, await namesIn(trees, ''), await readdir(join(home, '.ai-lab-work'))]).toEqual([2, ['there'], []])
  })

  // Trouble (files): a notebook makes a file in the instant in which an upload gets its name
  test('an upload that a notebook overtakes replaces its file, or says so if it may not', async () => {
    const { trees, home } = world
    const child = spawn('perl', ['-e', 'chdir shift; for (;;) { open(F, ">", "f"); close F; unlink "f" }', home])
    try {
      const ends = new Map<string, number>()
      for (let turn = 0; turn < 600; turn += 1) {
        const options = turn % 2 === 0 ? {} : { ifNoneMatch: '*' }
        const end = await write(trees, alice, 'f', 'x', options).then(
          ({ isNew }) => (isNew ? 'new' : 'replaced'),
          ({ code }) => code,
        )
        ends.set(end, (ends.get(end) ?? 0) + 1)
      }
      ends.delete('file-not-found') // removed by the notebook before the answer
      expect([...ends.keys()].sort()).toEqual(['new', 'precondition-failed', 'replaced'])
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  })

  test('times and sizes beyond all dates are listed', async () => {
    const { trees, at } = world
    await writeFile(at('late'), '')
    execFileSync('touch', ['-d', '@9999999999', at('late')])
    const [entry] = (await trees.list(alice, [], byName)).entries
    expect(new Date(entry?.modifiedAt ?? Number.NaN).toISOString()).toMatch(/^2\d\d\d/)
  })
})

describe("the place of a person's folder while its disk is not mounted, or the folder was moved", () => {
  const states = [
    ['an empty mount point of root', async ({ home }: World) => void (await mkdir(home))],
    ['missing', async ({ had }: World) => void had.add('alice')],
    ['a link to where it is', ({ home }: World) => symlink(`${home}-away`, home)],
    ['a file', ({ home }: World) => writeFile(home, 'moved to the bigger disk')],
  ] as const

  /** Moves the person's folder away, and gives what brings it back. */
  async function unmount(world: World, leave: (world: World) => Promise<void>) {
    const away = `${world.home}-away`
    await rename(world.home, away)
    await leave(world)
    return async () => {
      await rm(world.home, { recursive: true, force: true })
      await rename(away, world.home)
    }
  }

  // Trouble (input): a person's folder is a file, a link, of another user, or gone
  // Trouble (files): a person's disk is not mounted, and what is written then vanishes when it is mounted again
  test.each(states)('nothing is read there and nothing written: %s', async (_, leave) => {
    const world = await newRoot()
    const { trees } = world
    const place = { tree: alice, path: ['there'] }
    await write(trees, alice, 'there', 'x')
    await write(trees, alice, 'deleted', 'x')
    await trees.toTrash(alice, ['deleted'], idOf(1), {})
    await writeFile(join(world.path, 'admin/file'), 'x')
    await write(trees, { kind: 'shared' }, 'from', 'x')
    const mount = await unmount(world, leave)
    const names = () => readdir(world.home).catch(() => [])
    const before = await names()
    const calls: Record<string, () => Promise<unknown>> = {
      look: () => trees.look(alice, []),
      'look at a file': () => trees.look(alice, ['there']),
      list: () => trees.list(alice, [], byName),
      open: () => trees.open(alice, ['there']),
      search: () => Array.fromAsync(trees.search(alice, [], 'there', { signal })),
      archive: () => trees.archive(alice, [], { format: 'tar', signal }),
      room: () => trees.room(alice),
      write: () => write(trees, alice, 'new', 'x'),
      adopt: () => trees.adopt(alice, ['new'], join(world.path, 'admin/file'), { signal }),
      'make a folder': () => trees.makeFolder(alice, ['new']),
      'copy to it': () => trees.copy({ tree: { kind: 'shared' }, path: ['from'] }, place, copying),
      'copy from it': () => trees.copy(place, { tree: { kind: 'shared' }, path: ['new'] }, copying),
      'bring back': () => trees.fromTrash(idOf(1), alice, ['back']),
      delete: () => trees.toTrash(alice, ['there'], idOf(2), {}),
      'bring all back': () => trees.fromTrash(idOf(1), alice, []),
      'delete all': () => trees.allToTrash(alice, idOf(2), { signal }),
      'remove the folder': () => trees.removeFolder({ kind: 'person', userId: userId.parse('alice') }, { signal }),
    }
    for (const [name, call] of Object.entries(calls)) {
      await expect(call(), name).rejects.toMatchObject({
        code: 'user-folder-unusable',
        adminDetail: expect.stringContaining(`${world.home} cannot be used: it`),
      })
    }
    expect(await names()).toEqual(before)
    await mount()
    expect(await namesIn(trees, '')).toEqual(['there'])
    await trees.fromTrash(idOf(1), alice, ['back'])
  })

  // Trouble (files): the service starts while a person's disk is not mounted, and forgets what was on its way to the trash
  test.each(states)('nobody can tell what is on its way to the trash from there: %s', async (_, leave) => {
    const world = await newRoot()
    const { trees, at } = world
    await write(trees, alice, 'deleted', 'x')
    await trees.toTrash(alice, ['deleted'], idOf(1), {})
    await mkdir(at(`.ai-lab-work/trash-${idOf(2)}`))
    const mount = await unmount(world, leave)
    const unusable = { code: 'user-folder-unusable' }
    expect(await trees.isInTrash(idOf(1), alice)).toBe(true)
    for (const id of [idOf(2), idOf(3)]) {
      await expect(trees.isInTrash(id, alice)).rejects.toMatchObject(unusable)
      await expect(trees.removeFromTrash(id, alice)).rejects.toMatchObject(unusable)
    }
    await trees.removeFromTrash(idOf(1), alice)
    expect(await readdir(join(world.path, 'admin/trash'))).toEqual([])
    await mount()
    expect([await trees.isInTrash(idOf(2), alice), await trees.isInTrash(idOf(3), alice)]).toEqual([true, false])
    await trees.removeFromTrash(idOf(2), alice)
    expect(await readdir(at('.ai-lab-work'))).toEqual([])
  })

  test('a person who has had no folder has no files, and nothing on its way to the trash', async () => {
    const { trees } = await newRoot()
    const bob = treeOf('bob')
    expect(await trees.look(bob, [])).toBe(null)
    expect(await trees.isInTrash(idOf(1), bob)).toBe(false)
    await expect(trees.archive(bob, [], { format: 'tar', signal })).rejects.toMatchObject({
      ...{ code: 'file-not-found', detail: 'The folder itself is not there.' },
    })
  })
})

describe('big and deep trees', () => {
  // Trouble (files): a tree is as deep as its owner likes
  test('300 levels are listed, searched, archived, copied, deleted and brought back; 5,000 end in clear words', async () => {
    const { trees, at, home, path } = await newRoot()
    const deepen = (top: string, levels: number) =>
      execFileSync('perl', [
        '-e',
        'my ($top, $n) = @ARGV; chdir $top or die; for (1..$n) { mkdir "d"; chdir "d" or die } open F, ">", "leaf"',
        top,
        `${levels}`,
      ])
    for (const name of ['some', 'very']) await mkdir(at(name))
    deepen(at('some'), 300)
    deepen(at('very'), 5_000)
    execFileSync('chown', ['-R', '1000:100', home])
    const before = await descriptors()
    const down = Array.from({ length: 300 }, () => 'd')
    expect((await trees.list(alice, ['some', ...down], byName)).entries).toMatchObject([{ name: 'leaf' }])
    const find = async (top: string) => {
      const found: string[] = []
      for await (const { path } of trees.search(alice, [top], 'leaf', { signal })) found.push(path)
      return found
    }
    expect(await find('some')).toEqual([[...down, 'leaf'].join('/')])
    expect(await find('very')).toEqual([])
    expect(await tarOf(trees, 'some')).toMatch(/\/leaf\n/)
    expect(await tarOf(trees, 'very')).toMatch(/\/leaf\n/)
    expect(execFileSync('unzip', ['-Z1', await zipOf(trees, 'some')], { encoding: 'utf8' })).toMatch(/\/leaf\n/)
    await expect(zipOf(trees, 'very')).rejects.toThrow('400 deep')
    const copy = (name: string) => trees.copy({ tree: alice, path: [name] }, { tree: alice, path: ['copy'] }, copying)
    expect(await mostDescriptors(() => copy('some'))).toBeLessThan(before + 700)
    await expect(copy('very')).rejects.toMatchObject({
      code: 'wrong-kind',
      message: expect.stringContaining('400 deep'),
    })
    for (const [number, name] of ['copy', 'very'].entries()) {
      await trees.toTrash(alice, [name], idOf(number), {})
      await trees.fromTrash(idOf(number), alice, [name])
      await trees.toTrash(alice, [name], idOf(number), {})
      await trees.removeFromTrash(idOf(number), alice)
    }
    expect([await readdir(join(path, 'admin/trash')), await readdir(at('.ai-lab-work'))]).toEqual([[], []])
    await expect.poll(descriptors).toBeLessThanOrEqual(before)
  })

  // Trouble (files): a copy of a wide tree opens all its folders at once
  test('a copy of a tree with many folders at each level holds few of them open', async () => {
    const { trees, home, at } = await newRoot()
    execFileSync('sh', [
      '-c',
      `cd "$1" && mkdir wide && cd wide && perl -e 'sub fill { my ($at, $n) = @_; return if $n < 1; for (1..5) { mkdir "$at/$_"; fill("$at/$_", $n - 1) } } fill(".", 5)'`,
      'sh',
      home,
    ])
    execFileSync('chown', ['-R', '1000:100', home])
    const before = await descriptors()
    const copy = () => trees.copy({ tree: alice, path: ['wide'] }, { tree: alice, path: ['copy'] }, copying)
    expect(await mostDescriptors(copy)).toBeLessThan(before + 60)
    expect(
      execFileSync('sh', ['-c', 'find "$1" | wc -l', 'sh', at('copy')])
        .toString()
        .trim(),
    ).toBe('3906')
  })

  // Trouble (files): a folder has more entries than anybody can look at
  test('the first page of 200,000 files comes at once, and a sort by size is refused in words', async () => {
    const { trees, at } = await newRoot()
    await mkdir(at('many'))
    await chown(at('many'), notebook.uid, notebook.gid)
    execFileSync('perl', ['-e', 'chdir shift; for (1..200000) { open F, ">", sprintf("%06d", $_) }', at('many')])
    const startedAt = performance.now()
    const { entries, next } = await trees.list(alice, ['many'], { ...byName, limit: 100 })
    console.log(`first page of 200,000: ${Math.round(performance.now() - startedAt)} ms`)
    expect([entries.length, entries[0]?.name, next]).toEqual([100, '000001', '000100'])
    await expect(trees.list(alice, ['many'], { ...byName, sort: 'size' })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('200000 entries'),
    })
  })

  // Trouble (files): a sparse file is a thousand times as big as its disk
  test('a sparse file of 1 TiB is read at its end, copied and archived at once, and stays sparse', async () => {
    const { trees, at } = await newRoot()
    await mkdir(at('big'))
    const size = 2 ** 40
    await using file = await open(at('big/sparse'), 'w')
    await file.write(Buffer.from('end'), 0, 3, size - 3)
    await file.write(Buffer.from('begin'), 0, 5, 0)
    execFileSync('chown', ['-R', '1000:100', at('big')])
    expect(String(await contentOf(trees, alice, 'big/sparse', { start: size - 3, end: size }))).toBe('end')
    const from = { tree: alice, path: ['big'] }
    await timeLimit('the copy', 20_000, () => trees.copy(from, { tree: alice, path: ['copy'] }, copying))
    const copy = await stat(at('copy/sparse'))
    expect([copy.size, copy.blocks < 100, copy.uid]).toEqual([size, true, notebook.uid])
    expect(String(await contentOf(trees, alice, 'copy/sparse', { start: size - 3, end: size }))).toBe('end')
    expect(await timeLimit('the archive', 20_000, () => tarOf(trees, 'big'))).toContain(`${size}`)
  })

  // Trouble (files): a small file becomes a huge one in the midst of a copy
  test('a file that grows while it is copied ends where it ended, and nobody waits for the rest', async () => {
    const { trees, at } = await newRoot()
    const child = spawn('perl', ['-e', 'open F, ">", shift; for (;;) { truncate F, 1024; truncate F, 2**36 }', at('f')])
    try {
      await expect
        .poll(() =>
          stat(at('f')).then(
            ({ size }) => size,
            () => 0,
          ),
        )
        .toBeGreaterThan(0)
      for (let turn = 0; turn < 30; turn += 1) {
        const to = { tree: alice, path: [`copy-${turn}`] }
        await timeLimit('a copy', 5_000, () => trees.copy({ tree: alice, path: ['f'] }, to, copying))
      }
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  })

  test('a file that shrinks while it is read ends in an error, one that grows ends where it ended', async () => {
    const { trees, at } = await newRoot()
    await writeFile(at('f'), Buffer.alloc(2 ** 22, 'x'))
    const before = await descriptors()
    const opened = await trees.open(alice, ['f'])
    await using file = await open(at('f'), 'r+')
    let read = 0
    const reading = async () => {
      for await (const { length } of opened.read({ start: 0, end: opened.entry.sizeBytes })) {
        read += length
        await file.truncate(2 ** 21)
      }
    }
    await expect(reading()).rejects.toThrow('shorter')
    const growing = await trees.open(alice, ['f'])
    await file.truncate(2 ** 23)
    read = 0
    for await (const { length } of growing.read({ start: 0, end: growing.entry.sizeBytes })) read += length
    expect(read).toBe(2 ** 21)
    await expect.poll(descriptors).toBeLessThanOrEqual(before + 1)
  })
})

describe('a disk of its own', () => {
  /** What is in a folder, with the content of files. */
  const all = (at: string) =>
    execFileSync('sh', [
      '-c',
      'cd "$1" && find . -name .ai-lab-work -prune -o -printf "%p %y %U %m\\n" -a -type f -exec md5sum {} +',
      'sh',
      at,
    ])
      .toString()
      .split('\n')
      .sort()
  const lines = Array.from({ length: 40 }, (_, number) => `f${number}`)
  const noise = (bytes: number) => Buffer.alloc(bytes, 'noise')

  async function filled(at: string, megabytes: number): Promise<void> {
    await mkdir(at)
    for (const name of lines) await writeFile(join(at, name), noise((megabytes * 2 ** 20) / lines.length))
    execFileSync('chown', ['-R', '1000:100', at])
  }

  // Trouble (files): the disk or the quota is used up in the middle of an upload, a copy, a deletion or a restore
  test.each([
    ['disk', 'is full', (at: string) => createDisk(at, '24M').then((disk) => Object.assign(disk, { limited: at }))],
    ['quota', 'is used up', (at: string) => createQuotaDisk(at, '24M')],
  ])('if the %s of a person %s, an upload, a copy and a restore change nothing', async (_what, words, make) => {
    const { path, trees } = await newRoot()
    await using disk = await make(join(path, 'disk'))
    const home = join(path, 'users/bob')
    await mkdir(home)
    await execute('mount', ['--bind', disk.limited, home])
    try {
      await chown(home, notebook.uid, notebook.gid)
      const bob = treeOf('bob')
      await filled(join(home, 'folder'), 8)
      await writeFile(join(home, 'old'), 'as before')
      await trees.toTrash(bob, ['folder'], idOf(1), {})
      await filled(join(home, 'folder'), 17)
      await execute('sync', ['-f', home])
      const before = all(home)
      const bytes = Array.from({ length: 40 }, () => noise(2 ** 20))
      const changes = {
        upload: () => trees.write(bob, ['new'], pieces(...bytes), { signal }),
        replacement: () => trees.write(bob, ['old'], pieces(...bytes), { signal }),
        copy: () => trees.copy({ tree: alice, path: ['big'] }, { tree: bob, path: ['copy'] }, copying),
        restore: () => trees.fromTrash(idOf(1), bob, ['back']),
      }
      await filled(join(path, 'users/alice/big'), 30)
      for (const [name, change] of Object.entries(changes)) {
        await expect(change(), name).rejects.toMatchObject({ code: 'no-room', message: expect.stringContaining(words) })
        expect(all(home), name).toEqual(before)
        expect(await readdir(join(home, '.ai-lab-work')), name).toEqual([])
      }
      // Once there is room, the same calls do their work. What was in the trash is whole.
      await trees.toTrash(bob, ['folder'], idOf(2), {})
      await execute('sync', ['-f', home])
      await trees.fromTrash(idOf(1), bob, ['back'])
      expect((await readdir(join(home, 'back'))).sort()).toEqual([...lines].sort())
      expect((await readdir(join(path, 'admin/trash'))).sort()).toEqual([idOf(2)])
    } finally {
      await execute('umount', ['--lazy', home])
    }
  })

  // Trouble (files): a person makes a subvolume of their own in their folder, and each change there ends as a fault of the service
  test("what is in a person's own subvolume is read; a change of it is refused in words, a copy before it copies anything", async () => {
    const { path, trees } = await newRoot()
    await using disk = await createQuotaDisk(join(path, 'disk'), '24M')
    const home = join(path, 'users/bob')
    await mkdir(home)
    await execute('mount', ['--bind', disk.limited, home])
    try {
      await execute('btrfs', ['subvolume', 'create', join(home, 'own')])
      await mkdir(join(home, 'outside'))
      await filled(join(home, 'own/folder'), 1)
      execFileSync('chown', ['-R', '1000:100', home])
      const bob = treeOf('bob')
      const at = (text: string) => ({ tree: bob, path: filePath(text) })
      await trees.toTrash(bob, ['outside'], idOf(1), {})
      await filled(join(home, 'outside'), 1)
      const before = all(home)
      let isCopying = false
      const tell = () => {
        isCopying = true
      }
      const changes: Record<string, () => Promise<unknown>> = {
        upload: () => write(trees, bob, 'own/new', 'x'),
        replacement: () => write(trees, bob, 'own/folder/f1', 'x'),
        'new folder': () => trees.makeFolder(bob, ['own', 'new', 'deep']),
        'move in': () => trees.move(bob, ['outside'], ['own', 'new'], {}),
        'move out': () => trees.move(bob, ['own', 'folder'], ['new'], {}),
        'move of a file out': () => trees.move(bob, ['own', 'folder', 'f1'], ['new'], {}),
        deletion: () => trees.toTrash(bob, ['own', 'folder'], idOf(2), {}),
        restore: () => trees.fromTrash(idOf(1), bob, ['own', 'new', 'deep']),
        copy: () => trees.copy(at('outside'), at('own/new/deep'), { signal, tell }),
      }
      for (const [name, change] of Object.entries(changes)) {
        await expect(change(), name).rejects.toMatchObject({
          code: 'wrong-kind',
          message: expect.stringContaining('subvolume'),
        })
        expect(all(home), name).toEqual(before)
      }
      expect(isCopying).toBe(false)
      // A move within it crosses nothing, and a copy out of it neither.
      await trees.move(bob, ['own', 'folder'], ['own', 'moved'], {})
      await trees.copy(at('own/moved'), at('copied'), copying)
      expect(await namesIn(trees, 'copied', bob)).toEqual(await namesIn(trees, 'own/moved', bob))
      await trees.toTrash(bob, ['own'], idOf(3), {})
      expect(await namesIn(trees, '', bob)).toEqual(['copied', 'outside'])
    } finally {
      await execute('umount', ['--lazy', home])
    }
  })

  // Trouble (files): a copy that shares the blocks of a sparse file counts its holes, and ends with storage-full
  test('a copy that shares the blocks of a sparse file tells what they take', async () => {
    const { path, trees } = await newRoot()
    await using disk = await createQuotaDisk(join(path, 'disk'), '24M')
    const home = join(path, 'users/bob')
    await mkdir(home)
    await execute('mount', ['--bind', disk.limited, home])
    try {
      await chown(home, notebook.uid, notebook.gid)
      await using sparse = await open(join(home, 'sparse'), 'w')
      await sparse.write('data')
      await sparse.truncate(2 ** 40)
      await sparse.sync()
      await sparse.chown(notebook.uid, notebook.gid)
      const told: number[] = []
      const tell = ({ doneBytes }: { doneBytes: number }) => void told.push(doneBytes)
      const bob = treeOf('bob')
      await trees.copy({ tree: bob, path: ['sparse'] }, { tree: bob, path: ['copy'] }, { signal, tell })
      expect(told.at(-1)).toBe((await stat(join(home, 'sparse'))).blocks * 512)
    } finally {
      await execute('umount', ['--lazy', home])
    }
  })

  // Trouble (files): a copy takes the last of the disk, and the platform cannot keep its records any more
  test('a copy, and a deletion to another disk, keep a reserve of the disk, and leave nothing half', async () => {
    const { path, trees, home } = await newRoot({ keepFreeBytes: 2 ** 24 })
    const trash = join(path, 'admin/trash')
    await using _disk = await createDisk(trash, '48M')
    await mkdir(join(path, 'users/bob'))
    await execute('mount', ['--bind', trash, join(path, 'users/bob')])
    try {
      await chown(join(path, 'users/bob'), notebook.uid, notebook.gid)
      const room = await trees.room(treeOf('bob'))
      await filled(join(home, 'large'), Math.floor(room.freeBytes / 2 ** 20) - 4)
      await filled(join(home, 'small'), 8)
      const before = all(home)
      const to = { tree: treeOf('bob'), path: ['copy'] }
      const refused = { code: 'no-room', message: expect.stringContaining('too little room left for the copy') }
      await expect(trees.copy({ tree: alice, path: ['large'] }, to, copying)).rejects.toMatchObject(refused)
      await expect(trees.toTrash(alice, ['large'], idOf(1), {})).rejects.toMatchObject(refused)
      expect(all(home)).toEqual(before)
      expect((await readdir(trash)).filter((name) => !['lost+found', '.ai-lab-work'].includes(name))).toEqual([])
      expect((await trees.room(treeOf('bob'))).freeBytes).toBeGreaterThan(room.freeBytes - 2 ** 20)
      await trees.copy({ tree: alice, path: ['small'] }, to, copying)
    } finally {
      await execute('umount', ['--lazy', join(path, 'users/bob')])
    }
  })

  /** Mounts the trash elsewhere, so that what is deleted has to be copied there. */
  async function apart(path: string): Promise<{ trash: string } & AsyncDisposable> {
    const [elsewhere, trash] = [join(path, 'elsewhere'), join(path, 'admin/trash')]
    for (const at of [elsewhere, trash]) await mkdir(at, { recursive: true })
    await execute('mount', ['--bind', elsewhere, trash])
    return { trash, [Symbol.asyncDispose]: async () => void (await execute('umount', ['--lazy', trash])) }
  }

  // Trouble (files): a person removes for good what is still being carried to the trash, and it stays there for ever, in no list
  test('what is removed for good on its way to another disk is gone at once, and comes to the trash no more', async () => {
    const { path, trees, at } = await newRoot()
    await using disk = await apart(path)
    await mkdir(at('many'))
    execFileSync('perl', ['-e', 'chdir shift; for (1..5000) { open F, ">", $_; print F "x" }', at('many')])
    execFileSync('chown', ['-R', '1000:100', at('many')])
    const deletion = trees.toTrash(alice, ['many'], idOf(1), {})
    while (!(await readdir(disk.trash)).includes(`.half-${idOf(1)}`));
    await expect(trees.fromTrash(idOf(1), alice, ['back'])).rejects.toMatchObject({ code: 'wrong-state' })
    await trees.removeFromTrash(idOf(1), alice)
    const left = () => Promise.all([readdir(disk.trash), readdir(at('.ai-lab-work')), namesIn(trees, '')])
    expect(await left()).toEqual([[], [], []])
    expect(await deletion).toBeNull()
    expect(await left()).toEqual([[], [], []])
  })

  test('a deletion that is copied to another disk tells what it takes there, and another one leaves that to a count', async () => {
    const { path, trees, at } = await newRoot()
    const makeFolder = async () => {
      await mkdir(at('folder'))
      for (const name of ['one', 'two']) await writeFile(at(`folder/${name}`), Buffer.alloc(2 ** 20, 'x'))
    }
    await makeFolder()
    expect(await trees.toTrash(alice, ['folder'], idOf(1), {})).toBeNull()
    await using _disk = await apart(path)
    await makeFolder()
    expect(await trees.toTrash(alice, ['folder'], idOf(2), {})).toBe(2 * 2 ** 20)
  })

  // Trouble (files): a person deletes a million empty files or links, which take room on the disk, and none in the figures
  test('empty files and links weigh something in the trash, also before a count', async () => {
    const { path, trees, at } = await newRoot()
    await using _disk = await apart(path)
    await mkdir(at('folder'))
    for (let number = 0; number < 9; number += 1) await writeFile(at(`folder/${number}`), '')
    await symlink('x'.repeat(2_000), at('link'))
    expect(await trees.toTrash(alice, ['folder'], idOf(1), {})).toBe(10 * 1_024)
    expect(await trees.toTrash(alice, ['link'], idOf(2), {})).toBe(2_000)
  })

  // Trouble (files): the service ends while it removes what it has copied to the trash, and half of it follows later
  test('what is left in a work folder after its copy to the trash never comes there, also if the copy is removed while the folder is away', async () => {
    const { path, trees, home, at } = await newRoot()
    await using disk = await apart(path)
    await mkdir(at('folder'))
    await writeFile(at('folder/fixed'), '')
    await execute('chattr', ['+i', at('folder/fixed')]) // so that it cannot be removed
    await trees.toTrash(alice, ['folder'], idOf(1), {})
    const [left = ''] = await readdir(at('.ai-lab-work'))
    await execute('chattr', ['-i', at(`.ai-lab-work/${left}/fixed`)])
    await rename(home, `${home}-away`)
    await mkdir(home) // of root: the place of a disk
    await trees.removeFromTrash(idOf(1), alice)
    await rm(home, { recursive: true })
    await rename(`${home}-away`, home)
    await trees.tidy()
    expect(await readdir(disk.trash)).toEqual([])
  })

  // Trouble (files): nobody can change a folder while something large is copied back to it from the trash
  test('while something is copied back from the trash, others change the same tree; at the end its right is asked for again', async () => {
    const { path, trees, at } = await newRoot()
    await using disk = await apart(path)
    await filled(at('large'), 4)
    await trees.toTrash(alice, ['large'], idOf(1), {})
    const bringBack = (onWhole: () => Promise<void>) => trees.fromTrash(idOf(1), alice, ['new', 'back'], { onWhole })
    const closed = new Error('the folder is closed')
    await expect(bringBack(() => Promise.reject(closed))).rejects.toBe(closed)
    expect([await readdir(disk.trash), await namesIn(trees, '')]).toEqual([[idOf(1)], []])
    await bringBack(async () => {
      expect(await namesIn(trees, '')).toEqual([])
      await timeLimit('a write meanwhile', 10_000, () => write(trees, alice, 'new/other', 'x'))
    })
    expect(await namesIn(trees, 'new')).toEqual(['back', 'other'])
    expect((await readdir(at('new/back'))).sort()).toEqual([...lines].sort())
    expect([await readdir(disk.trash), await readdir(at('.ai-lab-work'))]).toEqual([[], []])
  })

  // Trouble (files): what comes back from the trash takes the last of the disk
  // Trouble (files): something cannot come back from the trash on another disk, and leaves the folders that were made for it
  test('a return from the trash to another disk keeps a reserve of the disk, and leaves nothing half', async () => {
    const { path, trees } = await newRoot({ keepFreeBytes: 2 ** 24 })
    const [bob, home] = [treeOf('bob'), join(path, 'users/bob')]
    await using _disk = await createDisk(home, '64M')
    await chown(home, notebook.uid, notebook.gid)
    await filled(join(home, 'folder'), 18)
    await trees.toTrash(bob, ['folder'], idOf(1), {})
    await execute('sync', ['-f', home])
    // It would fit, and leave 2 MiB.
    await filled(join(home, 'other'), Math.floor((await trees.room(bob)).freeBytes / 2 ** 20) - 20)
    const before = all(home)
    const refused = { code: 'no-room', message: expect.stringContaining('too little room left for the copy') }
    await expect(trees.fromTrash(idOf(1), bob, ['new', 'back'])).rejects.toMatchObject(refused)
    expect(all(home)).toEqual(before)
    expect([await trees.isInTrash(idOf(1), bob), await readdir(join(home, '.ai-lab-work'))]).toEqual([true, []])
  })

  // Trouble (files): people's folders are on another disk than unfinished uploads, and the end of an upload takes the last of it
  test('the end of an upload on another disk keeps a reserve of that disk, and leaves nothing half', async () => {
    const { path, trees } = await newRoot({ keepFreeBytes: 2 ** 24 })
    const [bob, home] = [treeOf('bob'), join(path, 'users/bob')]
    await using _disk = await createDisk(home, '48M')
    await chown(home, notebook.uid, notebook.gid)
    await write(trees, bob, 'first', 'x') // makes the work folder
    const before = all(home)
    const upload = join(path, 'admin/file')
    const end = () => trees.adopt(bob, ['new', 'file'], upload, { signal })
    // It would fit, and leave 4 MiB.
    await writeFile(upload, noise((await trees.room(bob)).freeBytes - 4 * 2 ** 20))
    await expect(end()).rejects.toMatchObject({ code: 'no-room' })
    expect([all(home), await readdir(join(home, '.ai-lab-work'))]).toEqual([before, []])
    await writeFile(upload, noise(8 * 2 ** 20))
    expect(await end()).toMatchObject({ entry: { sizeBytes: 8 * 2 ** 20 } })
  })

  // Trouble (files): something was left on its way to the trash, is removed for good, and the next start carries it there
  test('what an earlier process left on its way to the trash is removed for good where it is', async () => {
    const { path, trees, at } = await newRoot()
    await using disk = await apart(path)
    await write(trees, alice, 'first', 'x') // makes the work folder
    await mkdir(at(`.ai-lab-work/trash-${idOf(1)}`))
    await writeFile(at(`.ai-lab-work/trash-${idOf(2)}`), 'stays')
    await trees.removeFromTrash(idOf(1), alice)
    await trees.tidy()
    expect([await readdir(disk.trash), await readdir(at('.ai-lab-work'))]).toEqual([[idOf(2)], []])
  })

  // Trouble (files): the service ends while a deletion is copied to another disk, and what was deleted cannot be brought back
  test.each(['a file', 'a folder'])(
    '%s that an earlier process left on its way to the trash comes back at once',
    async (kind) => {
      const { path, trees, at } = await newRoot()
      await using disk = await apart(path)
      await write(trees, alice, 'first', 'x') // makes the work folder
      const leaving = at(`.ai-lab-work/trash-${idOf(1)}`)
      if (kind === 'a folder') await mkdir(leaving)
      await writeFile(kind === 'a folder' ? join(leaving, 'inside') : leaving, 'x')
      await writeFile(join(disk.trash, `.half-${idOf(1)}`), 'h')
      expect(await trees.isInTrash(idOf(1), alice)).toBe(true)
      await expect(trees.fromTrash(idOf(1), alice, ['first'])).rejects.toMatchObject({ code: 'file-exists' })
      await trees.fromTrash(idOf(1), alice, ['new', 'back'])
      expect(await readFile(at(kind === 'a folder' ? 'new/back/inside' : 'new/back'), 'utf8')).toBe('x')
      expect(await trees.isInTrash(idOf(1), alice)).toBe(false)
      await trees.tidy()
      expect([await readdir(disk.trash), await readdir(at('.ai-lab-work'))]).toEqual([[], []])
    },
  )

  test('of two copies of a deleted entry, the one in the trash comes back: that one is whole', async () => {
    const { path, trees, at } = await newRoot()
    await using disk = await apart(path)
    await write(trees, alice, 'first', 'x') // makes the work folder
    await mkdir(at(`.ai-lab-work/trash-${idOf(1)}`)) // half removed
    await mkdir(join(disk.trash, idOf(1)))
    await writeFile(join(disk.trash, idOf(1), 'inside'), 'x')
    await trees.fromTrash(idOf(1), alice, ['back'])
    expect(await readdir(at('back'))).toEqual(['inside'])
    expect([await readdir(disk.trash), await readdir(at('.ai-lab-work'))]).toEqual([[], []])
  })

  // Trouble (files): one thing in the trash or in a work folder cannot be removed, and nothing of anybody is tidied any more
  test('a start tidies all that can be tidied, and names what cannot', async () => {
    const { path, trees, at } = await newRoot()
    await using stack = new AsyncDisposableStack()
    const trash = join(path, 'admin/trash')
    const work = at('.ai-lab-work')
    await write(trees, alice, 'first', 'x') // makes the work folder
    await mkdir(trash)
    const names = [1, 2, 3].map((number) => `copy-0123456789ab-00000000000000000${number}`)
    const all = [
      ...[1, 2, 3].map((number) => join(trash, `.half-${idOf(number)}`)),
      ...names.map((name) => join(work, name)),
    ]
    for (const each of all) await mkdir(each)
    // A mount point cannot be removed. The first of each folder keeps the others waiting.
    const stuck = [join(trash, (await readdir(trash))[0] ?? ''), join(work, (await readdir(work))[0] ?? '')]
    for (const each of stuck) {
      await execute('mount', ['-t', 'tmpfs', 'none', each])
      stack.defer(() => void execFileSync('umount', ['--lazy', each]))
    }
    await expect(trees.tidy()).rejects.toMatchObject({
      errors: [
        { message: expect.stringContaining('trash'), errors: [{ message: expect.stringContaining('.half-') }] },
        { message: expect.stringContaining('work folder'), errors: [{ message: expect.stringContaining('copy-') }] },
      ],
    })
    const left = [
      ...(await readdir(trash)).map((name) => join(trash, name)),
      ...(await readdir(work)).map((name) => join(work, name)),
    ]
    expect(left).toEqual(stuck)
  })

  // Trouble (files): the disk or the quota of the trash is used up, and what was deleted is neither here nor there
  test.each([
    ['disk', (at: string) => createDisk(at, '16M').then((disk) => Object.assign(disk, { limited: at }))],
    ['quota', (at: string) => createQuotaDisk(at, '16M')],
  ])(
    'if the %s of the trash is used up, or the tree cannot be copied there, a deletion leaves all in its place',
    async (_what, make) => {
      const { path, trees, home, at } = await newRoot()
      await using stack = new AsyncDisposableStack()
      const disk = stack.use(await make(join(path, 'disk')))
      const trash = join(path, 'admin/trash')
      await mkdir(trash, { recursive: true })
      await execute('mount', ['--bind', disk.limited, trash])
      stack.defer(() => void execFileSync('umount', ['--lazy', trash]))
      await filled(at('folder'), 20)
      await mkdir(at('deep'))
      execFileSync('perl', ['-e', 'chdir shift; for (1..450) { mkdir "d"; chdir "d" or die }', at('deep')])
      execFileSync('mkfifo', [at('pipe')])
      await filled(at('small'), 4)
      const before = all(home)
      for (const [name, code] of [
        ['folder', 'no-room'],
        ['deep', 'wrong-kind'],
        ['pipe', 'wrong-kind'],
      ] as const) {
        await expect(trees.toTrash(alice, [name], idOf(1), {})).rejects.toMatchObject({ code })
        expect(all(home)).toEqual(before)
        expect([await trees.isInTrash(idOf(1), alice), await readdir(at('.ai-lab-work'))]).toEqual([false, []])
        expect(await readdir(join(path, 'admin/trash'))).toEqual([])
      }
      await trees.toTrash(alice, ['small'], idOf(2), {})
      await trees.fromTrash(idOf(2), alice, ['small'])
      expect(all(home)).toEqual(before)
    },
  )

  /** Fails if no thread is left, because reading a file takes one. */
  async function expectThreads(): Promise<void> {
    expect(await timeLimit('reading a file', 2_000, () => readFile('/proc/self/comm', 'utf8'))).not.toBe('')
  }

  // Trouble (files): the file server of one person's folder is gone, and each call to the folder fails
  test('a disk that fails makes the folder unusable in words', async () => {
    const { path, trees } = await newRoot()
    await using disk = await mountThatHangs(join(path, 'users/bob'))
    disk.die()
    const unusable = { code: 'folder-unusable', detail: 'Its disk fails. An administrator has to look.' }
    await expect(trees.look(treeOf('bob'), [])).rejects.toMatchObject(unusable)
    await expect(trees.room(treeOf('bob'))).rejects.toMatchObject(unusable)
  })

  // Trouble (files): one person's disk hangs in the midst of downloads, listings and uploads
  test('a disk that hangs ends the calls to it in time, and leaves the process its other threads', async () => {
    const { path, trees } = await newRoot({ limitMs: 500 })
    await using stack = new AsyncDisposableStack()
    const disks = []
    for (const name of ['bob', 'carol']) {
      const from = join(path, name)
      await filled(from, 4)
      await writeFile(join(from, 'long'), noise(2 ** 23))
      await chown(join(from, 'long'), notebook.uid, notebook.gid)
      const disk = stack.use(await createHangingDisk(from, join(path, 'users', name)))
      disks.push(disk)
    }
    const [bob, carol] = [treeOf('bob'), treeOf('carol')]
    const before = await descriptors()
    const opened = await trees.open(bob, ['long'])
    const reading = opened.read({ start: 0, end: opened.entry.sizeBytes })[Symbol.asyncIterator]()
    await reading.next()
    const uploads = Array.from({ length: 6 }, () => {
      const paused = Promise.withResolvers<void>()
      async function* content(): AsyncGenerator<Buffer> {
        yield noise(1_000)
        await paused.promise
        yield noise(2 ** 20)
      }
      const ended = trees.write(bob, ['new'], content(), { signal }).catch((error) => error.code)
      return { go: () => paused.resolve(), ended }
    })
    await expect.poll(async () => (await readdir(join(path, 'bob/.ai-lab-work'))).length).toBe(6)
    for (const disk of disks) await disk.hang()
    for (const { go } of uploads) go()
    const calls = [
      ...Array.from({ length: 20 }, () => trees.list(bob, [], byName)),
      ...Array.from({ length: 20 }, () => trees.look(carol, ['f1'])),
      ...Array.from({ length: 5 }, () => trees.open(carol, ['f1'])),
      write(trees, carol, 'new', 'x'),
      trees.toTrash(carol, ['f1'], idOf(1), {}),
      trees.copy({ tree: bob, path: ['f1'] }, { tree: alice, path: ['copy'] }, copying),
      trees.room(bob),
    ]
    const refusals = calls.map((call) =>
      call.then(
        () => 'done',
        ({ code }) => code,
      ),
    )
    const all = Promise.all([...refusals, ...uploads.map(({ ended }) => ended)])
    const codes = await timeLimit('the end of all calls', 10_000, () => all)
    expect(new Set(codes)).toEqual(new Set(['folder-unusable']))
    await expect(reading.next().then(() => reading.next())).rejects.toThrow('does not answer')
    await expectThreads()
    for (const disk of disks) disk.goOn()
    await expect
      .poll(() =>
        trees.list(bob, [], byName).then(
          ({ entries }) => entries.length,
          () => 0,
        ),
      )
      .toBe(lines.length + 1)
    await write(trees, carol, 'new', 'x')
    await expect.poll(descriptors).toBeLessThanOrEqual(before)
  })

  test('while one disk hangs, even with four threads, the files of other people are read and written', async () => {
    const { path, trees } = await newRoot({ limitMs: 500 })
    await filled(join(path, 'bob'), 1)
    await using disk = await createHangingDisk(join(path, 'bob'), join(path, 'users/bob'))
    await disk.hang()
    const calls = Array.from({ length: 30 }, () => trees.list(treeOf('bob'), [], byName).catch(({ code }) => code))
    for (let turn = 0; turn < 20; turn += 1) await write(trees, alice, 'mine', 'x')
    expect(String(await contentOf(trees, alice, 'mine'))).toBe('x')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['folder-unusable']))
    await expectThreads()
    disk.goOn()
  })
})
