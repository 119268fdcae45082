import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
  expect(body).toMatchObject({ status: 'done', result: { verified: 1, differ: ['readme.txt'], missing: ['gone.csv'] } })
  expect((await alice.post('/api/shared/datasets/plain/verify').expect(409)).body.type).toBe('/problems/wrong-state')
})
