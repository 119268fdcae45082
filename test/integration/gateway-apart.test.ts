// The gateway in a process of its own, beside a service that comes and goes.
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { ask, openSocket, upgradeRequest } from '../support/gateway.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { openLab } from '../support/lab.ts'
import { openUpstream } from '../support/upstream.ts'

const wait = { prefer: 'wait=10' }

/** A service with one running environment, and a gateway in a process of its own. */
async function openApart() {
  await using stack = new AsyncDisposableStack()
  const upstream = stack.use(await openUpstream())
  const lab = stack.use(await openLab({ addressOf: () => upstream.address }))
  const owner = await lab.newUser('owner@lab')
  const { body } = await owner.client.post('/api/environments', { template: 'jupyterlab' }).set(wait).expect(202)
  const gateway = stack.use(await startGatewayProcess({ DATA_DIR: lab.dataDir }))
  const rest = stack.move()
  return {
    lab,
    owner,
    gateway,
    path: `/env/${body.id}`,
    id: body.id as string,
    status: async (token = owner.token) => (await ask(gateway.port, `/env/${body.id}/x`, { token })).status,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

// Trouble (worst): a restart of the service cuts the WebSockets of all kernels
test('while the service ends, is away and starts again, connections stay open and new requests are let in', async () => {
  await using open = await openApart()
  const { socket, received } = await openSocket(open.gateway.port, upgradeRequest(`${open.path}/ws`, open.owner.token))
  await expect.poll(received).toContain('101')
  const says = async (words: string) => {
    socket.write(words)
    await expect.poll(received).toContain(words)
  }
  await says('before')
  await open.lab.restart(async () => {
    await says('while it is away')
    expect(await open.status()).toBe(200)
    expect(await open.status('ailab_unknown')).toBe(401)
  })
  await says('afterwards')
  expect(await open.status()).toBe(200)
  socket.destroy()
})

test('it heeds what the service changes: stop and start, and a person who is disabled while the service is away', async () => {
  await using open = await openApart()
  await open.owner.client.post(`/api/environments/${open.id}/stop`).expect(202)
  await expect.poll(() => open.status()).toBe(503)
  await open.owner.client.post(`/api/environments/${open.id}/start`).expect(202)
  await expect.poll(() => open.status()).toBe(200)

  const { socket, received } = await openSocket(open.gateway.port, upgradeRequest(`${open.path}/ws`, open.owner.token))
  await expect.poll(received).toContain('101')
  const closed = new Promise((resolve) => socket.once('end', resolve))
  await open.lab.as(open.lab.adminToken).patch('/api/users/owner@lab', { disabled: true }).expect(200)
  await open.lab.close()
  const disabledAt = performance.now()
  await closed
  expect(performance.now() - disabledAt).toBeLessThan(1_000)
  expect(await open.status()).toBe(401)
})

// Trouble (mounts): the machine starts, and the disk of the data root is mounted later than the gateway starts
test('before there are records it says that the lab is not ready, in words for people and for programs, and then goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-'))
  const dataDir = join(folder, 'ai-lab-data')
  await using gateway = await startGatewayProcess({ DATA_DIR: dataDir })
  const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const shown = await ask(gateway.port, '/', { token: null, headers: page })
  expect([shown.status, shown.headers['content-type'], shown.headers.refresh]).toEqual([
    503,
    'text/html; charset=utf-8',
    '5',
  ])
  expect(shown.body).toContain('The lab is not ready')
  const told = await ask(gateway.port, '/env/x/', { token: null })
  expect([told.status, told.headers['retry-after'], JSON.parse(told.body).type]).toEqual([
    503,
    '5',
    '/problems/lab-not-ready',
  ])
  expect(told.body).not.toContain(folder)
  const health = async () => (await fetch(`${gateway.url}/.ai-lab/health`)).status
  expect(await health()).toBe(503)
  const { socket, received } = await openSocket(gateway.port, upgradeRequest('/env/x/ws', null))
  await expect.poll(received).toContain('HTTP/1.1 503')
  socket.destroy()
  const expecting = await openSocket(gateway.port, 'GET /env/x/ HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n')
  await expect.poll(expecting.received).toMatch(/^HTTP\/1\.1 503 .*lab-not-ready/s)
  expecting.socket.destroy()

  await using _lab = await openLab({ env: { DATA_DIR: dataDir } })
  await expect.poll(health, { timeout: 10_000 }).toBe(200)
  expect((await ask(gateway.port, '/env/x/', { token: null })).status).toBe(401)
  expect(gateway.output()).toContain('the gateway waits')
  await rm(folder, { recursive: true, force: true })
})

// Trouble (input): a setting is wrong, and Compose starts the gateway over and over
test('with a wrong setting it says that the lab is not ready, names the setting in its log, and goes on once it is right', async () => {
  await using lab = await openLab()
  const clone = join(lab.folder, 'clone')
  await mkdir(clone)
  await writeFile(join(clone, 'production.env'), 'SHARED_MODE=maybe\n')
  await using gateway = await startGatewayProcess({ DATA_DIR: lab.dataDir }, ['--folder', clone])
  const health = async () => (await fetch(`${gateway.url}/.ai-lab/health`)).status
  expect(await health()).toBe(503)
  const told = await ask(gateway.port, '/env/x/', { token: null })
  expect([told.status, JSON.parse(told.body).type]).toEqual([503, '/problems/lab-not-ready'])
  expect(gateway.output()).toMatch(/the gateway waits: The configuration is wrong:\\nSHARED_MODE: /)
  await writeFile(join(clone, 'production.env'), 'SHARED_MODE=ro\n')
  await expect.poll(health, { timeout: 10_000 }).toBe(200)
})

// Trouble (cost): the service hangs in the midst of a write, and all kernels with it
test('while another program holds the database, nobody new enters a browser, and all others go on', async () => {
  await using open = await openApart()
  const password = 'a long enough password'
  await open.lab.as(open.lab.adminToken).put('/api/users/owner@lab/password', { password }).expect(204)
  const { headers } = await open.lab.as().post('/api/session', { user_id: 'owner@lab', password }).expect(200)
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const opened = await open.lab
    .as()
    .get(`/open/${open.id}`)
    .set({ cookie, ...page })
    .expect(303)
  const { pathname, search, host } = new URL(opened.headers.location ?? '')
  const enter = () => ask(open.gateway.port, pathname + search, { token: null, headers: { host, ...page } })

  const holder = new SQLite(join(open.lab.dataDir, 'admin/ai-lab.db'))
  holder.exec('begin immediate')
  const refused = await enter()
  expect([refused.status, refused.headers.refresh]).toEqual([503, '1'])
  expect(refused.body).toContain('The database is in use')
  expect(await open.status()).toBe(200)
  // With a code that is for no such environment only a look is taken: it waits for nobody.
  const ofStranger = { token: null, headers: { host: `nobody.${host.split('.').slice(1).join('.')}`, ...page } }
  for (const code of ['?code=x', search])
    expect((await ask(open.gateway.port, pathname + code, ofStranger)).status).toBe(303)
  holder.exec('rollback')
  holder.close()
  expect((await enter()).headers['set-cookie']).toHaveLength(1)
})

// Trouble (mounts): a backup of the records is put back while the gateway runs
test('another database in the place of the one in use is opened, and a missing one is not missed', async () => {
  await using open = await openApart()
  await open.lab.close()
  const file = join(open.lab.dataDir, 'admin/ai-lab.db')
  await rename(file, `${file}.kept`)
  await sleep(2_500)
  expect(await open.status()).toBe(200)
  await copyFile(`${file}.kept`, file)
  await expect.poll(() => open.gateway.output(), { timeout: 10_000 }).toContain('it is opened anew')
  await expect.poll(() => open.status()).toBe(200)
})

// Trouble (idleness): a person works in an editor whose server does not report it, and the gateway is another process
test('what people do in VS Code, and what it computes, keeps it running; once both end, it is paused', async () => {
  await using stack = new AsyncDisposableStack()
  const upstream = stack.use(await openUpstream())
  const env = { GATEWAY: 'apart', IDLE_PAUSE_AFTER: '4s', IDLE_STOP_AFTER: 'off', MAX_RUNTIME: 'off' }
  const images = ['codercom/code-server:latest']
  const lab = stack.use(await openLab({ addressOf: () => upstream.address, images, env }))
  const owner = await lab.newUser('owner@lab')
  const gateway = stack.use(await startGatewayProcess({ DATA_DIR: lab.dataDir, ...env }))
  const create = async () => (await owner.client.post('/api/environments', { template: 'vscode' }).set(wait)).body.id
  const [used, computes, unused] = await Promise.all([create(), create(), create()])
  const status = async (id: string) => (await owner.client.get(`/api/environments/${id}`)).body.status
  const socketTo = async (id: string) =>
    (await openSocket(gateway.port, upgradeRequest(`/env/${id}/ws`, owner.token))).socket

  lab.engine.computing.add(computes)
  const [busy, silent] = [await socketTo(used), await socketTo(unused)]
  const typing = setInterval(() => busy.write('a key'), 100)
  try {
    await expect.poll(() => status(unused)).toBe('paused')
    expect(await Promise.all([used, computes].map(status))).toEqual(['running', 'running'])
  } finally {
    clearInterval(typing)
  }
  lab.engine.computing.delete(computes)
  for (const id of [used, computes]) await expect.poll(() => status(id)).toBe('paused')
  for (const socket of [busy, silent]) socket.destroy()
})
