/** The real counting process on hostile trees: people own their folders, and change them while they are counted. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import {
  appendFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFolderIndex } from '../../src/database/folder-index.ts'
import { createUsageCounter } from '../../src/disk/usage-counter.ts'
import type { TreeCount } from '../../src/domain/usage/count.ts'
import { timeLimit } from '../../src/lib/time-limit.ts'
import { mountThatHangs } from '../e2e/support/hanging-mount.ts'

const execute = promisify(execFile)
const mebibyte = 2 ** 20

// Hundreds of thousands of files are made and removed sooner in memory.
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

let root: string
let alice: string
beforeEach(async () => {
  root = await mkdtemp(join(memory, 'ai-lab-usage-'))
  alice = join(root, 'users/alice')
  for (const folder of ['users/alice', 'users/bob', 'shared', 'admin'])
    await mkdir(join(root, folder), { recursive: true })
  await writeFile(join(root, 'users/bob/secret'), Buffer.alloc(32 * mebibyte, 1))
})
afterEach(() => execute('rm', ['-rf', root]))

/** A small heap: a count that keeps all names in memory fails. */
function counter(more: { silenceMs?: number } = {}) {
  return createUsageCounter({ root, indexFile: join(root, 'admin/usage-index.db'), memoryMiB: 96, ...more })
}

async function count({ full = false, signal = new AbortController().signal } = {}, counting = counter()) {
  const trees = new Map<string, TreeCount>()
  const trash = new Map<string, number>()
  const uncounted = await counting.count(
    { full, stopSubvolumes: false, signal },
    (each) => trees.set(each.tree, each),
    (folders) => folders.forEach(({ id, bytes }) => void trash.set(id, bytes)),
  )
  return { trees, trash, uncounted, of: (tree: string) => trees.get(tree) }
}

async function du(path: string): Promise<number> {
  const { stdout } = await execute('du', ['-s', '-B1', path])
  return Number(stdout.split('\t')[0])
}

function python(script: string, ...args: string[]): Promise<unknown> {
  return execute('python3', ['-c', script, ...args])
}

// Trouble (files): a person's folder is full of traps for a program that walks through it
test('links, FIFOs, sockets, sparse files, hard links and odd names count as du counts them, and lead nowhere', async () => {
  await python(
    `
import os, socket, sys
os.chdir(sys.argv[1])
os.mkfifo('fifo')
socket.socket(socket.AF_UNIX).bind('socket')
for name in [b'new\\nline', b'not \\xff utf-8 \\xfe', b'n' * 255, b'-rf', b'\\x1b[2J']:
    open(name, 'wb').write(b'x' * 5000)
    os.mkdir(b'folder ' + name[:200]); open(b'folder ' + name[:200] + b'/file', 'wb').write(b'x' * 9000)
for i in range(300):
    os.mkdir('deep'); os.chdir('deep'); open('file', 'wb').write(b'x' * 5000)
`,
    alice,
  )
  await writeFile(join(alice, 'sparse'), 'x')
  await truncate(join(alice, 'sparse'), 2 ** 40)
  await writeFile(join(alice, 'one'), Buffer.alloc(mebibyte, 1))
  await mkdir(join(alice, 'links'))
  for (const name of ['two', 'links/three']) await link(join(alice, 'one'), join(alice, name))
  for (const [name, target] of Object.entries({
    root: '/',
    up: '../..',
    bob: '../bob',
    loop: 'loop',
    self: '.',
    proc: '/proc',
  })) {
    await symlink(target, join(alice, name))
  }
  for (const full of [false, false, true]) {
    const { uncounted, of } = await count({ full })
    expect(uncounted).toEqual([])
    expect(of('users/alice')).toMatchObject({ missed: 0, count: { bytes: await du(alice) } })
    expect(of('users/alice')?.count.sizeBytes).toBeGreaterThan(2 ** 40)
  }
})

test('a count of what did not change sees a file that grows, files that come and go, and folders that move', async () => {
  await mkdir(join(alice, 'a/b/c'), { recursive: true })
  await mkdir(join(alice, 'd'))
  await writeFile(join(alice, 'a/b/c/log'), 'x')
  const expectRight = async () => expect((await count()).of('users/alice')?.count.bytes).toBe(await du(alice))
  await expectRight()
  await appendFile(join(alice, 'a/b/c/log'), Buffer.alloc(3 * mebibyte, 1))
  await expectRight()
  await appendFile(join(alice, 'a/b/c/log'), Buffer.alloc(mebibyte, 1))
  await writeFile(join(alice, 'd/new'), Buffer.alloc(mebibyte, 1))
  await expectRight()
  await rename(join(alice, 'a/b'), join(alice, 'd/b'))
  await expectRight()
  await rm(join(alice, 'd/b/c/log'))
  await expectRight()
  await rm(join(alice, 'd'), { recursive: true })
  await writeFile(join(alice, 'd'), 'a file now')
  await expectRight()
  await rm(join(root, 'users/bob'), { recursive: true })
  expect((await count()).of('users/bob')).toBeUndefined()
})

// Trouble (files): a folder is swapped for a link while it is counted
test('a folder that is swapped for links and moved away again and again leads no count out of it', async () => {
  const depth = 80 // deeper than the folders that the walk holds open
  await mkdir(join(alice, 'real', ...Array(depth).fill('d')), { recursive: true })
  await mkdir(join(alice, 'side'))
  for (let file = 0; file < 200; file += 1) await writeFile(join(alice, 'real', `f${file}`), 'x')
  const most = (await du(alice)) + mebibyte
  const swapper = spawn('python3', [
    '-c',
    `
import os, sys, time
os.chdir(sys.argv[1])
inner = 'real/' + 'd/' * 60
while True:
    os.rename('real', 'aside')
    for target in ['../bob', '/']:
        os.symlink(target, 'real'); time.sleep(0.001); os.unlink('real')
    os.rename('aside', 'real'); time.sleep(0.001)
    os.rename(inner, 'side/x'); os.rename('side/x', inner)
`,
    alice,
  ])
  try {
    for (let round = 0; round < 10; round += 1) {
      const { of, uncounted } = await count({ full: round % 2 === 0 })
      expect(of('users/alice')?.count.bytes).toBeLessThan(most)
      expect(of('users/bob')?.count.files).toBe(1)
      expect(uncounted).toEqual([])
    }
  } finally {
    swapper.kill('SIGKILL')
    await once(swapper, 'exit')
  }
})

test('200,000 files in one folder are counted in little memory', async () => {
  await python(
    `
import os, sys
os.chdir(sys.argv[1])
os.mkdir('wide')
for i in range(200000): os.mknod(f'wide/{i}')
`,
    alice,
  )
  const { of, uncounted } = await count()
  expect(uncounted).toEqual([])
  expect(of('users/alice')).toMatchObject({ missed: 0, count: { files: 200_000, folders: 2 } })
  expect((await count()).of('users/alice')?.count).toEqual(of('users/alice')?.count)
})

// Trouble (files): thousands of large folders are in the trash, and a folder that is deleted then weighs nothing
// Trouble (files): a person deletes a folder of a million empty files, which take room on the disk, and none in the figures
test('every folder in the trash is told with what it takes, and weighs something for each name in it', async () => {
  const trash = join(root, 'admin/trash')
  await python(
    `
import os, sys
os.makedirs(sys.argv[1]); os.chdir(sys.argv[1])
for i in range(2500):
    os.mkdir(f'{i}'); open(f'{i}/file', 'wb').write(b'x' * 5000)
os.mkdir('small'); open('small/file', 'wb').write(b'x'); open('file', 'wb').write(b'x')
os.mkdir('names')
for i in range(99): open(f'names/{i}', 'wb')
`,
    trash,
  )
  const found = await count()
  expect(found.trash.size).toBe(2_502)
  for (const id of ['1000', 'small']) expect(found.trash.get(id), id).toBe(await du(join(trash, id)))
  expect(found.trash.get('names')).toBe(100 * 1_024)
  expect(found.of('admin')?.parts.map(({ path }) => path)).toEqual(['trash'])
})

test('folders deeper than any path are told as not counted', async () => {
  await python("import os, sys\nos.chdir(sys.argv[1])\nfor i in range(10050): os.mkdir('d'); os.chdir('d')", alice)
  expect((await count()).of('users/alice')).toMatchObject({ missed: 1, count: { folders: 10_001 } })
})

test('a count that is killed at any moment leaves an index from which the next one is right', async () => {
  for (let folder = 0; folder < 300; folder += 1) {
    await mkdir(join(alice, `f${folder}/g`), { recursive: true })
    await writeFile(join(alice, `f${folder}/g/file`), 'x'.repeat(folder * 100))
  }
  for (let round = 0; round < 12; round += 1) {
    await writeFile(join(alice, `f${round}/g/new`), 'x'.repeat(9_000))
    await expect(count({ full: round % 2 === 0, signal: AbortSignal.timeout(60 + round * 25) }))
      .rejects.toThrow()
      .catch(() => {}) // it was quicker than the kill
  }
  expect((await count()).of('users/alice')?.count.bytes).toBe(await du(alice))
})

// Trouble (mounts): a disk hangs while the folders are counted
test("one person's disk that does not answer is told, and everybody else is counted", async () => {
  await mkdir(join(root, 'users/dora'))
  await using hung = await mountThatHangs(join(root, 'users/carol'))
  const counting = counter({ silenceMs: 1_500 })
  for (let time = 0; time < 2; time += 1) {
    const { trees, uncounted } = await count({}, counting)
    expect([...trees.keys()].sort()).toEqual(['admin', 'shared', 'users/alice', 'users/bob', 'users/dora'])
    expect(uncounted).toMatchObject([{ tree: 'users/carol', reason: expect.stringMatching(/answer/) }])
    await timeLimit('reading a file', 2_000, () => readFile('/proc/self/comm', 'utf8'))
  }
  expect(hung.path).toBe(join(root, 'users/carol'))
})

/** What `ionice` says of each thread of the counting process, and the niceness of its first one. */
async function priorities(): Promise<{ disk: string[]; niceness: number | null }> {
  const children = (await execute('sh', ['-c', `cat /proc/${process.pid}/task/*/children`])).stdout.split(/\s+/)
  for (const pid of children.filter(Boolean)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (!command.includes('count-usage')) continue
    const { stdout } = await execute('ionice', ['-p', ...(await readdir(`/proc/${pid}/task`))])
    return { disk: [...new Set(stdout.trim().split('\n'))], niceness: getPriority(Number(pid)) }
  }
  return { disk: [], niceness: null }
}

// Trouble (files): a count of a million files takes the disk from everybody's work
test('the counting process has the lowest priority for the disk and the processor', async () => {
  await using _hung = await mountThatHangs(join(root, 'users/carol'))
  const looked = new AbortController()
  const counting = count({ signal: looked.signal })
  await expect.poll(priorities).toEqual({ disk: ['idle'], niceness: 19 })
  looked.abort(new Error('looked'))
  await expect(counting).rejects.toThrow('looked')
})

test('while a process that hangs holds the index, the others count without it', async () => {
  await count()
  using _held = openFolderIndex(join(root, 'admin/usage-index.db'), { journal: 'WAL' })
  const { of, uncounted } = await count()
  expect(uncounted).toEqual([])
  expect(of('users/alice')?.count.bytes).toBe(await du(alice))
})
