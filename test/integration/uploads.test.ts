// Resumable uploads, by tus's own client for Node.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { basename, join } from 'node:path'
import { Upload, type UploadOptions } from 'tus-js-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

// The answer to a new upload has its address, so the service must know its own.
const port = await freePort()
const listen = () => lab.service.app.listen({ port, host: '127.0.0.1' })

let lab: Lab
let admin: Client
let alice: { client: Client; token: string }
beforeAll(async () => {
  lab = await openLab({ env: { PUBLIC_URL: `http://127.0.0.1:${port}` } })
  await listen()
  admin = lab.as(lab.adminToken)
  alice = await lab.newUser('alice')
})
afterAll(() => lab[Symbol.asyncDispose]())

const content = randomBytes(3 * 2 ** 20)
const sha256 = createHash('sha256').update(content).digest('hex')
const onDisk = (path: string) => join(lab.dataDir, 'users/alice', path)
const unfinished = () => readdir(join(lab.dataDir, 'admin/uploads'))

type Outcome = { url: string | null; status: number | null; type: string | null }

/** Uploads to a path; resolves with how it ended. `stopAfter`: breaks off once that many bytes were taken. */
async function upload(
  metadata: Record<string, string>,
  {
    stopAfter = Number.POSITIVE_INFINITY,
    url = null,
    token = alice.token,
    bytes = content,
  }: Partial<{ stopAfter: number; url: string | null; token: string; bytes: Buffer }> = {},
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const options: UploadOptions = {
    endpoint: `http://127.0.0.1:${port}/api/uploads`,
    uploadUrl: url,
    uploadSize: bytes.length,
    chunkSize: 2 ** 20,
    retryDelays: [],
    metadata,
    headers: { authorization: `Bearer ${token}` },
    onChunkComplete: (_size, taken) => {
      if (taken >= stopAfter) void running.abort().then(() => resolve({ url: running.url, status: null, type: null }))
    },
    onSuccess: () => resolve({ url: running.url, status: 204, type: null }),
    onError: (error) => {
      const answer = 'originalResponse' in error ? error.originalResponse : null
      const text = answer?.getBody() ?? ''
      resolve({
        url: running.url,
        status: answer?.getStatus() ?? null,
        type: text.startsWith('{') ? JSON.parse(text).type : null,
      })
    },
  }
  const running = new Upload(bytes, options)
  running.start()
  return await promise
}

test('an upload that breaks off goes on where it was, also after a restart of the service, and becomes the file', async () => {
  const to = '/api/users/alice/files/models/big.bin'
  const { url } = await upload({ to, sha256 }, { stopAfter: 2 ** 20 })
  await admin.get(to).expect(404)
  await lab.restart()
  await listen()
  const head = await lab
    .as(alice.token)
    .head(new URL(url ?? '').pathname)
    .set('tus-resumable', '1.0.0')
    .expect(200)
  expect(Number(head.headers['upload-offset'])).toBeGreaterThanOrEqual(2 ** 20)
  expect(await upload({ to, sha256 }, { url })).toMatchObject({ status: 204 })
  expect((await readFile(onDisk('models/big.bin'))).equals(content)).toBe(true)
  expect((await unfinished()).filter((name) => name !== 'finished')).toEqual([])
})

test('a client that did not hear of the end learns that its upload is done', async () => {
  const to = '/api/users/alice/files/heard.bin'
  const { url } = await upload({ to })
  expect(await upload({ to }, { url })).toEqual({ url, status: 204, type: null })
})

// Trouble (files): the content changes on its way
test('content with another checksum becomes no file, and the upload is gone', async () => {
  const to = '/api/users/alice/files/wrong.bin'
  const outcome = await upload({ to, sha256: 'f'.repeat(64) })
  expect(outcome).toMatchObject({ status: 422, type: '/problems/checksum-differs' })
  await admin.get(to).expect(404)
  expect((await unfinished()).filter((name) => name !== 'finished')).toEqual([])
})

test.each([
  ['no path', {}, 400, '/problems/invalid-request'],
  ['a path outside', { to: '/api/users/alice/files/../../x' }, 400, '/problems/invalid-request'],
  ["another person's folder", { to: '/api/users/admin/files/x' }, 403, '/problems/forbidden'],
  ['the shared folder', { to: '/api/shared/files/x' }, 403, '/problems/forbidden'],
])('an upload to %s is refused before its first byte', async (_, metadata, status, type) => {
  expect(await upload(metadata as Record<string, string>)).toMatchObject({ url: null, status, type })
})

test("nobody else, not even an administrator, goes on with a person's upload", async () => {
  const to = '/api/users/alice/files/mine.bin'
  const { url } = await upload({ to }, { stopAfter: 2 ** 20 })
  const other = await lab.newUser('other')
  for (const token of [other.token, lab.adminToken]) {
    const path = new URL(url ?? '').pathname
    await lab.as(token).head(path).set('tus-resumable', '1.0.0').expect(404)
    await lab.as(token).delete(path).set('tus-resumable', '1.0.0').expect(404)
  }
  await alice.client
    .delete(new URL(url ?? '').pathname)
    .set('tus-resumable', '1.0.0')
    .expect(204)
})

test('an upload replaces only what it may', async () => {
  const to = '/api/users/alice/files/there.bin'
  await alice.client
    .put(to, 'old' as never)
    .set('content-type', 'text/plain')
    .expect(201)
  // Before its first byte: it has no address yet.
  const refused = { status: 412, type: '/problems/precondition-failed' }
  expect(await upload({ to, if_none_match: '*' })).toEqual({ ...refused, url: null })
  expect(await upload({ to, if_match: '"another"' })).toEqual({ ...refused, url: null })
  const late = { to: '/api/users/alice/files/late.bin', if_none_match: '*' }
  const begun = await upload(late, { stopAfter: 2 ** 20 })
  await alice.client
    .put(late.to, 'first' as never)
    .set('content-type', 'text/plain')
    .expect(201)
  expect(await upload(late, { url: begun.url })).toMatchObject(refused)
  expect(await readFile(onDisk('late.bin'), 'utf8')).toBe('first')
  expect(await readFile(onDisk('there.bin'), 'utf8')).toBe('old')
  expect(await upload({ to })).toMatchObject({ status: 204 })
  expect((await readFile(onDisk('there.bin'))).length).toBe(content.length)
})

// Trouble (files): a folder is closed to a person in the middle of their resumable upload
test('an upload into a folder of shared/ that is closed while its last bytes come becomes no file', async () => {
  await admin.post('/api/shared/files/closing', { op: 'make-folder' }).expect(201)
  const { body } = await admin.post('/api/shared/openings', { path: 'closing', user_id: 'alice' }).expect(201)
  const to = '/api/shared/files/closing/late.bin'
  const { url } = await upload({ to }, { stopAfter: 2 * 2 ** 20 })
  const head = await alice.client
    .head(new URL(url ?? '').pathname)
    .set('tus-resumable', '1.0.0')
    .expect(200)
  const offset = Number(head.headers['upload-offset'])
  const request = httpRequest(url ?? '', {
    method: 'PATCH',
    headers: {
      ...{ authorization: `Bearer ${alice.token}`, 'tus-resumable': '1.0.0', 'upload-offset': offset },
      ...{ 'content-type': 'application/offset+octet-stream', 'content-length': content.length - offset },
    },
  })
  const answered = once(request, 'response')
  request.write(content.subarray(offset, -1))
  const file = join(lab.dataDir, 'admin/uploads', url?.split('/').at(-1) ?? '')
  await expect.poll(async () => (await stat(file)).size).toBeGreaterThan(offset)
  await admin.delete(`/api/shared/openings/${body.id}`).expect(204)
  request.end(content.subarray(-1))
  const [response] = await answered
  response.resume()
  expect(response.statusCode).toBe(403)
  await admin.get(to).expect(404)
})

test('a person has 50 unfinished uploads at most', async () => {
  const { client } = await lab.newUser('many')
  const begin = () =>
    client.post('/api/uploads').set({
      'tus-resumable': '1.0.0',
      'upload-length': '5',
      'upload-metadata': `to ${Buffer.from('/api/users/many/files/x').toString('base64')}`,
    })
  const begun = await Promise.all(Array.from({ length: 55 }, () => begin()))
  const statuses = begun.map(({ status }) => status)
  // The service takes six of one person's requests at a time; the rest come one by one.
  expect(statuses.filter((status) => status !== 201 && status !== 429)).toEqual([])
  for (let left = 50 - statuses.filter((status) => status === 201).length; left > 1; left--) await begin().expect(201)
  const last = (await Promise.all([begin(), begin(), begin()])).map(({ status }) => status)
  expect(last.toSorted()).toEqual([201, 429, 429])
})

// Trouble (files): a browser is gone for good in the middle of an upload, which then takes its person's room for a week
test('a person finds their unfinished uploads in a list, also those of a client that is gone', async () => {
  const { client, token } = await lab.newUser('lister')
  const to = '/api/users/lister/files/deep/ä.bin'
  await upload({ to }, { token })
  const { url } = await upload({ to }, { token, stopAfter: 2 ** 20 })
  const { body } = await client.get('/api/uploads').expect(200)
  const [found] = body.items
  expect(body).toEqual({
    items: [
      { id: basename(url ?? ''), to, size_bytes: content.length, stored_bytes: expect.any(Number), begun: found.begun },
    ],
    next_cursor: null,
  })
  expect(found.stored_bytes).toBeGreaterThanOrEqual(2 ** 20)
  expect(Date.parse(found.begun)).toBeLessThanOrEqual(Date.now())
  await client.delete(`/api/uploads/${found.id}`).set('tus-resumable', '1.0.0').expect(204)
  expect((await client.get('/api/uploads')).body.items).toEqual([])
})
