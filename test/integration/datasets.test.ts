import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJobStore } from '../../src/database/job-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { keepCopy } from '../../src/domain/files/place.ts'
import { sharedTree } from '../../src/domain/files/tree.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

let lab: Lab
let alice: Client
const shared = (path: string) => join(lab.dataDir, 'shared/datasets', path)
const sum = (text: string) => createHash('sha256').update(text).digest('hex')
beforeAll(async () => {
  lab = await openLab()
  alice = (await lab.newUser('alice')).client
  await mkdir(shared('weather/years'), { recursive: true })
  await writeFile(shared('weather/years/2025.csv'), 'day,rain\n')
  await writeFile(shared('weather/readme.txt'), 'changed since')
  const checksums = { 'years/2025.csv': sum('day,rain\n'), 'readme.txt': sum('as published'), 'gone.csv': sum('') }
  const facts = { title: 'Rain', licence: 'CC-BY-4.0', source: 'https://example.org', unknown: 1, checksums }
  await writeFile(shared('weather/dataset.yaml'), JSON.stringify(facts))
  await mkdir(shared('plain'))
  await mkdir(shared('broken'))
  await writeFile(shared('broken/dataset.yaml'), 'title: [')
  await symlink('/etc', shared('link'))
  await writeFile(shared('a-file.csv'), 'x')
})
afterAll(() => lab[Symbol.asyncDispose]())

const waiting = { prefer: 'wait=55' }

test('datasets are the folders of shared/datasets/, with what their dataset.yaml says', async () => {
  const { body } = await alice.get('/api/shared/datasets').expect(200)
  expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['broken', 'plain', 'weather'])
  expect(body.items.at(-1)).toMatchObject({
    title: 'Rain',
    licence: 'CC-BY-4.0',
    path: 'datasets/weather',
    checksums: 3,
    trouble: null,
  })
  expect(body.items[0]).toMatchObject({ title: null, trouble: expect.stringContaining('dataset.yaml') })
  expect((await alice.get('/api/shared/datasets/plain').expect(200)).body).toMatchObject({ title: null, checksums: 0 })
  await alice.get('/api/shared/datasets/link').expect(404)
  await alice.get('/api/shared/datasets/none').expect(404)
})

test("a dataset is copied to a person's own data, and not a second time", async () => {
  const { body } = await alice.post('/api/shared/datasets/weather/copy').set(waiting).expect(202)
  expect(body).toMatchObject({ kind: 'copy', status: 'done', result: { copied: 'users/alice/datasets/weather' } })
  expect(await readFile(join(lab.dataDir, 'users/alice/datasets/weather/years/2025.csv'), 'utf8')).toBe('day,rain\n')
  expect((await alice.post('/api/shared/datasets/weather/copy').expect(409)).body.type).toBe('/problems/file-exists')
  await alice.post('/api/shared/datasets/weather/copy', { to: 'mine/again' }).set(waiting).expect(202)
  expect(await readdir(join(lab.dataDir, 'users/alice/mine/again'))).toContain('readme.txt')
})

test('a verification compares the files with their checksums', async () => {
  const { body } = await alice.post('/api/shared/datasets/weather/verify').set(waiting).expect(202)
  const whole = 'day,rain\nchanged since'.length
  expect(body).toMatchObject({
    ...{ status: 'done', result: { verified: 1, differ: ['readme.txt'], missing: ['gone.csv'] } },
    progress: { percent: 100, done_bytes: whole, total_bytes: whole, done_files: 3, total_files: 3 },
  })
  expect((await alice.post('/api/shared/datasets/plain/verify').expect(409)).body.type).toBe('/problems/wrong-state')
})

test('the list tells everybody when a dataset was last verified and what was found, and not who asked for it', async () => {
  await mkdir(shared('seen'))
  await writeFile(shared('seen/a.csv'), 'a')
  await writeFile(shared('seen/dataset.yaml'), `checksums: {a.csv: ${sum('a')}, b.csv: ${sum('b')}}`)
  const bob = (await lab.newUser('bob')).client
  const seen = async () => {
    const { body } = await bob.get('/api/shared/datasets').expect(200)
    const [found] = body.items.filter(({ name }: { name: string }) => name === 'seen')
    expect((await bob.get('/api/shared/datasets/seen').expect(200)).body).toEqual(found)
    return found.last_verified
  }
  expect(await seen()).toBeNull()
  const verify = () => alice.post('/api/shared/datasets/seen/verify').set(waiting).expect(202)
  const { ended } = (await verify()).body
  expect(await seen()).toEqual({ at: ended, found: { verified: 1, differ: 0, missing: 1, examples: ['b.csv'] } })
  await writeFile(shared('seen/b.csv'), 'b')
  expect(await seen()).toEqual({ at: ended, found: null })
  await verify()
  expect((await seen()).found).toEqual({ verified: 2, differ: 0, missing: 0, examples: [] })
})

// Trouble (files): somebody types a slash after the name of a dataset, as a shell completes it
test('a dataset typed with slashes is that dataset, for its verification and for its copy', async () => {
  await mkdir(shared('typed'))
  await writeFile(shared('typed/a.csv'), 'a')
  await writeFile(shared('typed/dataset.yaml'), `checksums: {a.csv: ${sum('a')}}`)
  const { body } = await alice.post('/api/shared/datasets/typed%2F/verify').set(waiting).expect(202)
  expect(body).toMatchObject({ input: { name: 'typed' } })
  const last = async () => (await alice.get('/api/shared/datasets/typed').expect(200)).body.last_verified
  expect(await last()).toMatchObject({ at: body.ended, found: { verified: 1 } })
  const copied = (await alice.post('/api/shared/datasets/%2Ftyped/copy').set(waiting).expect(202)).body
  expect(copied).toMatchObject({ status: 'done', result: { copied: 'users/alice/datasets/typed' } })
})

// Trouble (files): a dataset is other than the one that was verified, and its list says that it is as published
test.each([
  [
    'its checksums are edited in place',
    () => writeFile(shared('other/dataset.yaml'), `checksums: {a.csv: ${sum('b')}}`),
  ],
  ['another folder, older than the verification, gets its name', () => swap('other', 'older')],
])('what a verification found counts no more once %s', async (_, change) => {
  for (const name of ['older', 'other']) {
    await rm(shared(name), { recursive: true, force: true })
    await mkdir(shared(name))
    await writeFile(shared(`${name}/a.csv`), 'a')
    await writeFile(shared(`${name}/dataset.yaml`), `checksums: {a.csv: ${sum('a')}}`)
  }
  const { body } = await alice.post('/api/shared/datasets/other/verify').set(waiting).expect(202)
  const found = async () => (await alice.get('/api/shared/datasets/other').expect(200)).body.last_verified
  expect(await found()).toMatchObject({ at: body.ended, found: { verified: 1 } })
  await change()
  expect(await found()).toEqual({ at: body.ended, found: null })
})

async function swap(one: string, other: string): Promise<void> {
  await rename(shared(one), shared('away'))
  await rename(shared(other), shared(one))
  await rename(shared('away'), shared(other))
}

test('a dataset may have thousands of checksums', async () => {
  await mkdir(shared('large'))
  const lines = Array.from({ length: 5_000 }, (_, at) => `  part-${at}.parquet: ${sum(String(at))}`)
  await writeFile(shared('large/dataset.yaml'), `title: Large\nchecksums:\n${lines.join('\n')}\n`)
  const { body } = await alice.get('/api/shared/datasets/large').expect(200)
  expect(body).toMatchObject({ title: 'Large', checksums: 5_000, trouble: null })
})

// Trouble (files): a dataset.yaml that takes its reader seconds
test('while one dataset.yaml is read for long, the service answers everybody else', async () => {
  await mkdir(shared('slow'))
  await writeFile(shared('slow/dataset.yaml'), `a: [${'[],'.repeat(2 ** 18)}]`)
  let isRead = false
  const reading = alice.get('/api/shared/datasets/slow').then(({ status }) => {
    isRead = true
    return status
  })
  let answered = 0
  while (!isRead) {
    await alice.get('/api/me').expect(200)
    answered += 1
  }
  expect(await reading).toBe(200)
  expect(answered).toBeGreaterThan(50) // a dozen, when the service read the file in its own thread
})

// Trouble (files): somebody changes a dataset.yaml while the service keeps what it said
test('a changed dataset.yaml counts at once', async () => {
  for (const title of ['One', 'Two']) {
    await writeFile(shared('plain/dataset.yaml'), `title: ${title}\n`)
    for (const _ of [1, 2]) expect((await alice.get('/api/shared/datasets/plain')).body.title).toBe(title)
  }
})

// Trouble (files): after a power cut the disk of shared/ comes later than the service, which goes on with a copy
test('a copy that goes on after a restart waits until the disk of shared/ is back', async () => {
  const from = { tree: sharedTree, path: ['datasets', 'weather'] }
  const to = { tree: { kind: 'person', userId: userId.parse('alice') } as const, path: ['late'] }
  const away = join(lab.folder, 'shared-away')
  await lab.restart(async () => {
    await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
    const job = { id: randomUUID(), kind: 'copy', userId: to.tree.userId, title: '', input: keepCopy({ from, to }) }
    const begun = { status: 'running', progress: null, result: null, failure: null, endedAt: null } as const
    const at = Date.now()
    await createJobStore(database).insert({ ...job, ...begun, createdAt: at, startedAt: at }, { key: null, atMost: 1 })
    await rename(join(lab.dataDir, 'shared'), away)
    await mkdir(join(lab.dataDir, 'shared'))
  })
  const [{ id }] = (await alice.get('/api/jobs?kind=copy').expect(200)).body.items
  await expect
    .poll(async () => (await alice.get(`/api/jobs/${id}`).expect(200)).body)
    .toMatchObject({ status: 'running', progress: { doing: 'waiting until the data root is proven' } })
  await rmdir(join(lab.dataDir, 'shared'))
  await rename(away, join(lab.dataDir, 'shared'))
  const { body: done } = await alice.get(`/api/jobs/${id}`).set(waiting).expect(200)
  expect(done).toMatchObject({ status: 'done', result: { copied: 'users/alice/late' } })
})
