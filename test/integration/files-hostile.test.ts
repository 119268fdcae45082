/** A person who owns their folder, has a shell in a notebook, and means harm. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'

const notebook = { uid: 1000, gid: 100 }
const canary = 'CANARY-OF-OUTSIDE'

let lab: Lab
let _admin: Client
let port: number
let outside: string
// In memory: a disk would have to make each upload durable, and the outside must be on the same file system.
const memory = '/dev/shm'
let folder: string
const agent = new Agent({ keepAlive: true, maxSockets: 16 })
beforeAll(async () => {
  folder = await mkdtemp(join(memory, 'ai-lab-hostile-'))
  lab = await openLab({ env: { DATA_DIR: join(folder, 'ai-lab-data') } })
  _admin = lab.as(lab.adminToken)
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

function descriptors(): Promise<number> {
  return readdir('/proc/self/fd').then(({ length }) => length)
}

/** Waits until as many descriptors are open as before, but for connections. */
async function expectDescriptors(before: number, more = 4): Promise<void> {
  await expect.poll(descriptors).toBeLessThanOrEqual(before + more)
}

async function swapper(pairs: string[]): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../support/swap-links.py', import.meta.url))
  const child = spawn('python3', [script, ...pairs], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  return child
}

const requests = Number(process.env.SWAP_REQUESTS ?? 10_000)

// Trouble (files): the owner of a folder swaps it for a link while the service looks
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
  ]
  const rare: typeof acts = [
    () => ask(mallory.token, 'GET', `${mallory.top}?as=tar`),
    (at) => ask(mallory.token, 'GET', `${mallory.url(at)}?as=tar`),
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
      const at = places[now % 3] ?? ''
      const act = now % 100 === 0 ? rare[(now / 100) % rare.length] : acts[now % acts.length]
      const got = await act?.(at, now)
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
  expect(await lookOf(outside)).toEqual(before)
  // What the service wrote is inside, with the folder's owner.
  const files = execFileSync('find', [mallory.home, '-type', 'f', '-printf', '%u %p\\0'], { encoding: 'utf8' })
  for (const line of files.split('\0').filter(Boolean)) {
    const [owner = '', path = ''] = line.split(/ (.*)/s)
    expect([owner === 'root', await readFile(path, 'utf8')], path).toEqual([false, 'inside'])
  }
  await expectDescriptors(descriptorsBefore, 20)
}, 180_000)
