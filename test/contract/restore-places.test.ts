/** The last half of a restore on real disks: entries move from the place of the job to the folder of a person. */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRestoreInto, type RestoreIntoUses } from '../../src/backups/restore-into.ts'
import { createDataRoot } from '../../src/disk/data-root.ts'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createRestorePlaces } from '../../src/disk/restore-places.ts'
import { createFileTrees } from '../../src/disk/trees/file-trees.ts'
import { createKeptNames } from '../../src/disk/trees/kept-names.ts'
import type { Job } from '../../src/domain/jobs/job.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { Problem } from '../../src/domain/problem.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createLedger } from '../../src/usage/ledger.ts'

const rootId = '5f3c0000-0000-4000-8000-000000000000'
const alice = { kind: 'person', userId: userId.parse('alice') } as const
const job = { id: 'job', userId: userId.parse('admin') } as Job
const signal = new AbortController().signal
const move = { tree: alice, from: ['data'], only: null, to: [], target: [] }
const projects = ['one', 'two']
const files = ['a', 'b', 'c']
const hadFolder = async () => false
const announced = { came: () => {}, [Symbol.dispose]: () => {} }

let folder: string
let root: string
let home: string
beforeEach(async () => {
  folder = await mkdtemp('/dev/shm/ai-lab-restores-')
  root = (await layOutDataRoot(join(folder, 'lab'), rootId, null)).path
  home = join(root, 'users/alice')
  await mkdir(home)
})
afterEach(async () => {
  await unmountBelow(folder)
  await rm(folder, { recursive: true })
})

function mountDisk(at: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', at])
}

async function unmountBelow(at: string): Promise<void> {
  const mounted = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '')
  for (const each of mounted.filter((path) => path.startsWith(`${at}/`))) execFileSync('umount', [each])
}

async function writeProjects(at: string, word: string): Promise<void> {
  for (const project of projects) {
    await mkdir(join(at, project), { recursive: true })
    for (const file of files) await writeFile(join(at, project, file), word)
  }
}

/** The words in the files of each project that is there. */
async function wordsIn(at: string): Promise<Record<string, string[]>> {
  const names = (await readdir(at)).filter((name) => !name.startsWith('.')).toSorted()
  const wordsOf = async (project: string) => {
    const found = (await readdir(join(at, project), { withFileTypes: true })).filter((each) => each.isFile())
    return await Promise.all(found.map(({ name }) => readFile(join(at, project, name), 'utf8')))
  }
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await wordsOf(name)] as const)))
}

const allOf = (word: string) => files.map(() => word)

type Running = Parameters<ReturnType<typeof createRestoreInto>>[3]

/** A run of the job, as one process of the service does it. */
function createRun(changes: Partial<RestoreIntoUses> = {}, running: Partial<Running> = {}) {
  const trees = createFileTrees({ root, rootId, owner: null, hadFolder, keptNames: createKeptNames(systemClock) })
  const restoreInto = createRestoreInto({
    places: createRestorePlaces({ root, rootId, owner: null, hadFolder }),
    requireProven: async () => {},
    requireStillChange: async () => {},
    ensureFolder: async () => {},
    async toTrash(_, tree, path) {
      if (await trees.look(tree, path)) await trees.toTrash(tree, path, randomUUID(), {})
    },
    storage: { requireRoom: async () => {}, count: async () => {}, announce: () => announced },
    closing: signal,
    ...changes,
  })
  const fill = (at: string) => writeProjects(join(root, at, 'data'), 'saved')
  return () => restoreInto(job, move, fill, { signal, tell: () => {}, ...running })
}

/** What the job does once its end is recorded. */
const removed = () => createRestorePlaces({ root, rootId, owner: null, hadFolder }).remove(job.id)

// Trouble (files): the service dies while it removes what a restore has copied to another disk
test('a restore to another disk that ends while it removes a copied folder brings back all of it when it goes on', async () => {
  mountDisk(home)
  await writeProjects(home, 'later')
  const toTrash = createNotebook(0)
  const dies = createRun({
    closing: AbortSignal.abort(),
    // The removal of the folder fails at a disk that is mounted in it, when the files beside that are gone.
    async toTrash(...entry) {
      const stuck = join(root, 'admin/restores/job/data/one/stuck')
      await mkdir(stuck)
      mountDisk(stuck)
      await toTrash(...entry)
    },
  })
  await expect(dies()).rejects.toThrow('could not be removed')
  await unmountBelow(join(root, 'admin/restores'))
  expect(await createRun()()).toBe(2)
  await removed()
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf('saved') })
  expect(Object.values(await wordsIn(join(root, 'admin/trash')))).toEqual([allOf('later'), allOf('later')])
  expect(await readdir(join(root, 'admin/restores'))).toEqual([])
})

// Trouble (files): the service dies when a restore has moved all, before it has recorded the end
test('a restore that had moved all when the service died is done, and leaves what was done since alone', async () => {
  await writeProjects(home, 'later')
  expect(await createRun()()).toBe(2)
  await writeProjects(home, 'since')
  const goesOn = createRun({ requireStillChange: () => Promise.reject(new Error('the right has ended since')) })
  expect(await goesOn()).toBe(2)
  expect(await wordsIn(home)).toEqual({ one: allOf('since'), two: allOf('since') })
  expect(Object.values(await wordsIn(join(root, 'admin/trash')))).toEqual([allOf('later'), allOf('later')])
})

// Trouble (files): the service dies in the middle of a restore, and may not go on when it is back
test.each([
  ['the right of its person has ended', { requireStillChange: refused }],
  ['the data root is not proven', { requireProven: refused }],
])('a restore that cannot go on because %s says where everything is', async (_, changes) => {
  await writeProjects(home, 'later')
  await killedAt('two')
  await expect(createRun(changes)()).rejects.toMatchObject({
    code: 'forbidden',
    detail:
      'The restore ended at two: Not any more. The entries before it, in the order of their names, are restored; ' +
      'the others are not. The trash has what is missing now.',
  })
  expect(await wordsIn(home)).toEqual({ one: allOf('saved') })
  expect(await readdir(join(root, 'admin/restores'))).toEqual([job.id]) // until the end of the job is recorded
})

/** A run that dies when it has made way for an entry. */
async function killedAt(project: string, changes: Partial<RestoreIntoUses> = {}): Promise<void> {
  const toTrash = createNotebook(0)
  const closing = new AbortController()
  const dies = createRun({
    closing: closing.signal,
    ...changes,
    async toTrash(by, tree, path) {
      await toTrash(by, tree, path)
      if (path.join() !== project) return
      closing.abort()
      throw new Error('killed')
    },
  })
  await expect(dies()).rejects.toThrow('killed')
}

// Trouble (files): the power goes in the middle of a restore, and the person's own disk is not mounted when the service is back
test.each([
  ['is missing', () => rm(home, { recursive: true }), []],
  ['is a mount point of another user', () => chown(home, 1000, 100), ['one']],
])(
  'a restore that goes on when the folder of its person %s makes none, and says where everything is',
  async (_, unmount, expected) => {
    const ownUser = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    const databaseId = { device: '0', inode: '0' }
    const dataRoot = createDataRoot({
      path: root,
      rootId,
      databaseId,
      notebook: ownUser,
      mayGiveAway: true,
      now: Date.now,
    })
    const uses = {
      places: createRestorePlaces({ root, rootId, owner: null, hadFolder: async () => true }),
      ensureFolder: () => dataRoot.ensureUserFolder(alice.userId),
    }
    await writeProjects(home, 'later')
    await killedAt('two', uses)
    await unmount()
    await expect(createRun(uses)()).rejects.toMatchObject({
      code: 'user-folder-unusable',
      detail: expect.stringMatching(/^The restore ended at two: .* The trash has what is missing now\.$/),
    })
    expect(Object.keys(await wordsIn(home).catch(() => ({})))).toEqual(expected)
  },
)

// Trouble (files): somebody cancels a restore that was killed when it had made way for an entry
test.each([
  ['one disk brings back all', () => {}, { ended: 2, two: 'saved' }],
  ['another disk brings back that entry, and ends', () => mountDisk(home), { ended: 'cancelled', two: 'later' }],
])('a restore to %s if it is cancelled before it goes on', async (_, prepare, { ended, two }) => {
  prepare()
  await writeProjects(home, 'later')
  await killedAt('one')
  const goesOn = createRun({}, { signal: AbortSignal.abort(new Error('cancelled')) })
  expect(await goesOn().catch((error: Error) => error.message)).toBe(ended)
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf(two) })
})

// Trouble (files): a restore is cancelled or killed, and what did not come counts for the storage of its person
test('a restore counts for the storage of its person what has come, and counts it once', async () => {
  const { storage, used } = createLimit()
  await killedAt('one', { storage })
  expect(await used()).toBe(0)
  await killedAt('two', { storage })
  await createRun({ storage })()
  expect(await used()).toBe(projects.length * files.length * 4096)
})

// Trouble (files): a person uploads as much as they may while a restore to their folder goes on
test.each([
  ['fails', refused],
  ['is done', async () => {}],
])('what a restore has still to move counts for the storage of its person until it %s', async (_, end) => {
  const { storage, used } = createLimit()
  const during: number[] = []
  const run = createRun({
    storage,
    async toTrash(_by, _tree, path) {
      during.push(await used())
      if (path.join() === 'two') await end()
    },
  })
  await run().catch(() => {})
  const each = files.length * 4096
  expect(Math.min(...during)).toBeGreaterThanOrEqual(2 * each)
  expect(Math.max(...during)).toBeLessThan(3 * each)
  expect(await used()).toBe(Object.keys(await wordsIn(home)).length * each)
})

// Trouble (files): the service can start no more programs for a moment while a restore moves its entries
test('a restore goes on if the room that its files take cannot be measured', async () => {
  const { storage, used } = createLimit()
  await withProgram('sh', 'exit 1', async () => {
    expect(await createRun({ storage })()).toBe(2)
  })
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf('saved') })
  expect(await used()).toBe(0)
})

/** What counts for the storage of alice, in a folder that was never counted. */
function createLimit() {
  const none = async () => {}
  const ledger = createLedger({
    record: none,
    forget: none,
    prune: none,
    latest: async () => [],
    history: async () => [],
  })
  const announce = (id: string, bytes: number) => ledger.announce(id, bytes)
  return { storage: { requireRoom: none, count: none, announce }, used: () => ledger.usedBytes(alice.userId) }
}

// Trouble (files): a restore fails because the disk is full, and its files keep the room that the record of its end needs
test('a restore that fails while its entries move keeps none of them, and fails in the same words if it runs again', async () => {
  await writeProjects(home, 'later')
  const toTrash = createNotebook(0)
  const full = createRun({
    async toTrash(by, tree, path) {
      if (path.join() === 'two') throw new Problem('no-room', 'The disk is full; nothing was changed.')
      await toTrash(by, tree, path)
    },
  })
  const failure = {
    code: 'no-room',
    detail: expect.stringMatching(/^The restore ended at two: The disk is full\. The/),
  }
  await expect(full()).rejects.toMatchObject(failure)
  expect(await readdir(join(root, 'admin/restores/job'))).toEqual(['sealed.json'])
  await expect(createRun()()).rejects.toMatchObject(failure)
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf('later') })
})

// Trouble (files): the service dies while it removes what a failed restore has not moved
test('a restore that failed, and dies while it removes what is left, ends in words when it runs again', async () => {
  await writeProjects(home, 'later')
  await withProgram('rm', '/bin/rm ./data/two/a; exit 1', async () => {
    await expect(createRun({ toTrash: refused })()).rejects.toThrow('Not any more')
  })
  await expect(createRun()()).rejects.toThrow('The restore ended before all was back')
  expect(await wordsIn(home)).toEqual({ one: allOf('later'), two: allOf('later') })
})

// Trouble (files): the service dies while it removes the place of a restore that failed
test('a restore that failed, and dies while it removes its place, brings back nothing half when it goes on', async () => {
  await withProgram('rm', '/bin/rm ./job/data/two/a; exit 1', async () => {
    await expect(createRun({ toTrash: refused })()).rejects.toThrow('Not any more')
    await expect(removed()).rejects.toThrow('could not be removed')
  })
  await createRun()()
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf('saved') })
})

/** Does that while a program of the system is another one. */
async function withProgram(name: string, script: string, work: () => Promise<void>): Promise<void> {
  const programs = join(folder, 'programs')
  await mkdir(programs, { recursive: true })
  await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(programs, name), 0o755)
  vi.stubEnv('PATH', `${programs}:${process.env.PATH}`)
  try {
    await work()
  } finally {
    vi.unstubAllEnvs()
  }
}

function refused(): Promise<never> {
  return Promise.reject(new Problem('forbidden', 'Not any more.'))
}

// Trouble (files): a person has closed a folder even for themselves, and the service that restores it runs as their user
test('the room of a place is measured without what the service may not read', async () => {
  const place = join(root, 'admin/restores/job')
  await writeProjects(place, 'saved')
  await chmod(join(place, 'one'), 0)
  execFileSync('chown', ['-R', '1000:100', folder])
  process.seteuid?.(1000)
  try {
    const bytes = await createRestorePlaces({ root, rootId, owner: null, hadFolder }).bytesIn(job.id)
    expect(bytes).toBeGreaterThanOrEqual(files.length * 4096)
  } finally {
    process.seteuid?.(0)
  }
})

/** A notebook that makes a project anew as soon as it is put into the trash, that many times. */
function createNotebook(times: number): RestoreIntoUses['toTrash'] {
  const trees = createFileTrees({ root, rootId, owner: null, hadFolder, keptNames: createKeptNames(systemClock) })
  return async (_, tree, path) => {
    if (await trees.look(tree, path)) await trees.toTrash(tree, path, randomUUID(), {})
    if (path.join() !== 'two' || times === 0) return
    times -= 1
    await mkdir(join(home, 'two'))
    await writeFile(join(home, 'two/a'), 'anew')
  }
}

// Trouble (files): a notebook goes on while its files are restored, and takes a name at the instant it is free
test.each([
  ['the same disk', () => {}],
  ['another disk', () => mountDisk(home)],
])('a restore to %s that a notebook overtakes makes way again', async (_, prepare) => {
  prepare()
  await writeProjects(home, 'later')
  await createRun({ toTrash: createNotebook(3) })()
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf('saved') })
  const trashed = Object.values(await wordsIn(join(root, 'admin/trash'))).toSorted()
  expect(trashed).toEqual([['anew'], ['anew'], ['anew'], allOf('later'), allOf('later')])
})

test('a restore that is overtaken again and again ends, and says what it has restored', async () => {
  await writeProjects(home, 'later')
  await expect(createRun({ toTrash: createNotebook(100) })()).rejects.toMatchObject({
    code: 'file-exists',
    detail:
      'The restore ended at two: Something has this name already. The entries before it, in the order of their names, are restored; ' +
      'the others are not. The trash has what is missing now.',
  })
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: ['anew'] })
})

// Trouble (files): somebody cancels a restore when half of its entries are back
test('a cancel while entries move is too late on one disk, and on another one the job tells how many are back', async () => {
  const cancelled = async () => {
    const cancel = new AbortController()
    const toTrash = createNotebook(0)
    const told: number[] = []
    const run = createRun(
      {
        async toTrash(...entry) {
          cancel.abort(new Error('cancelled'))
          await toTrash(...entry)
        },
      },
      { signal: cancel.signal, tell: ({ doneFiles }) => told.push(doneFiles) },
    )
    return { ended: await run().catch((error: Error) => error.message), told }
  }
  await writeProjects(home, 'later')
  expect(await cancelled()).toEqual({ ended: 2, told: [0, 1, 2] })
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf('saved') })

  await removed()
  mountDisk(home)
  await writeProjects(home, 'later')
  expect(await cancelled()).toEqual({ ended: 'cancelled', told: [0, 1] })
  expect(await wordsIn(home)).toEqual({ one: allOf('saved'), two: allOf('later') })
})

// Trouble (files): a restore copies to another disk for hours, and meanwhile it is cancelled, or its person loses the right
test.each([
  ['it was cancelled', (cancel: AbortController) => cancel.abort(new Error('cancelled')), { message: 'cancelled' }],
  ['its person has lost the right', () => refused(), { code: 'forbidden' }],
])('a restore that has copied to another disk when %s changes nothing', async (_, meanwhile, expected) => {
  mountDisk(home)
  await writeProjects(home, 'later')
  const cancel = new AbortController()
  let asked = 0
  const run = createRun(
    {
      async requireStillChange() {
        asked += 1
        if (asked > 2) await meanwhile(cancel) // before and after the reading of the backup
      },
    },
    { signal: cancel.signal },
  )
  await expect(run()).rejects.toMatchObject(expected)
  expect(await wordsIn(home)).toEqual({ one: allOf('later'), two: allOf('later') })
  expect(await readdir(join(home, '.ai-lab-work'))).toEqual([])
})

// Trouble (files): a restore to another disk takes the last room of it
test('a restore to another disk keeps a reserve of that disk', async () => {
  mountDisk(home)
  await writeProjects(home, 'later')
  const places = createRestorePlaces({ root, rootId, owner: null, hadFolder, keepFreeBytes: 2 ** 24 })
  await expect(createRun({ places })()).rejects.toMatchObject({
    code: 'no-room',
    detail: expect.stringMatching(/^The restore ended at one: The disk has too little room left for the copy\. The/),
  })
  expect(await wordsIn(home)).toEqual({ one: allOf('later'), two: allOf('later') })
})
