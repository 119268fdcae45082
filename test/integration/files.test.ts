import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import type supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { portOf, rawAnswer } from '../support/raw-http.ts'

let lab: Lab
let admin: Client
let alice: Client
let aliceToken: string
beforeAll(async () => {
  lab = await openLab()
  admin = lab.as(lab.adminToken)
  const person = await lab.newUser('alice')
  alice = person.client
  aliceToken = person.token
})
afterAll(() => lab[Symbol.asyncDispose]())

const files = '/api/users/alice/files'
const onDisk = (path: string) => join(lab.dataDir, 'users/alice', path)
/** Keeps an answer's body as bytes. */
function bytes(response: supertest.Response, done: (error: null, body: Buffer) => void): void {
  const pieces: Buffer[] = []
  response.on('data', (piece: Buffer) => pieces.push(piece))
  response.on('end', () => done(null, Buffer.concat(pieces)))
}
const url = (path: string) => `${files}/${path.split('/').map(encodeURIComponent).join('/')}`
const put = (client: Client, to: string, content: string | Buffer) =>
  client.put(to, content as never).set('content-type', 'text/plain')

describe('a file', () => {
  test('is uploaded whole, listed, looked at and downloaded as it is', async () => {
    const { body: made, headers } = await put(alice, url('notes/day one.txt'), 'hello').expect(201)
    expect(made).toMatchObject({
      name: 'day one.txt',
      path: 'notes/day one.txt',
      kind: 'file',
      size_bytes: 5,
      mode: '0644',
    })
    expect(headers.etag).toBe(made.etag)
    expect(await readFile(onDisk('notes/day one.txt'), 'utf8')).toBe('hello')

    const { body: top } = await alice.get(files).expect(200)
    expect(top).toMatchObject({
      path: '',
      items: [{ name: 'notes', kind: 'folder', size_bytes: null }],
      next_cursor: null,
    })
    const { body: folder } = await alice.get(`${files}/notes`).expect(200)
    expect(folder.items).toEqual([made])
    expect((await alice.get(`${url('notes/day one.txt')}?as=entry`).expect(200)).body).toEqual(made)

    const answer = await alice.get(url('notes/day one.txt')).expect(200)
    expect(String(answer.body)).toBe('hello')
    expect(answer.headers).toMatchObject({
      etag: made.etag,
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="day one.txt"; filename*=UTF-8''day%20one.txt`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
    })
  })
  test('is replaced whole, keeps its mode, and gets another ETag', async () => {
    const { body: first } = await put(alice, url('script.sh'), 'one').expect(201)
    await chmod(onDisk('script.sh'), 0o755)
    const { body: second } = await put(alice, url('script.sh'), 'other').expect(200)
    expect(second).toMatchObject({ size_bytes: 5, mode: '0755' })
    expect(second.etag).not.toBe(first.etag)
  })

  test('is changed only as the caller knows it, if they ask for that', async () => {
    const { body: first } = await put(alice, url('shared.txt'), 'one').set('if-none-match', '*').expect(201)
    await put(alice, url('shared.txt'), 'two').set('if-none-match', '*').expect(412)
    const { body: second } = await put(alice, url('shared.txt'), 'two').set('if-match', first.etag).expect(200)
    await put(alice, url('shared.txt'), 'three').set('if-match', first.etag).expect(412)
    await alice.delete(url('shared.txt')).set('if-match', first.etag).expect(412)
    await alice.post(url('shared.txt'), { op: 'move', to: 'moved.txt' }).set('if-match', first.etag).expect(412)
    expect(await readFile(onDisk('shared.txt'), 'utf8')).toBe('two')
    await put(alice, url('not-there.txt'), 'x').set('if-match', second.etag).expect(412)
    await alice.get(url('not-there.txt')).expect(404)
  })

  // Trouble (files): the content changes on its way
  test('is not written if its checksum is not the one that the request has', async () => {
    const digest = (text: string) => `sha-256=:${createHash('sha256').update(text).digest('base64')}:`
    const { body } = await put(alice, url('sum.txt'), 'hello').set('repr-digest', digest('hallo')).expect(422)
    expect(body.type).toBe('/problems/checksum-differs')
    await alice.get(url('sum.txt')).expect(404)
    await put(alice, url('sum.txt'), 'hello').set('repr-digest', digest('hello')).expect(201)
    await put(alice, url('sum.txt'), 'hello').set('repr-digest', 'md5=:x:').expect(400)
    expect(await readdir(onDisk('.ai-lab-work'))).toEqual([])
  })

  test.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=5-1000', 206, '56789', 'bytes 5-9/10'],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
    ['bytes=10-', 416, null, 'bytes */10'],
  ])('is downloaded in parts: %s', async (range, status, content, contentRange) => {
    await put(alice, url('ten.txt'), '0123456789')
    const answer = await alice.get(url('ten.txt')).set('range', range).expect(status)
    expect(answer.headers['content-range']).toBe(contentRange)
    if (content !== null) expect(String(answer.body)).toBe(content)
  })

  test('is not sent again to a cache that has it, and in parts only while it is the same', async () => {
    const { body } = await put(alice, url('cached.txt'), 'cached')
    await alice.get(url('cached.txt')).set('if-none-match', body.etag).expect(304)
    await alice.get(url('cached.txt')).set('if-none-match', '"other"').expect(200)
    await alice.get(url('cached.txt')).set('range', 'bytes=0-1').set('if-range', body.etag).expect(206)
    await alice.get(url('cached.txt')).set('range', 'bytes=0-1').set('if-range', '"other"').expect(200)
    const head = await alice.head(url('cached.txt')).expect(200)
    expect(head.headers).toMatchObject({ 'content-length': '6', etag: body.etag })
  })

  test('comes with its checksum if that is wanted and the file is not too large; a job computes that of any file', async () => {
    await put(alice, url('summed.txt'), 'summed')
    const sha256 = createHash('sha256').update('summed')
    const [hex, base64] = [sha256.copy().digest('hex'), sha256.digest('base64')]
    const wanting = { 'want-repr-digest': 'unixsum=1, sha-256=3' }
    const whole = await alice.get(url('summed.txt')).set(wanting).expect(200)
    expect(whole.headers['repr-digest']).toBe(`sha-256=:${base64}:`)
    // It costs the service the reading of the whole file: nobody gets that for a request of a few bytes.
    const part = await alice.get(url('summed.txt')).set(wanting).set('range', 'bytes=0-1').expect(206)
    const head = await alice.head(url('summed.txt')).set(wanting).expect(200)
    const unasked = await alice.get(url('summed.txt')).expect(200)
    for (const { headers } of [part, head, unasked]) expect(headers['repr-digest']).toBeUndefined()
    await truncate(onDisk('summed.txt'), 2 ** 26 + 1)
    const large = await alice.get(url('summed.txt')).set(wanting).expect(200)
    expect(large.headers['repr-digest']).toBeUndefined()
    await truncate(onDisk('summed.txt'), 6)

    const { body: job } = await alice.post(url('summed.txt'), { op: 'checksum' }).set('prefer', 'wait=55').expect(202)
    const { etag } = (await alice.head(url('summed.txt'))).headers
    expect(job).toMatchObject({ kind: 'checksum', status: 'done', result: { sha256: hex, etag, size_bytes: 6 } })
    await alice.post(url('none'), { op: 'checksum' }).expect(404)
    await alice.post(url('notes'), { op: 'checksum' }).expect(409)
    const other = (await lab.newUser('summer')).client
    await other.post(url('summed.txt'), { op: 'checksum' }).expect(403)
  })

  // Trouble (files): the client is gone in the middle of an upload
  test('is as before if its upload breaks off', async () => {
    await put(alice, url('whole.txt'), 'as before')
    const request = httpRequest({
      ...{ port: await portOf(lab.service.app), method: 'PUT', path: url('whole.txt') },
      headers: { authorization: `Bearer ${aliceToken}`, 'content-length': 1_000 },
    })
    request.on('error', () => {})
    request.write('half')
    await expect.poll(() => readdir(onDisk('.ai-lab-work'))).toHaveLength(1)
    request.destroy()
    await expect.poll(() => readdir(onDisk('.ai-lab-work'))).toEqual([])
    expect(await readFile(onDisk('whole.txt'), 'utf8')).toBe('as before')
  })
})

describe('a folder', () => {
  test('is made with those above it, once', async () => {
    const { body } = await alice.post(url('a/b/c'), { op: 'make-folder' }).expect(201)
    expect(body).toMatchObject({ name: 'c', path: 'a/b/c', kind: 'folder', mode: '0755' })
    await alice.post(url('a/b/c'), { op: 'make-folder' }).expect(200)
    await put(alice, url('a/file'), 'x')
    const { body: problem } = await alice.post(url('a/file/below'), { op: 'make-folder' }).expect(409)
    expect(problem.type).toBe('/problems/wrong-kind')
    await put(alice, url('a/b/c'), 'x').expect(409)
  })

  test('is listed in pages, by name, size or time', async () => {
    for (const [at, name] of ['b', 'd', 'a', 'e', 'c'].entries()) {
      await put(alice, url(`many/${name}`), 'x'.repeat(at))
      await utimes(onDisk(`many/${name}`), at, 1_000 - at)
    }
    const namesBy = async (sort: string) => {
      const names: string[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`
        const { body } = await alice.get(`${url('many')}?limit=2&sort=${sort}${more}`).expect(200)
        names.push(...body.items.map((entry: { name: string }) => entry.name))
        cursor = body.next_cursor
      }
      return names.join('')
    }
    expect(await namesBy('name')).toBe('abcde')
    expect(await namesBy('-name')).toBe('edcba')
    expect(await namesBy('size')).toBe('bdaec')
    expect(await namesBy('-size')).toBe('ceadb')
    expect(await namesBy('modified')).toBe('ceadb')
    expect(await namesBy('-modified')).toBe('bdaec')
  })

  test('is searched by name, whatever the case, with all below it', async () => {
    await put(alice, url('find/Report.txt'), 'x')
    await put(alice, url('find/deep/er/my-report.md'), 'x')
    const { body } = await alice.get(`${url('find')}?search=REPORT`).expect(200)
    const paths = body.items.map(({ path }: { path: string }) => path)
    expect(paths).toEqual(['find/Report.txt', 'find/deep/er/my-report.md'])
    expect(body.complete).toBe(true)
    expect((await alice.get(`${files}?search=er`)).body.items.map(({ path }: { path: string }) => path)).toContain(
      'find/deep/er',
    )
  })

  test('is a tar archive on request, with its links as links', async () => {
    await put(alice, url('pack/one.txt'), 'one')
    await put(alice, url('pack/sub/two.txt'), 'two')
    await symlink('/etc/passwd', onDisk('pack/link'))
    const { body, headers } = await alice
      .get(`${url('pack')}?as=tar`)
      .buffer()
      .parse(bytes)
      .expect(200)
    expect(headers['content-disposition']).toContain('pack.tar')
    const listed = execFileSync('tar', ['-tvf', '-'], { input: body }).toString()
    expect(listed).toMatch(/\.\/one\.txt\n/)
    expect(listed).toMatch(/\.\/sub\/two\.txt\n/)
    expect(listed).toMatch(/^l.*\.\/link -> \/etc\/passwd$/m)
  })

  test('is a zip archive on request, with its links as links, and unzip makes the same of it', async () => {
    await put(alice, url('zipped/one.txt'), 'one')
    await put(alice, url('zipped/sub/データ.txt'), 'two')
    await put(alice, url('zipped/sub/big.bin'), Buffer.alloc(3 * 2 ** 20, 'big'))
    await alice.post(url('zipped/empty'), { op: 'make-folder' }).expect(201)
    await chmod(onDisk('zipped/one.txt'), 0o755)
    await utimes(onDisk('zipped/one.txt'), 1_000_000_000, 1_000_000_000)
    await symlink('/etc/passwd', onDisk('zipped/link'))
    const asked = `${url('zipped')}?as=zip`
    const { body, headers } = await alice.get(asked).buffer().parse(bytes).expect(200)
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': expect.stringContaining('zipped.zip'),
    })
    expect((await alice.head(asked).expect(200)).headers['content-type']).toBe('application/zip')
    const archive = join(lab.folder, 'zipped.zip')
    await writeFile(archive, body)
    execFileSync('unzip', ['-q', archive, '-d', join(lab.folder, 'unzipped')])
    const all = (at: string) =>
      execFileSync('sh', ['-c', 'cd "$1" && find . -printf "%p %y %m %l\\n" -a -type f -exec md5sum {} +', 'sh', at], {
        encoding: 'utf8',
      })
    const sorted = (text: string) => text.split('\n').sort()
    expect(sorted(all(join(lab.folder, 'unzipped')))).toEqual(sorted(all(onDisk('zipped'))))
    expect((await stat(join(lab.folder, 'unzipped/one.txt'))).mtimeMs).toBe(1_000_000_000_000)
  })
})

describe('a change', () => {
  test('moves an entry and replaces nothing', async () => {
    await put(alice, url('from.txt'), 'from')
    await put(alice, url('taken.txt'), 'taken')
    await alice.post(url('from.txt'), { op: 'move', to: 'taken.txt' }).expect(409)
    const { body } = await alice.post(url('from.txt'), { op: 'move', to: 'new/place.txt' }).expect(200)
    expect(body).toMatchObject({ path: 'new/place.txt', kind: 'file' })
    await alice.get(url('from.txt')).expect(404)
    await alice.post(url('new'), { op: 'move', to: 'new/inner' }).expect(400)
    await alice.post(url('new'), { op: 'move', to: 'renamed' }).expect(200)
    expect(await readFile(onDisk('renamed/place.txt'), 'utf8')).toBe('from')
    expect(await readFile(onDisk('taken.txt'), 'utf8')).toBe('taken')
  })

  test('copies an entry as a job, with what is in it', async () => {
    await put(alice, url('original/a.txt'), 'a')
    await symlink('a.txt', onDisk('original/link'))
    execFileSync('mkfifo', [onDisk('original/pipe')])
    const { body, headers } = await alice
      .post(url('original'), { op: 'copy', to: 'copies/one' })
      .set('prefer', 'wait=55')
      .expect(202)
    expect(body).toMatchObject({ kind: 'copy', status: 'done', user_id: 'alice', progress: { done_files: 3 } })
    expect(headers.location).toBe(`/api/jobs/${body.id}`)
    expect((await readdir(onDisk('copies/one'))).sort()).toEqual(['a.txt', 'link'])
    expect(await readlink(onDisk('copies/one/link'))).toBe('a.txt')
    await alice.post(url('original'), { op: 'copy', to: 'copies/one' }).expect(409)
    await alice.post(url('original'), { op: 'copy', to: 'original/inner' }).set('prefer', 'wait=55').expect(202)
    expect(await readdir(onDisk('.ai-lab-work'))).toEqual([])
  })

  // Trouble (files): the right to copy ends while the copy waits for its turn
  test('ends if its person was disabled meanwhile', async () => {
    const { client } = await lab.newUser('fay')
    await put(client, '/api/users/fay/files/big/a.txt', 'a')
    const jobs = await Promise.all(
      [1, 2, 3, 4].map((n) => client.post('/api/users/fay/files/big', { op: 'copy', to: `copy-${n}` })),
    )
    await admin.patch('/api/users/fay', { disabled: true }).expect(200)
    for (const { body } of jobs) {
      const { body: job } = await admin.get(`/api/jobs/${body.id}`).set('prefer', 'wait=55').expect(200)
      const isThere = (await readdir(join(lab.dataDir, 'users/fay'))).includes(
        `copy-${jobs.findIndex((each) => each.body.id === job.id) + 1}`,
      )
      // Each was whole before, or says why it is not there.
      expect(job.status === 'done' ? isThere : job.failure?.code === 'forbidden' && !isThere).toBe(true)
    }
  })

  test('needs a path', async () => {
    const { body } = await alice.post(url('taken.txt'), { op: 'move' }).expect(400)
    expect(body.errors).toEqual([{ pointer: '/to', detail: 'is needed' }])
  })
})

describe('the trash', () => {
  test('takes what is deleted, and gives it back', async () => {
    await put(alice, url('gone/deep.txt'), 'precious')
    const { body: trashed } = await alice.delete(url('gone')).expect(200)
    expect(trashed).toMatchObject({ user_id: 'alice', path: 'gone', kind: 'folder', deleted_by: 'alice' })
    expect(Date.parse(trashed.kept_until) - Date.parse(trashed.deleted)).toBe(30 * 86_400_000)
    await alice.get(url('gone')).expect(404)
    expect((await alice.get('/api/trash').expect(200)).body.items[0]).toEqual(trashed)
    expect(await readFile(join(lab.dataDir, 'admin/trash', trashed.id, 'deep.txt'), 'utf8')).toBe('precious')

    await put(alice, url('gone'), 'something else')
    await alice.post(`/api/trash/${trashed.id}/restore`).expect(409)
    await alice.post(`/api/trash/${trashed.id}/restore`, { to: '' }).expect(400, /name a path in it/)
    await alice.post(`/api/trash/${trashed.id}/restore`, { to: 'back/again' }).expect(200)
    expect(await readFile(onDisk('back/again/deep.txt'), 'utf8')).toBe('precious')
    await alice.post(`/api/trash/${trashed.id}/restore`).expect(404)
  })

  test("removes for good on request, and is nobody else's", async () => {
    await put(alice, url('secret.txt'), 'x')
    const { body } = await alice.delete(url('secret.txt')).expect(200)
    const bob = (await lab.newUser('bob')).client
    await bob.post(`/api/trash/${body.id}/restore`).expect(404)
    await bob.delete(`/api/trash/${body.id}`).expect(404)
    await bob.get('/api/trash?user_id=alice').expect(403)
    await bob.get('/api/trash?shared=true').expect(403)
    await alice.delete(`/api/trash/${body.id}`).expect(204)
    expect(await readdir(join(lab.dataDir, 'admin/trash'))).not.toContain(body.id)
  })
})

describe('whose files:', () => {
  test('a person neither sees nor changes the files of another; an administrator does', async () => {
    const carol = (await lab.newUser('carol')).client
    await put(alice, url('mine.txt'), 'mine')
    await carol.get(files).expect(403)
    await carol.get(url('mine.txt')).expect(403)
    await put(carol, url('mine.txt'), 'hers').expect(403)
    await carol.delete(url('mine.txt')).expect(403)
    await carol.post(url('mine.txt'), { op: 'move', to: 'x' }).expect(403)
    await admin.get(url('mine.txt')).expect(200)
    await put(admin, url('by-admin.txt'), 'x').expect(201)
  })

  test('everybody reads shared files, and administrators alone write them', async () => {
    await put(admin, '/api/shared/files/datasets/weather/rain.csv', 'day,rain\n').expect(201)
    await alice.get('/api/shared/files/datasets/weather/rain.csv').expect(200)
    await put(alice, '/api/shared/files/mine.txt', 'x').expect(403)
    await alice.delete('/api/shared/files/datasets').expect(403)
    await alice.get('/api/shared/files/.ai-lab-root').expect(403)
    await admin.delete('/api/shared/files/.ai-lab-root').expect(403)
    const names = (await alice.get('/api/shared/files')).body.items.map(({ name }: { name: string }) => name)
    expect(names).not.toContain('.ai-lab-root')
  })

  test('a folder of shared/ that is opened to a person or a tier is written by them, and itself stays', async () => {
    await admin.post('/api/shared/files/team/reports', { op: 'make-folder' }).expect(201)
    const erin = (await lab.newUser('erin', 'premium')).client
    const inTeam = (path: string) => `/api/shared/files/team/${path}`
    await put(erin, inTeam('reports/a.txt'), 'x').expect(403)
    const isWritable = async (of: typeof erin, query = '') =>
      (await of.get(`/api/shared/files/team/reports${query}`).expect(200)).body.writable
    expect([await isWritable(admin), await isWritable(erin)]).toEqual([true, false])
    const opened = await admin.post('/api/shared/openings', { path: 'team/reports', user_id: 'erin' }).expect(201)
    await admin.post('/api/shared/openings', { path: 'team/reports', user_id: 'erin' }).expect(409)
    await put(erin, inTeam('reports/a.txt'), 'x').expect(201)
    await put(erin, inTeam('b.txt'), 'x').expect(403)
    expect([await isWritable(erin), await isWritable(erin, '?search=a'), await isWritable(alice)]).toEqual([
      true,
      true,
      false,
    ])
    expect((await erin.get('/api/shared/files/team').expect(200)).body.writable).toBe(false)
    expect((await erin.get('/api/users/erin/files').expect(200)).body.writable).toBe(true)
    await erin.post(inTeam('reports/a.txt'), { op: 'move', to: 'team/a.txt' }).expect(403)
    await erin.delete(inTeam('reports')).expect(403)
    const { body: trashed } = await erin.delete(inTeam('reports/a.txt')).expect(200)
    await alice.post(`/api/trash/${trashed.id}/restore`).expect(404)
    await erin.post(`/api/trash/${trashed.id}/restore`, { to: 'team/elsewhere.txt' }).expect(403)
    await erin.post(`/api/trash/${trashed.id}/restore`).expect(200)
    await put(alice, inTeam('reports/c.txt'), 'x').expect(403)

    await admin.delete(`/api/shared/openings/${opened.body.id}`).expect(204)
    await put(erin, inTeam('reports/d.txt'), 'x').expect(403)
    await admin.post('/api/shared/openings', { path: 'team', tier: 'premium' }).expect(201)
    await put(erin, inTeam('b.txt'), 'x').expect(201)
    await put(alice, inTeam('b.txt'), 'x').expect(403)
    await admin.post('/api/shared/openings', { path: 'team', tier: 'unknown' }).expect(422)
    await admin.post('/api/shared/openings', { path: 'nowhere', tier: 'premium' }).expect(404)
    await admin.post('/api/shared/openings', { path: 'team', tier: 'premium', user_id: 'erin' }).expect(400)
    expect((await admin.get('/api/shared/openings')).body.items).toMatchObject([
      { path: 'team', tier: 'premium', user_id: null },
    ])
  })

  // Trouble (files): a folder is closed to a person, or their tier changes, in the middle of their upload
  test('an upload into a folder that is closed meanwhile changes nothing', async () => {
    const { client, token } = await lab.newUser('gina')
    await admin.post('/api/shared/files/closing', { op: 'make-folder' }).expect(201)
    const target = '/api/shared/files/closing/late.txt'
    for (const [to, close] of [
      [{ user_id: 'gina' }, (id: string) => admin.delete(`/api/shared/openings/${id}`).expect(204)],
      [{ tier: 'default' }, () => admin.patch('/api/users/gina', { tier: 'premium' }).expect(200)],
    ] as const) {
      const { body: opening } = await admin.post('/api/shared/openings', { path: 'closing', ...to }).expect(201)
      await put(client, target, 'as before')
      const request = httpRequest({
        ...{ port: await portOf(lab.service.app), method: 'PUT', path: target },
        headers: { authorization: `Bearer ${token}`, 'content-length': 8 },
      })
      const answered = once(request, 'response')
      request.write('half')
      await expect.poll(() => readdir(join(lab.dataDir, 'shared/.ai-lab-work'))).toHaveLength(1)
      await close(opening.id)
      request.end('half')
      const [response] = await answered
      response.resume()
      expect(response.statusCode).toBe(403)
      expect(await readFile(join(lab.dataDir, 'shared/closing/late.txt'), 'utf8')).toBe('as before')
      expect(await readdir(join(lab.dataDir, 'shared/.ai-lab-work'))).toEqual([])
    }
  })

  test('a person without a folder has an empty one, and an unknown person has none', async () => {
    const dora = (await lab.newUser('dora')).client
    expect((await dora.get('/api/users/dora/files').expect(200)).body.items).toEqual([])
    await dora.get('/api/users/dora/files/x').expect(404)
    expect((await admin.get('/api/users/nobody/files').expect(404)).body.type).toBe('/problems/user-not-found')
    await put(admin, '/api/users/nobody/files/x', 'x').expect(404)
  })
})

// Trouble (files): the disk of people's files is not mounted, and its folder is empty
test('nothing is read or written on a disk that is not the data root', async () => {
  await using other = await openLab()
  const client = other.as(other.adminToken)
  await put(client, '/api/users/admin/files/before.txt', 'x').expect(201)
  await rename(join(other.dataDir, 'users'), join(other.dataDir, 'away'))
  await mkdir(join(other.dataDir, 'users'))
  for (const call of [
    client.get('/api/users/admin/files'),
    client.get('/api/users/admin/files/before.txt'),
    put(client, '/api/users/admin/files/new.txt', 'x'),
  ]) {
    expect((await call.expect(503)).body.type).toBe('/problems/data-root-not-proven')
  }
  expect(await readdir(join(other.dataDir, 'users'))).toEqual([])
})

describe('paths:', () => {
  test.each([
    ['%2e%2e/users', 400],
    ['a/../../b', 400],
    ['a%2F..%2Fb', 400],
    ['a%00b', 400],
    [`${'n'.repeat(256)}`, 400],
    ['.ai-lab-work/x', 403],
    ['%FF', 400],
  ])('%s is refused', async (path, status) => {
    expect(
      (
        await rawAnswer(
          await portOf(lab.service.app),
          `GET ${files}/${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${aliceToken}\r\nconnection: close\r\n\r\n`,
        )
      ).status,
    ).toBe(status)
  })

  test('names with line ends, quotes, percent signs and other scripts come back as they are', async () => {
    for (const name of ['line\nend', 'quo"te\'s', '100%', 'データ', 'a?b#c', '-rf', '~']) {
      await put(alice, url(`odd/${name}`), name).expect(201)
      expect(String((await alice.get(url(`odd/${name}`)).expect(200)).body)).toBe(name)
      expect(await readFile(onDisk(`odd/${name}`), 'utf8')).toBe(name)
    }
  })
})
