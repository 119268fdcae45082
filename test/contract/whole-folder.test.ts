/** A person's whole folder on its way to the trash and back, on real disks. */
import { execFile, execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createFileTrees } from '../../src/disk/trees/file-trees.ts'
import { createKeptNames } from '../../src/disk/trees/kept-names.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createQuotaDisk } from '../e2e/support/disk.ts'

const execute = promisify(execFile)
const notebook = { uid: 1000, gid: 100 }
const rootId = '5f3c0000-0000-4000-8000-000000000000'
const { signal } = new AbortController()
const alice = { kind: 'person', userId: userId.parse('alice') } as const
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp('/dev/shm/ai-lab-whole-')
})
afterAll(() => void execFileSync('rm', ['-rf', folder]))

async function newHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true })
  await chown(home, notebook.uid, notebook.gid)
}

/** The files of a data root, as a service that starts sees them. */
const treesOf = (path: string, keepFreeBytes = 0) =>
  createFileTrees({
    keepFreeBytes,
    ...{ root: path, rootId, owner: notebook, hadFolder: async () => false, keptNames: createKeptNames(systemClock) },
  })

async function newRoot(at = join(folder, `lab-${++count}`)) {
  const { path } = await layOutDataRoot(at, rootId, null)
  const home = join(path, 'users/alice')
  return { path, home, trash: join(path, 'admin/trash'), trees: treesOf(path) }
}

async function mounted(from: string, at: string): Promise<AsyncDisposable> {
  await mkdir(from, { recursive: true })
  await mkdir(at, { recursive: true })
  await execute('mount', ['--bind', from, at])
  return { [Symbol.asyncDispose]: async () => void (await execute('umount', ['--lazy', at])) }
}

/** Odd things that a person may have. */
async function fill(home: string): Promise<void> {
  await mkdir(join(home, 'closed'))
  await writeFile(join(home, 'closed/notes.txt'), 'mine')
  await symlink('/etc/passwd', join(home, 'link'))
  await writeFile(Buffer.from(`${home}/\xff`, 'latin1'), 'a name that is no text')
  execFileSync('chown', ['-hR', '1000:100', home])
  await chmod(join(home, 'closed'), 0)
}

/** All that is there, with owners, modes and contents. */
const all = (at: string) =>
  execFileSync(
    'sh',
    [
      '-c',
      'cd "$1" && find . -mindepth 1 -not -path "./.ai-lab-work*" -printf "%p %u %m %l\\n" | sort && cat closed/notes.txt',
      'sh',
      at,
    ],
    { encoding: 'latin1' },
  )

const places = {
  'on the disk of the data root': async (root: { path: string; home: string }) => {
    await newHome(root.home)
    return { isRemovable: true, [Symbol.asyncDispose]: async () => {} }
  },
  'with the trash on another disk': async ({ path, home }: { path: string; home: string }) => {
    await newHome(home)
    return Object.assign(await mounted(join(path, 'elsewhere'), join(path, 'admin/trash')), { isRemovable: true })
  },
  'on a disk of its own': async ({ path, home }: { path: string; home: string }) => {
    const disk = await mounted(join(path, 'elsewhere'), home)
    await newHome(home)
    return Object.assign(disk, { isRemovable: false })
  },
  'as a subvolume of Btrfs': async ({ home }: { home: string }) => {
    await execute('btrfs', ['subvolume', 'create', home])
    await newHome(home)
    return { isRemovable: true, [Symbol.asyncDispose]: async () => {} }
  },
}

// Trouble (files): the folder of a person who is removed is a subvolume or on another disk, and the trash gets half of it
test.each(Object.entries(places))(
  'a whole folder goes to the trash as one, and comes back as it was: %s',
  async (name, make) => {
    await using stack = new AsyncDisposableStack()
    const onBtrfs = name.includes('Btrfs')
    const disk = join(folder, 'btrfs')
    if (onBtrfs) stack.use(await createQuotaDisk(disk, '64M'))
    const root = await newRoot(onBtrfs ? join(disk, 'lab') : undefined)
    const { home, trash, trees } = root
    const { isRemovable } = stack.use(await make(root))
    await fill(home)
    const before = all(home)
    expect(await trees.allToTrash(alice, idOf(1), { signal })).toMatchObject({ entries: 3 })
    expect([await readdir(trash), await readdir(home)]).toEqual([[idOf(1)], ['.ai-lab-work']])
    expect(all(join(trash, idOf(1)))).toBe(before)
    expect(await trees.allToTrash(alice, idOf(2), { signal })).toEqual({ entries: 0, bytes: null })
    for (let time = 0; time < 2; time += 1)
      expect(await trees.removeFolder(alice, { signal })).toBe(isRemovable ? 'gone' : 'mounted')
    expect(await readdir(join(root.path, 'users'))).not.toContain(isRemovable ? 'alice' : '')
    if (isRemovable) await expect(trees.fromTrash(idOf(1), alice, [])).rejects.toMatchObject({ code: 'file-not-found' })
    await newHome(home)
    await trees.fromTrash(idOf(1), alice, [])
    expect(all(home)).toBe(before)
    expect([await readdir(trash), await readdir(join(home, '.ai-lab-work'))]).toEqual([[], []])
  },
)

test('a whole folder comes back beside what is there now, and to another path if a name is taken', async () => {
  const { home, trash, trees } = await newRoot()
  await newHome(home)
  await fill(home)
  await trees.allToTrash(alice, idOf(1), { signal })
  await writeFile(join(home, 'link'), 'new')
  await expect(trees.fromTrash(idOf(1), alice, [])).rejects.toMatchObject({
    code: 'file-exists',
    detail: 'The folder has link already; nothing was changed. Name another path.',
  })
  expect((await readdir(home)).sort()).toEqual(['.ai-lab-work', 'link'])
  await trees.fromTrash(idOf(1), alice, ['earlier'])
  expect(await readFile(join(home, 'earlier/closed/notes.txt'), 'utf8')).toBe('mine')
  const { uid, gid } = await stat(join(home, 'earlier')) // or a notebook could not open it
  expect([{ uid, gid }, await readdir(trash)]).toEqual([notebook, []])
})

// Trouble (files): the service is killed, or closes, while a whole folder is on its way to the trash
test('a way to the trash that was cut short is brought to its end, and the rest goes under another id', async () => {
  const { path, home, trash, trees } = await newRoot()
  await using _trash = await mounted(join(path, 'elsewhere'), trash)
  await newHome(home)
  await fill(home)
  const closing = new AbortController()
  closing.abort(new Error('closing'))
  await expect(trees.allToTrash(alice, idOf(1), { signal: closing.signal })).rejects.toThrow('closing')
  // A kill after some entries had left the folder.
  await mkdir(join(home, `.ai-lab-work/trash-${idOf(2)}`))
  await execute('mv', [join(home, 'closed'), join(home, `.ai-lab-work/trash-${idOf(2)}`)])
  const next = treesOf(path)
  expect(await next.isInTrash(idOf(2), alice)).toBe(true)
  expect(await next.allToTrash(alice, idOf(3), { signal })).toMatchObject({ entries: 2 })
  expect(await next.removeFolder(alice, { signal })).toBe('gone')
  expect(await readdir(join(trash, idOf(2)))).toEqual(['closed'])
  await newHome(home)
  for (const id of [idOf(2), idOf(3)]) await next.fromTrash(id, alice, [])
  expect((await readdir(home)).toSorted()).toHaveLength(4)
})

// Trouble (files): the disk of the trash is full when a removal goes on, and its job tells of a fault in the service
test('what cannot be brought to its end for want of room keeps the folder, and the words say so', async () => {
  const { path, home, trash } = await newRoot()
  await using _trash = await mounted(join(path, 'elsewhere'), trash)
  const left = join(home, `.ai-lab-work/trash-${idOf(1)}`)
  await newHome(home)
  await mkdir(join(home, '.ai-lab-work'), { mode: 0o700 })
  await mkdir(left)
  await writeFile(join(left, 'notes.txt'), 'mine')
  const full = treesOf(path, 2 ** 60).removeFolder(alice, { signal })
  await expect(full).rejects.toMatchObject({ code: 'no-room' })
  expect(await readFile(join(left, 'notes.txt'), 'utf8')).toBe('mine')
})

test('a folder in which somebody has put something meanwhile stays', async () => {
  const { home, trees } = await newRoot()
  await newHome(home)
  await writeFile(join(home, 'late'), '')
  expect(await trees.removeFolder(alice, { signal })).toBe('not-empty')
  expect(await readdir(home)).toEqual(['late'])
})

test('a disk that is mounted in a folder stays where it is, all else goes to the trash, and the words say so', async () => {
  const { path, home, trash, trees } = await newRoot()
  await newHome(home)
  await fill(home)
  await using _disk = await mounted(join(path, 'elsewhere'), join(home, 'big'))
  await expect(trees.allToTrash(alice, idOf(1), { signal })).rejects.toMatchObject({
    code: 'folder-unusable',
    detail: 'Another disk is mounted at big, which therefore stays. Unmount it, and ask again.',
  })
  expect([await readdir(trash), (await readdir(home)).toSorted()]).toEqual([[idOf(1)], ['.ai-lab-work', 'big']])
})

// Trouble (files): an administrator has mounted a disk deep in a person's folder, and the trash is emptied with what is on it
test('a folder that holds a mounted disk stays, alone or with the whole folder, and the words name the disk', async () => {
  const { path, home, trash, trees } = await newRoot()
  await newHome(home)
  await fill(home)
  await using _disk = await mounted(join(path, 'elsewhere'), join(home, 'lab/my disk'))
  await writeFile(join(home, 'lab/my disk/measured'), '1')
  const refusal = {
    code: 'folder-unusable',
    detail: 'Another disk is mounted at lab/my disk, which therefore stays. Unmount it, and ask again.',
  }
  await expect(trees.toTrash(alice, ['lab'], idOf(1), {})).rejects.toMatchObject(refusal)
  await expect(trees.allToTrash(alice, idOf(2), { signal })).rejects.toMatchObject(refusal)
  expect([await readdir(trash), (await readdir(home)).toSorted()]).toEqual([[idOf(2)], ['.ai-lab-work', 'lab']])
  expect(await readFile(join(home, 'lab/my disk/measured'), 'utf8')).toBe('1')
})
