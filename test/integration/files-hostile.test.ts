/** A person who owns their folder, has a shell in a notebook, and means harm. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'
import { rounds } from '../support/rounds.ts'

const notebook = { uid: 1000, gid: 100 }
const canary = 'CANARY-OF-OUTSIDE'

let lab: Lab
let admin: Client
let port: number
let outside: string
// In memory: a disk would have to make each upload durable, and the outside must be on the same file system.
const memory = '/dev/shm'
let folder: string
const agent = new Agent({ keepAlive: true, maxSockets: 16 })
beforeAll(async () => {
  folder = await mkdtemp(join(memory, 'ai-lab-hostile-'))
  lab = await openLab({ env: { DATA_DIR: join(folder, 'ai-lab-data') } })
  admin = lab.as(lab.adminToken)
  port = await portOf(lab.service.app)
  outside = join(folder, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'secret.txt'), canary, { mode: 0o600 })
  await writeFile(join(outside, canary), canary, { mode: 0o644 })
  await mkdir(join(outside, 'below'))
  await writeFile(join(outside, 'below/secret.txt'), canary)
})
afterAll(async () => {
  agent.destroy()
  await lab[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

type Got = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** One request on a kept connection; rejects if the answer breaks off. */
function ask(
  token: string,
  method: string,
  path: string,
  { body, headers = {}, from = agent }: { body?: string | object; headers?: Record<string, string>; from?: Agent } = {},
): Promise<Got> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const { promise, resolve, reject } = Promise.withResolvers<Got>()
  const asking = httpRequest(
    {
      ...{ port, method, path, agent: from },
      headers: {
        authorization: `Bearer ${token}`,
        ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
        ...(typeof body === 'object' && { 'content-type': 'application/json' }),
        ...headers,
      },
    },
    (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
      )
    },
  )
  asking.on('error', reject)
  asking.end(text)
  return promise
}

/** A person with an empty folder of their own. */
async function person(id: string) {
  const { token, client } = await lab.newUser(id)
  const home = join(lab.dataDir, 'users', id)
  await mkdir(home, { recursive: true })
  await chown(home, notebook.uid, notebook.gid)
  const url = (path: string) => `/api/users/${id}/files/${path.split('/').map(encodeURIComponent).join('/')}`
  return {
    ...{ id, token, client, home, url, top: `/api/users/${id}/files` },
    at: (path: string) => join(home, path),
    ask: (method: string, path: string, options?: Parameters<typeof ask>[3]) => ask(token, method, url(path), options),
    /** An upload by tus, in one piece; gives the answer to its end, or to what refused it before. */
    async resumable(path: string, body: string): Promise<Got> {
      const tus = { 'tus-resumable': '1.0.0' }
      const to = `to ${Buffer.from(url(path)).toString('base64')}`
      const length = { 'upload-length': `${body.length}`, 'upload-metadata': to }
      const begun = await ask(token, 'POST', '/api/uploads', { headers: { ...tus, ...length } })
      if (begun.status !== 201) return begun
      const { pathname } = new URL(begun.headers.location ?? '', 'http://lab')
      const piece = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
      return await ask(token, 'PATCH', pathname, { body, headers: { ...tus, ...piece } })
    },
    /** Puts a file into the trash and brings it back; gives the answer to the latter, or to what refused the former. */
    async deleteAndBack(path: string): Promise<Got> {
      const deleted = await ask(token, 'DELETE', url(path))
      if (deleted.status !== 200) return deleted
      return await ask(token, 'POST', `/api/trash/${JSON.parse(String(deleted.body)).id}/restore`)
    },
    /** Makes a folder in theirs, as the notebook would. */
    async folder(path: string) {
      await mkdir(join(home, path), { recursive: true })
      await chown(join(home, path), notebook.uid, notebook.gid)
    },
    async file(path: string, content: string) {
      await writeFile(join(home, path), content)
      await chown(join(home, path), notebook.uid, notebook.gid)
    },
  }
}

/** All that there is to know of a folder and what is in it; whatever touches it changes this. */
async function lookOf(folder: string): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const name of ['.', ...(await readdir(folder, { recursive: true })).sort()]) {
    const { mode, uid, gid, nlink, size, mtimeNs, ctimeNs } = await lstat(join(folder, name), { bigint: true })
    seen.push({ name, mode, uid, gid, nlink, size, mtimeNs, ctimeNs })
  }
  return seen
}

/** How many files and folders are open: all descriptors but connections. */
async function descriptors(): Promise<number> {
  const names = await readdir('/proc/self/fd')
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => 'socket:')))
  return targets.filter((target) => !target.startsWith('socket:')).length
}

/** Waits until no more files are open than before. */
async function expectDescriptors(before: number): Promise<void> {
  await expect.poll(descriptors).toBeLessThanOrEqual(before)
}

/** Waits for the end of a request or an answer, whatever its error. */
function closed(what: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => what.once('close', () => resolve()))
}

async function swapper(pairs: string[]): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../support/swap-links.py', import.meta.url))
  const child = spawn('python3', [script, ...pairs], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  return child
}

const requests = Number(process.env.SWAP_REQUESTS ?? rounds(10_000))

// Trouble (files): the owner of a folder swaps it for a link while the service looks
// Trouble (files): the same while an upload that can go on ends, or while something comes back from the trash
test(`${requests} requests reach nothing outside while folders and files are swapped for links`, async () => {
  const mallory = await person('mallory')
  const before = await lookOf(outside)
  // Links to the outside: absolute, by way of `..`, and through another link.
  const up = `${'../'.repeat(40)}${outside.slice(1)}`
  await symlink(outside, mallory.at('chain'))
  for (const [name, target] of [
    ['middle', outside],
    ['folder', up],
    ['deep', 'chain/below'],
  ] as const) {
    await mallory.folder(name)
    for (const file of ['secret.txt', 'mine.txt']) await mallory.file(`${name}/${file}`, 'inside')
    await symlink(target, mallory.at(`${name}.link`))
  }
  await mallory.file('file.txt', 'inside')
  await symlink(join(outside, 'secret.txt'), mallory.at('file.link'))
  await mallory.folder('work')
  const pairs = ['middle', 'folder', 'deep', 'file.txt'].flatMap((name) => [
    mallory.at(name),
    mallory.at(name === 'file.txt' ? 'file.link' : `${name}.link`),
  ])
  const descriptorsBefore = await descriptors()
  const child = await swapper(pairs)
  let swaps = 0
  child.stdout?.on('data', (text: Buffer) => {
    for (const line of text.toString().split('\n')) swaps += Number(line) || 0
  })
  const statuses = new Map<string, number>()
  const places = ['middle', 'folder', 'deep']
  const acts: ((at: string, turn: number) => Promise<Got>)[] = [
    (at) => mallory.ask('GET', `${at}/secret.txt`),
    (at) => mallory.ask('GET', at),
    (at, turn) => mallory.ask('PUT', `${at}/${canary.toLowerCase()}-${turn % 7}`, { body: 'inside' }),
    () => mallory.ask('GET', 'file.txt'),
    (at) => mallory.ask('DELETE', `${at}/secret.txt`),
    (at) => mallory.ask('PUT', `${at}/secret.txt`, { body: 'inside' }),
    () => mallory.ask('PUT', 'file.txt', { body: 'inside' }),
    (at, turn) => mallory.ask('POST', `${at}/mine.txt`, { body: { op: 'move', to: `${at}/moved-${turn % 5}` } }),
    (at, turn) => mallory.ask('POST', `${at}/new-${turn % 9}/x`, { body: { op: 'make-folder' } }),
    (at) => mallory.ask('PUT', `${at}/mine.txt`, { body: 'inside' }),
    (at) => mallory.ask('GET', `${at}/below/secret.txt`),
    (at) => ask(mallory.token, 'GET', `${mallory.url(at)}?as=entry`),
    (at, turn) => mallory.resumable(`${at}/${canary.toLowerCase()}-${turn % 7}`, 'inside'),
    (at) => mallory.deleteAndBack(`${at}/mine.txt`),
  ]
  const rare: typeof acts = [
    () => ask(mallory.token, 'GET', `${mallory.top}?as=tar`),
    (at) => ask(mallory.token, 'GET', `${mallory.url(at)}?as=tar`),
    () => ask(mallory.token, 'GET', `${mallory.top}?as=zip`),
    () => ask(mallory.token, 'GET', `${mallory.top}?search=secret`),
    (at) => ask(mallory.token, 'GET', `${mallory.url(at)}?search=a`),
    (at, turn) =>
      mallory.ask('POST', at, { body: { op: 'copy', to: `work/copy-${turn}` }, headers: { prefer: 'wait=30' } }),
  ]
  let turn = 0
  const hand = async () => {
    while (turn < requests) {
      turn += 1
      const now = turn
      const [kinds, nth] = now % 100 === 0 ? [rare, now / 100] : [acts, now]
      // Each kind of request meets each link: the next place comes once all kinds have met this one.
      const at = places[Math.floor(nth / kinds.length) % places.length] ?? ''
      const got = await kinds[nth % kinds.length]?.(at, now)
      if (!got) throw new Error('no answer')
      statuses.set(`${got.status}`, (statuses.get(`${got.status}`) ?? 0) + 1)
      if (got.body.includes(canary)) throw new Error(`request ${now} at ${at} gave a part of the outside`)
      if (got.status >= 500) throw new Error(`request ${now} at ${at}: ${got.status} ${got.body}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: 8 }, hand))
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  console.log(`${swaps} swaps, statuses ${JSON.stringify(Object.fromEntries(statuses))}`)
  expect(swaps).toBeGreaterThan(requests)
  expect(statuses.get('200')).toBeGreaterThan(requests / 10)
  expect(statuses.get('409')).toBeGreaterThan(requests / 100)
  expect(statuses.get('204'), 'uploads that went to their end').toBeGreaterThan(requests / 100)
  expect(await lookOf(outside)).toEqual(before)
  // What the service wrote is inside, with the folder's owner.
  const files = execFileSync('find', [mallory.home, '-type', 'f', '-printf', '%u %p\\0'], { encoding: 'utf8' })
  for (const line of files.split('\0').filter(Boolean)) {
    const [owner = '', path = ''] = line.split(/ (.*)/s)
    expect([owner === 'root', await readFile(path, 'utf8')], path).toEqual([false, 'inside'])
  }
  await expectDescriptors(descriptorsBefore)
}, 180_000)

/** The ids of the processes that this one has started and that have not ended. */
function children(): string[] {
  const text = execFileSync('sh', ['-c', `cat /proc/${process.pid}/task/*/children`], { encoding: 'utf8' })
  return text.split(/\s+/).filter(Boolean)
}

// Trouble (files): connections that break off leave files open until no more can be opened
test('neither broken downloads and uploads nor a thousand calls leave a file open', async () => {
  const nora = await person('nora')
  await nora.folder('folder')
  await nora.file('big', 'x'.repeat(2 ** 24))
  await nora.ask('PUT', 'folder/warm', { body: 'x' })
  const before = await descriptors()
  const childrenBefore = children()
  const broken = (method: string, path: string, headers: Record<string, string> = {}) =>
    new Promise<void>((resolve) => {
      const options = { port, method, path, headers: { authorization: `Bearer ${nora.token}`, ...headers } }
      const asking = httpRequest({ ...options, agent: false }, (response) => {
        response.once('data', () => asking.destroy())
        response.once('error', () => {})
      })
      asking.on('error', () => {})
      asking.on('close', () => resolve())
      if (method === 'PUT') asking.write('half', () => setImmediate(() => asking.destroy()))
      else asking.end(() => method === 'DELETE' && asking.destroy())
    })
  for (let turn = 0; turn < 40; turn += 1) {
    await Promise.all([
      broken('GET', nora.url('big')),
      broken('GET', `${nora.top}?as=tar`),
      ...(turn % 8 === 0 ? [broken('GET', `${nora.top}?as=zip`)] : []),
      broken('PUT', nora.url('new'), { 'content-length': '1000' }),
      nora.ask('HEAD', 'big'),
      ask(nora.token, 'HEAD', `${nora.top}?as=tar`),
      nora.ask('GET', 'big', { headers: { range: 'bytes=99999999-' } }),
      nora.ask('GET', 'big', { headers: { 'if-match': '"other"' } }),
      nora.ask('GET', 'big/below'),
      nora.ask('PUT', 'folder', { body: 'x' }),
      ...Array.from({ length: 8 }, () => nora.ask('GET', 'folder')),
    ])
  }
  await expectDescriptors(before)
  await expect.poll(() => readdir(nora.at('.ai-lab-work'))).toEqual([])
  const names = children()
    .filter((pid) => !childrenBefore.includes(pid))
    .map((pid) => execFileSync('sh', ['-c', `cat /proc/${pid}/comm 2> /dev/null || true`]).toString())
  expect(names.filter((name) => /^(tar|node)/.test(name))).toEqual([])
})

describe('two at once:', () => {
  test('of uploads that want a new file one writes it, and the others learn that it is there', async () => {
    const otto = await person('otto')
    for (let turn = 0; turn < 20; turn += 1) {
      const uploads = ['a', 'b', 'c'].map((letter) =>
        otto.ask('PUT', `new-${turn}`, { body: letter.repeat(10_000), headers: { 'if-none-match': '*' } }),
      )
      const statuses = (await Promise.all(uploads)).map(({ status }) => status)
      expect(statuses.sort()).toEqual([201, 412, 412])
      expect(await readFile(otto.at(`new-${turn}`), 'utf8')).toMatch(/^(a{10000}|b{10000}|c{10000})$/)
    }
  })

  test('an upload into a folder that is deleted is in the folder or in the trash, and whole', async () => {
    const paul = await person('paul')
    for (let turn = 0; turn < 20; turn += 1) {
      await paul.ask('PUT', 'folder/first', { body: 'first' })
      const [removal, upload] = await Promise.all([
        paul.ask('DELETE', 'folder'),
        paul.ask('PUT', 'folder/second', { body: 'second' }),
      ])
      expect([removal.status, upload.status]).toEqual([200, 201])
      const { id } = JSON.parse(String(removal.body))
      const trashed = await readdir(join(lab.dataDir, 'admin/trash', id))
      const left = await readdir(paul.at('folder')).catch(() => [])
      expect([...trashed, ...left].sort()).toEqual(['first', 'second'])
      if (left.length > 0) await paul.ask('DELETE', 'folder')
    }
  })

  test('a restore beside an upload to its path: one of them has the path, and nothing is lost', async () => {
    const quin = await person('quin')
    for (let turn = 0; turn < 20; turn += 1) {
      const path = `file-${turn}`
      await quin.ask('PUT', path, { body: 'old' })
      const { id } = JSON.parse(String((await quin.ask('DELETE', path)).body))
      const [restore, upload] = await Promise.all([
        ask(quin.token, 'POST', `/api/trash/${id}/restore`),
        quin.ask('PUT', path, { body: 'new', headers: { 'if-none-match': '*' } }),
      ])
      expect([[restore.status, upload.status].join()]).toEqual([expect.stringMatching(/^(200,412|409,201)$/)])
      const isRestored = restore.status === 200
      expect(await readFile(quin.at(path), 'utf8')).toBe(isRestored ? 'old' : 'new')
      const { items } = JSON.parse(String((await ask(quin.token, 'GET', '/api/trash')).body))
      expect(items.map((each: { id: string }) => each.id).includes(id)).toBe(!isRestored)
    }
  })

  test('a folder that is moved while it is copied gives a whole copy, or none and a reason', async () => {
    const rosa = await person('rosa')
    for (let file = 0; file < 30; file += 1) await rosa.ask('PUT', `a/f${file}`, { body: 'x'.repeat(1_000) })
    for (let turn = 0; turn < 10; turn += 1) {
      const copying = rosa.ask('POST', 'a', {
        body: { op: 'copy', to: `copy-${turn}` },
        headers: { prefer: 'wait=30' },
      })
      const moved = await rosa.ask('POST', 'a', { body: { op: 'move', to: 'b' } })
      const job = JSON.parse(String((await copying).body))
      const copied = await readdir(rosa.at(`copy-${turn}`)).catch(() => null)
      expect(copied?.length ?? 0).toBe(job.status === 'done' ? 30 : 0)
      if (job.status !== 'done') expect(job.failure?.code ?? job.type).toMatch(/file-not-found/)
      if (moved.status === 200) await rosa.ask('POST', 'b', { body: { op: 'move', to: 'a' } })
    }
  })

  // Trouble (files): somebody loses their right in the midst of an upload or a download
  test('a revoked token and a disabled person end their uploads and downloads, and nothing half stays', async () => {
    for (const [id, end] of [
      ['sara', (_id: string, tokenId: string) => admin.delete(`/api/tokens/${tokenId}`).expect(204)],
      ['theo', (who: string) => admin.patch(`/api/users/${who}`, { disabled: true }).expect(200)],
    ] as const) {
      const who = await person(id)
      await who.file('big', 'x'.repeat(2 ** 25))
      const { body } = await who.client.get('/api/tokens').expect(200)
      const before = await descriptors()
      const headers = { authorization: `Bearer ${who.token}` }
      const upload = httpRequest({
        port,
        method: 'PUT',
        path: who.url('new'),
        headers: { ...headers, 'content-length': 99 },
        agent: false,
      })
      upload.on('error', () => {})
      const uploadClosed = closed(upload)
      upload.write('half')
      await expect.poll(() => readdir(who.at('.ai-lab-work')).catch(() => [])).toHaveLength(1)
      const download = httpRequest({ port, path: who.url('big'), headers, agent: false })
      const archives = ['tar', 'zip'].map((as) =>
        httpRequest({ port, path: `${who.top}?as=${as}`, headers, agent: false }),
      )
      const ends = [download, ...archives].map(async (asking) => {
        asking.on('error', () => {})
        asking.end()
        const [response] = await once(asking, 'response')
        const cut = closed(response)
        response.once('error', () => {})
        await once(response, 'readable') // and reads no more
        return { cut, response }
      })
      const begun = await Promise.all(ends)
      await end(id, body.items[0].id)
      for (const { response } of begun) response.resume() // a socket that is not read does not see its end
      await Promise.all([...begun.map(({ cut }) => cut), uploadClosed])
      await expect.poll(() => readdir(who.at('.ai-lab-work'))).toEqual([])
      expect(await readdir(who.home)).not.toContain('new')
      await expectDescriptors(before)
    }
  })
})

// Trouble (files): one person takes all streams, uploads or searches, and the memory with them
test('one person has a bounded number of streams, uploads and jobs at once, and another is served', async () => {
  const [uma, vera] = [await person('uma'), await person('vera')]
  await uma.file('big', 'x'.repeat(2 ** 25))
  const headers = { authorization: `Bearer ${uma.token}` }
  const stalled: ReturnType<typeof httpRequest>[] = []
  const statuses = await Promise.all(
    Array.from({ length: 24 }, async (_, turn) => {
      const path = turn % 2 === 0 ? uma.url('big') : `${uma.top}?as=tar`
      const asking = httpRequest({ port, path, headers, agent: false })
      stalled.push(asking)
      asking.on('error', () => {})
      asking.end()
      const [response] = await once(asking, 'response')
      response.on('error', () => {})
      return response.statusCode
    }),
  )
  expect(statuses.filter((status) => status === 429)).toHaveLength(4)
  const uploads = Array.from({ length: 8 }, () => {
    const asking = httpRequest({
      port,
      method: 'PUT',
      path: uma.url('new'),
      headers: { ...headers, 'content-length': 99 },
      agent: false,
    })
    stalled.push(asking)
    asking.on('error', () => {})
    asking.write('half')
    return once(asking, 'response').then(
      ([response]) => response.statusCode,
      () => null,
    )
  })
  expect(await Promise.any(uploads)).toBe(429)
  expect((await vera.ask('PUT', 'mine', { body: 'x' })).status).toBe(201)
  expect((await ask(vera.token, 'GET', `${vera.top}?search=mine`)).status).toBe(200)
  for (const asking of stalled) asking.destroy()
  await expect.poll(async () => (await uma.ask('PUT', 'new', { body: 'x' })).status).toBe(201)
})
