/** Counting through the whole service, in a real process of its own, and the limits of tiers. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chown, mkdir, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { backedUp, ended } from '../support/backed-up-lab.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'

const execute = promisify(execFile)

/** Counts, and waits for the end. */
async function count(client: Client) {
  await client.post('/api/data/usage').expect(202, { counting: true })
  await expect.poll(async () => (await client.get('/api/data/usage').expect(200)).body.counting).toBe(false)
  const { body } = await client.get('/api/data/usage').expect(200)
  expect(body.last_count).toMatchObject({ full: true, not_counted: [] })
  return body
}

async function duOf(path: string): Promise<number> {
  const { stdout } = await execute('du', ['-s', '-B1', path])
  return Number(stdout.split('\t')[0])
}

async function withStorage(storage: string, work: (lab: Lab, catalogFile: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-catalog-'))
  try {
    const catalog = parse(await readFile('catalog.yaml', 'utf8'))
    catalog.tiers.default.storage = storage
    await writeFile(join(folder, 'catalog.yaml'), stringify(catalog))
    await using lab = await openLab({ env: { CATALOG_FILE: join(folder, 'catalog.yaml') } })
    await work(lab, join(folder, 'catalog.yaml'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function fill(lab: Lab, path: string, mebibytes: number): Promise<void> {
  const file = join(lab.dataDir, path)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, Buffer.alloc(mebibytes * 2 ** 20, 1))
  const [top, name = ''] = path.split('/')
  if (top === 'users') await chown(join(lab.dataDir, top, name), 1000, 100)
}

test("an administrator learns what people's folders and the folders of shared/ take, as du says", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await lab.newUser('alice@lab')
  await fill(lab, 'users/alice@lab/models/big.bin', 3)
  await fill(lab, 'users/alice@lab/notes.txt', 1)
  await fill(lab, 'users/not a person/file', 1)
  await fill(lab, 'shared/datasets/iris/iris.csv', 2)
  const body = await count(admin)

  const of = (path: string) => body.items.find((item: { path: string }) => item.path === path)
  expect(of('users/alice@lab')).toMatchObject({
    kind: 'person',
    user_id: 'alice@lab',
    bytes: await duOf(join(lab.dataDir, 'users/alice@lab')),
    files: 2,
    limit_bytes: null,
    standing: 'unlimited',
    biggest_folders: [{ path: 'models', files: 1 }],
  })
  expect(of('users/not a person')).toMatchObject({ kind: 'person', user_id: null, files: 1 })
  expect(of('shared/datasets')).toMatchObject({
    kind: 'shared',
    bytes: await duOf(join(lab.dataDir, 'shared/datasets')),
  })
  expect(of('shared/datasets/iris')).toMatchObject({ bytes: await duOf(join(lab.dataDir, 'shared/datasets/iris')) })
  expect(of('shared').bytes).toBe(body.totals.shared.bytes)
  expect(of('admin')).toMatchObject({ kind: 'admin', user_id: null })

  const paged = (await admin.get('/api/data/usage?limit=1&kind=person').expect(200)).body
  expect(paged.items).toMatchObject([{ path: 'users/alice@lab' }])
  const { items, next_cursor } = (
    await admin.get(`/api/data/usage?limit=1&kind=person&cursor=${paged.next_cursor}`).expect(200)
  ).body
  expect({ items, next_cursor }).toMatchObject({ items: [{ path: 'users/not a person' }], next_cursor: null })
})

test('figures and history survive a restart, and a folder that was removed is told no more', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser('alice@lab')
  await client.get('/api/users/alice@lab/usage').expect(404)
  await fill(lab, 'users/alice@lab/file', 1)
  await fill(lab, 'shared/old/file', 1)
  await count(admin)
  await lab.restart()
  const { body } = await client.get('/api/users/alice@lab/usage').expect(200)
  expect(body).toMatchObject({ user_id: 'alice@lab', files: 1, detail: null })
  expect(body.history.days).toMatchObject([{ bytes: body.bytes, files: 1 }])
  expect(body.history.hours).toHaveLength(1)

  await rm(join(lab.dataDir, 'shared/old'), { recursive: true })
  const { items } = await count(admin)
  expect(items.map(({ path }: { path: string }) => path)).not.toContain('shared/old')
  const history = (await admin.get('/api/data/usage/history?path=shared/old').expect(200)).body
  expect(history.days).toMatchObject([{ files: 1 }])
  await admin.get('/api/data/usage/history?path=shared/none').expect(404)
})

test('a broken or removed index is made anew', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await fill(lab, 'users/alice@lab/file', 1)
  const { totals } = await count(admin)
  const index = join(lab.dataDir, 'admin/usage-index.db')
  for (const breakIt of [
    () => writeFile(index, 'no database'),
    () => rm(index),
    async () => {
      await using handle = await open(index, 'r+')
      await handle.write(Buffer.alloc(8192, 0xff), 0, 8192, 4096)
    },
  ]) {
    await breakIt()
    expect((await count(admin)).totals.people).toEqual(totals.people)
  }
})

test('a person near the limit of their tier is told, and one over it gets no new environment but keeps those they have', async () => {
  await withStorage('4MiB', async (lab) => {
    const admin = lab.as(lab.adminToken)
    const { client } = await lab.newUser('alice@lab')
    const { body: made } = await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)
    const file = 'users/alice@lab/file'
    await fill(lab, file, 1)
    await count(admin)
    const own = async () => (await client.get('/api/users/alice@lab/usage').expect(200)).body
    expect(await own()).toMatchObject({ limit_bytes: 4 * 2 ** 20, standing: 'within', detail: null })
    expect((await client.get('/api/templates').expect(200)).body.limits.storage_bytes).toBe(4 * 2 ** 20)

    await appendFile(join(lab.dataDir, file), Buffer.alloc(2.7 * 2 ** 20))
    await count(admin)
    expect(await own()).toMatchObject({
      standing: 'near',
      detail: expect.stringMatching(/^This folder takes 3\.7 MiB of the 4 MiB that the tier allows/),
    })
    await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)

    await appendFile(join(lab.dataDir, file), Buffer.alloc(2 ** 20))
    await count(admin)
    expect(await own()).toMatchObject({ standing: 'over', detail: expect.stringContaining('until files are deleted') })
    const { body } = await client.post('/api/environments', { template: 'jupyterlab' }).expect(507)
    expect(body).toMatchObject({
      type: '/problems/storage-full',
      detail: expect.stringContaining('4.7 MiB of the 4 MiB'),
    })
    await client.post(`/api/environments/${made.id}/restart`).expect(202)
    const health = (await admin.get('/api/health')).body
    expect(health.notices).toEqual([expect.stringMatching(/^alice@lab: This folder takes 4\.7 MiB/)])
    expect((await client.get('/api/health')).body.notices).toBeUndefined()

    await rm(join(lab.dataDir, file))
    await count(admin)
    await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)
    expect((await admin.get('/api/health')).body.notices).toBeUndefined()
  })
})

test('what is in the trash counts for the person from whose folder it came, until it is removed for good', async () => {
  await withStorage('4MiB', async (lab) => {
    const admin = lab.as(lab.adminToken)
    const { client } = await lab.newUser('alice@lab')
    const files = '/api/users/alice@lab/files'
    await client
      .put(`${files}/folder/file`, Buffer.alloc(2 ** 21, 1))
      .set('content-type', 'text/plain')
      .expect(201)
    await client
      .put(`${files}/file`, Buffer.alloc(2 ** 20, 1))
      .set('content-type', 'text/plain')
      .expect(201)
    const own = async () => (await client.get('/api/users/alice@lab/usage').expect(200)).body
    await count(admin)
    const before = await own()
    const ids: string[] = []
    for (const name of ['folder', 'file']) ids.push((await client.delete(`${files}/${name}`).expect(200)).body.id)
    await count(admin)
    const deleted = await own()
    expect(deleted.trash_bytes).toBeGreaterThanOrEqual(3 * 2 ** 20)
    expect(Math.abs(deleted.bytes + deleted.trash_bytes - before.bytes)).toBeLessThan(2 ** 15)
    const { body } = await client
      .put(`${files}/new`, Buffer.alloc(2 ** 20, 1))
      .set('content-type', 'text/plain')
      .expect(507)
    expect(body.detail).toMatch(/, 3 MiB of it in the trash and this needs 1 MiB more\. .*, and empty the trash/)
    // Once more it is where it was, and counts there.
    await client.post(`/api/trash/${ids[0]}/restore`).expect(200)
    await client
      .put(`${files}/new`, Buffer.alloc(2 ** 20, 1))
      .set('content-type', 'text/plain')
      .expect(507)
    await client.delete(`/api/trash/${ids[1]}`).expect(204)
    expect((await own()).trash_bytes).toBe(0)
    await client
      .put(`${files}/new`, Buffer.alloc(2 ** 20, 1))
      .set('content-type', 'text/plain')
      .expect(201)
  })
})

// Trouble (files): a notebook writes as much as it can, its person deletes all of it through the API, and so on
test('a trash that holds as much as the tier allows takes nothing more until something is removed for good', async () => {
  await withStorage('2MiB', async (lab) => {
    const admin = lab.as(lab.adminToken)
    const { client } = await lab.newUser('alice')
    const file = '/api/users/alice/files/file'
    await fill(lab, 'users/alice/file', 3)
    const { body: trashed } = await client.delete(file).expect(200)
    await fill(lab, 'users/alice/file', 3)
    await count(admin)

    const { body } = await client.delete(file).expect(507)
    expect(body).toMatchObject({
      type: '/problems/storage-full',
      detail: expect.stringContaining('your trash holds 3 MiB, and your tier allows 2 MiB there.'),
    })
    expect((await admin.delete(file).expect(507)).body.detail).toContain('the trash of alice holds 3 MiB')
    await client.delete(`/api/trash/${trashed.id}`).expect(204)
    await client.delete(file).expect(200)
  })
})

// Trouble (files): a person deletes a sparse file, and their trash counts its length
test('a sparse file in the trash counts by what it takes on the disk', async () => {
  await withStorage('4MiB', async (lab) => {
    const { client } = await lab.newUser('alice@lab')
    await fill(lab, 'users/alice@lab/sparse', 1)
    await truncate(join(lab.dataDir, 'users/alice@lab/sparse'), 2 ** 33)
    const { body } = await client.delete('/api/users/alice@lab/files/sparse').expect(200)
    expect(body.size_bytes).toBe(2 ** 33)
    await count(lab.as(lab.adminToken))
    const own = (await client.get('/api/users/alice@lab/usage').expect(200)).body
    expect([own.trash_bytes, own.standing]).toEqual([2 ** 20, 'within'])
  })
})

// Trouble (files): a program writes the same file again and again, and each time counts until the next count
test('a file that is written again and again counts once', async () => {
  await withStorage('4MiB', async (lab) => {
    const { client, token } = await lab.newUser('alice')
    const files = '/api/users/alice/files'
    const content = Buffer.alloc(2 ** 20, 1)
    const put = (name: string) => client.put(`${files}/${name}`, content as never).set('content-type', 'text/plain')
    await put('first').expect(201)
    await count(lab.as(lab.adminToken))
    for (let turn = 0; turn < 5; turn += 1) await put('first').expect(200)
    const origin = `http://127.0.0.1:${await portOf(lab.service.app)}`
    const to = Buffer.from(`${files}/first`).toString('base64')
    for (let turn = 0; turn < 5; turn += 1) {
      const headers = {
        ...{ 'tus-resumable': '1.0.0', authorization: `Bearer ${token}`, 'upload-length': `${content.length}` },
        ...{ 'upload-metadata': `to ${to}`, 'content-type': 'application/offset+octet-stream' },
      }
      expect((await fetch(`${origin}/api/uploads`, { method: 'POST', headers, body: content })).status).toBe(201)
    }
    await put('second').expect(201)
    await put('third').expect(201)
    await put('fourth').expect(507)
  })
})

test('only an administrator sees the usage of others', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  await lab.newUser('bob@lab')
  await client.get('/api/users/bob@lab/usage').expect(403)
  await client.get('/api/data/usage').expect(403)
  await client.post('/api/data/usage').expect(403)
  await lab.as(lab.adminToken).get('/api/users/carol@lab/usage').expect(404)
})

test('ailab data usage prints the last count as tables with bars, one folder with its biggest folders, or JSON', async () => {
  await withStorage('4MiB', async (lab, CATALOG_FILE) => {
    const ailab = (...args: string[]) =>
      execute('bin/ailab', ['data', 'usage', ...args], {
        env: { ...process.env, DATA_DIR: lab.dataDir, CATALOG_FILE },
      })
    expect((await ailab()).stdout).toBe('Nothing was counted yet.\n')
    await lab.newUser('alice@lab')
    await fill(lab, 'users/alice@lab/models/deep/big.bin', 3)
    await fill(lab, 'shared/datasets/\u001b[2Jiris/iris.csv', 2)
    await count(lab.as(lab.adminToken))
    const { stdout } = await ailab()
    expect(stdout).toMatch(/^People\n {2}alice@lab +█{15}░{5} +3 MiB of 4 MiB +1 file$/m)
    expect(stdout).toMatch(/^ {2}shared\/datasets\/\\x1b\[2Jiris /m)
    expect(stdout).toMatch(/Counted less than a minute ago\.\n$/)
    expect((await ailab('alice@lab')).stdout).toMatch(/The biggest folders in it\n {2}models\/deep +█{20} /)
    const { items } = JSON.parse((await ailab('--json', 'users/alice@lab')).stdout)
    expect(items).toMatchObject([
      { user_id: 'alice@lab', standing: 'within', biggest_folders: [{ path: 'models/deep' }] },
    ])
    await expect(ailab('users/nobody')).rejects.toMatchObject({
      stderr: expect.stringMatching(/^No folder users\/nobody/),
    })
  })
})

// Trouble (files): a person begins uploads that each fit below their limit, and leaves them unfinished
test('unfinished uploads count for the limit of their person together, and the one that goes on is not refused', async () => {
  await withStorage('2MiB', async (lab) => {
    const { client, token } = await lab.newUser('alice')
    const files = '/api/users/alice/files'
    await client
      .put(`${files}/first`, Buffer.alloc(2 ** 19) as never)
      .set('content-type', 'text/plain')
      .expect(201)
    await count(lab.as(lab.adminToken))
    const origin = `http://127.0.0.1:${await portOf(lab.service.app)}`
    const tus = { 'tus-resumable': '1.0.0', authorization: `Bearer ${token}` }
    const begin = (name: string) => {
      const to = Buffer.from(`${files}/${name}`).toString('base64')
      const headers = { ...tus, 'upload-length': String(2 ** 20), 'upload-metadata': `to ${to}` }
      return fetch(`${origin}/api/uploads`, { method: 'POST', headers })
    }
    const send = (url: string, offset: number, bytes: number) => {
      const headers = { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }
      return fetch(url, { method: 'PATCH', headers, body: Buffer.alloc(bytes) })
    }
    const address = ({ headers }: Response) => new URL(headers.get('location') ?? '', origin).href
    const [one, two] = [address(await begin('one')), address(await begin('two'))]
    expect((await send(one, 0, 900_000)).status).toBe(204)
    expect((await send(two, 0, 900_000)).status).toBe(507)
    expect((await begin('three')).status).toBe(507)
    expect((await send(one, 900_000, 2 ** 20 - 900_000)).status).toBe(204)
    expect((await send(two, 0, 900_000)).status).toBe(507)
    await client.delete(`${files}/one`).expect(200)
  })
})

/** Begins a resumable upload to that path, as tus does. `keep` gives it its bytes, as a connection that broke off leaves them. */
async function beginTus(lab: Lab, token: string, path: string, bytes: number) {
  const origin = `http://127.0.0.1:${await portOf(lab.service.app)}`
  const tus = { 'tus-resumable': '1.0.0', authorization: `Bearer ${token}` }
  const metadata = `to ${Buffer.from(path).toString('base64')}`
  const headers = { ...tus, 'upload-length': String(bytes), 'upload-metadata': metadata }
  const { status, headers: answered } = await fetch(`${origin}/api/uploads`, { method: 'POST', headers })
  const url = new URL(answered.get('location') ?? '', origin)
  return {
    status,
    keep: (kept: number) =>
      writeFile(join(lab.dataDir, 'admin/uploads', basename(url.pathname)), Buffer.alloc(kept, 1)),
    head: async () => (await fetch(url, { method: 'HEAD', headers: tus })).status,
  }
}

// Trouble (files): a person leaves an upload at its last byte, fills their folder in another way, and comes back to it
test('a PUT and a copy count unfinished uploads, and one at its last byte becomes a file only if there is room', async () => {
  await withStorage('2MiB', async (lab) => {
    const admin = lab.as(lab.adminToken)
    const { client, token } = await lab.newUser('alice')
    const files = '/api/users/alice/files'
    const put = (name: string, bytes: number) =>
      client.put(`${files}/${name}`, Buffer.alloc(bytes, 1) as never).set('content-type', 'text/plain')
    await put('first', 600_000).expect(201)
    const upload = await beginTus(lab, token, `${files}/large`, 1_200_000)
    await upload.keep(1_200_000)
    const { body } = await put('second', 600_000).expect(507)
    expect(body.detail).toBe(
      'The upload is larger than what your tier leaves you beside the 1.1 MiB in unfinished uploads; nothing was changed.',
    )
    const copy = await client.post(`${files}/first`, { op: 'copy', to: 'copy' }).set({ prefer: 'wait=55' })
    expect(copy.body).toMatchObject({ status: 'failed', failure: { code: 'storage-full' } })

    await fill(lab, 'users/alice/of-a-notebook', 1)
    await count(admin)
    expect(await upload.head()).toBe(507)
    await rm(join(lab.dataDir, 'users/alice/of-a-notebook'))
    await count(admin)
    expect(await upload.head()).toBe(200)
    await client.get(`${files}/large`).expect(200)
  })
})

test("unfinished uploads to shared/ do not count for the limit of a person's own folder", async () => {
  await withStorage('2MiB', async (lab) => {
    const { client, token } = await lab.newUser('alice')
    await mkdir(join(lab.dataDir, 'shared/team'))
    await lab.as(lab.adminToken).post('/api/shared/openings', { path: 'team', user_id: 'alice' }).expect(201)
    const shared = await beginTus(lab, token, '/api/shared/files/team/large', 1_500_000)
    await shared.keep(1_400_000)
    expect((await beginTus(lab, token, '/api/users/alice/files/own', 1_500_000)).status).toBe(201)
    await client
      .put('/api/users/alice/files/other', Buffer.alloc(1_500_000) as never)
      .set('content-type', 'text/plain')
      .expect(201)
  })
})

// Trouble (files): a person uploads more than their tier lets them store
test('uploads and copies beyond the storage of a tier are refused, and change nothing', async () => {
  await withStorage('2MiB', async (lab) => {
    const { client, token } = await lab.newUser('alice')
    const files = '/api/users/alice/files'
    const put = (path: string, mebibytes: number) =>
      client.put(`${files}/${path}`, Buffer.alloc(mebibytes * 2 ** 20, 1) as never).set('content-type', 'text/plain')
    await put('first', 1).expect(201)
    await count(lab.as(lab.adminToken))
    const { body } = await put('second', 2).expect(507)
    expect(body.type).toBe('/problems/storage-full')
    // Its length is not known in advance.
    const url = `http://127.0.0.1:${await portOf(lab.service.app)}${files}/unannounced`
    const content = new Blob([Buffer.alloc(2 ** 21)]).stream()
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
    expect((await fetch(url, { method: 'PUT', headers, body: content, duplex: 'half' } as RequestInit)).status).toBe(
      507,
    )
    const tus = { 'tus-resumable': '1.0.0', 'upload-length': String(2 ** 21) }
    const to = Buffer.from(`${files}/tus`).toString('base64')
    await client
      .post('/api/uploads')
      .set({ ...tus, 'upload-metadata': `to ${to}` })
      .expect(507)
    expect((await client.get(files)).body.items.map(({ name }: { name: string }) => name)).toEqual(['first'])
    // What was written since the last count counts too.
    await client
      .put(`${files}/third`, Buffer.alloc(900_000) as never)
      .set('content-type', 'text/plain')
      .expect(201)
    await client
      .put(`${files}/fourth`, Buffer.alloc(900_000) as never)
      .set('content-type', 'text/plain')
      .expect(507)
    await fill(lab, 'users/alice/fifth', 2)
    await count(lab.as(lab.adminToken))
    await client.post(`${files}/first`, { op: 'copy', to: 'copy' }).expect(507)
  })
})

// Trouble (files): an upload fails in the middle, and a client that sends all of it before it reads never learns why
test('a client that sends all of an upload reads why it was refused in the middle, and goes on with its connection', async () => {
  await withStorage('2MiB', async (lab) => {
    const { token } = await lab.newUser('alice')
    const socket = connect({ port: await portOf(lab.service.app), host: '127.0.0.1' }).setEncoding('utf8')
    const lines = (line: string, more: string) =>
      `${line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${more}\r\n`
    const file = '/api/users/alice/files/large'
    const piece = `100000\r\n${'x'.repeat(2 ** 20)}\r\n` // its length in hexadecimal, and its bytes
    socket.write(lines(`PUT ${file}`, 'transfer-encoding: chunked\r\n'))
    for (let sent = 0; sent < 32; sent += 1) if (!socket.write(piece)) await once(socket, 'drain')
    socket.write(`0\r\n\r\n${lines(`GET ${file}`, 'connection: close\r\n')}`)
    const answers = (await socket.toArray()).join('')
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 507', 'HTTP/1.1 404'])
    expect(answers).toContain('/problems/storage-full')
  })
})

// Trouble (files): a person restores one backup after the other, each into a folder of its own
test('a restore counts for the storage of a tier, and one that is larger than what the tier leaves changes nothing', async () => {
  await withStorage('4MiB', async (lab) => {
    const admin = lab.as(lab.adminToken)
    const { client } = await lab.newUser('alice')
    const content = Buffer.alloc(1.5 * 2 ** 20, 1)
    await client
      .put('/api/users/alice/files/big', content as never)
      .set('content-type', 'text/plain')
      .expect(201)
    const [first, second] = [await backedUp(admin), await backedUp(admin)]
    await count(admin)
    const restore = (id: string) => client.post(`/api/users/alice/backups/${id}/restore`, {})
    await ended(restore(first))
    const { failure } = await ended(restore(second), 'failed')
    expect(failure).toMatchObject({ code: 'storage-full', detail: expect.stringContaining('this needs 1.5 MiB more') })
    expect(await readdir(join(lab.dataDir, 'users/alice'))).not.toContain(`restored-${second}`)
    // An administrator restores for others beyond their limit.
    await ended(admin.post(`/api/admin/backups/${second}/restore`, { user_id: 'alice' }))
    await restore(first).expect(507, /storage-full/)
  })
})

// Trouble (files): a notebook deletes files, and its person restores them before the next count
test('a person restores what they have just deleted, although the last count still has it', async () => {
  await withStorage('4MiB', async (lab) => {
    const admin = lab.as(lab.adminToken)
    const { client } = await lab.newUser('alice')
    for (const name of ['one', 'two']) await fill(lab, `users/alice/${name}`, 1.5)
    const backup = await backedUp(admin)
    await count(admin)
    await rm(join(lab.dataDir, 'users/alice/one'))
    await ended(client.post(`/api/users/alice/backups/${backup}/restore`, { path: 'one', in_place: true }))
    expect(await readdir(join(lab.dataDir, 'users/alice'))).toContain('one')
    // Once more it would be too much.
    await ended(client.post(`/api/users/alice/backups/${backup}/restore`, { path: 'one' }), 'failed')
  })
})

// Trouble (files): a person uploads more than their tier lets them store, before the first count of their folder
test('what a person uploads counts before the first count of their folder too', async () => {
  await withStorage('2MiB', async (lab) => {
    const { client } = await lab.newUser('alice')
    const put = (name: string, bytes: number) =>
      client
        .put(`/api/users/alice/files/${name}`, Buffer.alloc(bytes, 1) as never)
        .set('content-type', 'application/octet-stream')
    await put('larger', 3 * 2 ** 20).expect(507)
    await put('first', 1.5 * 2 ** 20).expect(201)
    await put('second', 2 ** 20).expect(507)
    await count(lab.as(lab.adminToken))
    await put('second', 2 ** 20).expect(507)
  })
})

/** A PUT whose length is not announced: `send` brings more of it, `end` gives the status of its answer. */
function openPut(url: string, token: string) {
  const body = new TransformStream<Uint8Array>()
  const writer = body.writable.getWriter()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }
  const answer = fetch(url, { method: 'PUT', headers, body: body.readable, duplex: 'half' } as RequestInit)
  const send = (bytes: number) => writer.write(Buffer.alloc(bytes, 1)).catch(() => {}) // it may be refused by then
  return {
    send,
    async end(): Promise<number> {
      writer.close().catch(() => {})
      return (await answer).status
    },
  }
}

// Trouble (files): a person opens several uploads without a length, and sends them one after the other
test('uploads that were begun together and end one after the other share the room below the limit', async () => {
  await withStorage('2MiB', async (lab) => {
    const { token } = await lab.newUser('alice')
    const origin = `http://127.0.0.1:${await portOf(lab.service.app)}`
    const put = (name: string) => openPut(`${origin}/api/users/alice/files/${name}`, token)
    const [one, two] = [put('one'), put('two')]
    await Promise.all([one.send(1), two.send(1)])
    const work = join(lab.dataDir, 'users/alice/.ai-lab-work')
    await expect.poll(() => readdir(work).catch(() => [])).toHaveLength(2)
    void one.send(1.5 * 2 ** 20)
    expect(await one.end()).toBe(201)
    void two.send(1.5 * 2 ** 20)
    expect(await two.end()).toBe(507)
    const names = await readdir(join(lab.dataDir, 'users/alice'))
    expect(names.filter((name) => !name.startsWith('.'))).toEqual(['one'])
  })
})

// Trouble (files): a person begins two copies at one instant, which each fit below their limit, and both together do not
test('two copies of one instant do not both get the last room of a person', async () => {
  await withStorage('100MiB', async (lab) => {
    const { client } = await lab.newUser('alice')
    const first = '/api/users/alice/files/first'
    await client
      .put(first, Buffer.alloc(40 * 2 ** 20, 1) as never)
      .set('content-type', 'application/octet-stream')
      .expect(201)
    await count(lab.as(lab.adminToken))
    const copy = async (to: string) => (await client.post(first, { op: 'copy', to }).set({ prefer: 'wait=55' })).body
    const ended = await Promise.all([copy('one'), copy('two')])
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['done', 'failed'])
    expect(ended.find(({ failure }) => failure)).toMatchObject({ failure: { code: 'storage-full' } })
  })
})
