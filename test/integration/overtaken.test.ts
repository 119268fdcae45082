/** Containers, images, processes, ports, people and rights that go away between a look and the action that follows it. */
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { safeStartCures } from '../../src/reconcile/ended.ts'
import { become, running } from '../support/become.ts'
import { type Client, openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }
const image = 'ai-lab/jupyterlab:latest'

// Trouble (worst): a container is removed while it waits for its next start
test('the service makes a container again that is removed while it waits for its next start', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const starts = () => lab.engine.calls.filter(({ name }) => name === 'start').length
  lab.engine.exit(id, 1)
  await expect.poll(starts).toBe(2)
  await become(admin, id, 'running')
  lab.engine.exit(id, 1)
  const reason = async () => (await admin.get(`/api/environments/${id}`)).body.status_reason
  await expect.poll(reason).toContain('It is started again after 1 s.')
  lab.engine.vanish(id)
  await expect.poll(starts).toBe(3)
  await become(admin, id, 'running')
  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toHaveLength(2)
})

// Trouble (worst): an image is removed while an environment waits for its turn
test('the service pulls an image that is removed while an environment waits for its turn', async () => {
  await using lab = await openLab({ env: { STARTS_AT_ONCE: '1' }, registry: [image] })
  const admin = lab.as(lab.adminToken)
  const starting = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'start' ? starting.promise : undefined)
  const first = (await admin.post('/api/environments', body).expect(202)).body.id
  await become(admin, first, 'starting')
  const second = (await admin.post('/api/environments', body).expect(202)).body.id
  const reason = async () => (await admin.get(`/api/environments/${second}`)).body.status_reason
  await expect.poll(reason).toContain('It waits for its turn')
  lab.engine.images.delete(image)
  starting.resolve()
  await become(admin, second, 'running')
  expect(lab.engine.calls.filter(({ name }) => name === 'pull')).toHaveLength(1)
})

// Trouble (worst): a container is removed at the instant of its start
test('the service makes a container again that is removed at the instant of its start', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.beforeCall = ({ name }) => {
    if (name !== 'start') return
    lab.engine.beforeCall = () => {}
    lab.engine.vanish(id)
  }
  lab.engine.exit(id, 1)
  await expect.poll(() => lab.engine.calls.filter(({ name }) => name === 'create').length).toBe(2)
  await become(admin, id, 'running')
})

// Trouble (worst): an image is removed at the instant of a creation
test('the service pulls an image that is removed at the instant of a creation', async () => {
  await using lab = await openLab({ registry: [image] })
  lab.engine.beforeCall = ({ name }) => {
    if (name !== 'create') return
    lab.engine.beforeCall = () => {}
    lab.engine.images.delete(image)
  }
  await running(lab.as(lab.adminToken))
  expect(lab.engine.calls.filter(({ name }) => name === 'pull')).toHaveLength(1)
})

// Trouble (worst): an image is removed at the instant of a creation, and is pulled for another environment meanwhile
test('the service uses an image that is removed at the instant of a creation and returns at once', async () => {
  await using lab = await openLab()
  lab.engine.beforeCall = ({ name }) => {
    if (name === 'create') lab.engine.images.delete(image)
    else if (name === 'findImage') lab.engine.images.add(image)
    if (lab.engine.calls.filter((call) => call.name === 'create').length === 2) lab.engine.images.add(image)
  }
  await running(lab.as(lab.adminToken))
  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toHaveLength(2)
})

// Trouble (worst): a process ends at the instant of a pause
test.each([
  ['pause', 'running', 'exited'],
  ['resume', 'paused', 'running'],
] as const)('a process that ends at the instant of a %s causes no failure', async (action, before, after) => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  if (before === 'paused') {
    await admin.post(`/api/environments/${id}/pause`).expect(202)
    await become(admin, id, 'paused')
  }
  lab.engine.beforeCall = ({ name }) => {
    if (name !== 'pause' && name !== 'unpause') return
    lab.engine.beforeCall = () => {}
    lab.engine.exit(id, 137)
  }
  await admin.post(`/api/environments/${id}/${action}`).expect(202)
  await become(admin, id, after)
})

// Trouble (worst): a power cut leaves a log broken
test('an environment whose log cannot be read still shows that it has ended', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  lab.engine.beforeCall = ({ name }) => {
    // The engine says this of a log that a power cut left broken.
    if (name === 'logs') throw new Problem('engine-unavailable', "invalid character '\\x00'")
  }
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  await expect.poll(async () => (await lab.engine.inspect(id))?.state).toBe('running')
  lab.engine.exit(id, 3)
  await become(admin, id, 'failed')
  const { status_reason: reason } = (await admin.get(`/api/environments/${id}`)).body
  expect(reason).toBe(`It ended before it was ready (exit code 3). ${safeStartCures}`)
})

// Trouble (worst): the database takes no writes
test('the service shows a failure that it cannot record, and records it as soon as it can', async () => {
  await using lab = await openLab({ images: [] })
  const admin = lab.as(lab.adminToken)
  const database = new SQLite(join(lab.dataDir, 'admin/ai-lab.db'))
  database.exec("create trigger full before update on environments begin select raise(abort, 'disk is full'); end")
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  const found = async () => (await admin.get(`/api/environments/${id}`)).body
  await expect
    .poll(async () => (await found()).status_reason)
    .toBe('Something went wrong in the service; it tries again.')
  expect((await found()).status).toBe('pending')
  database.exec('drop trigger full')
  database.close()
  lab.engine.reachable = false // ends the stream of events; when it begins again, the service looks at all environments
  lab.engine.reachable = true
  await become(admin, id, 'failed')
})

// Trouble (worst): the engine is slow for a moment in mid-pull
test('an environment goes on pulling after the engine was slow for a moment', async () => {
  await using lab = await openLab({ images: [], registry: [image] })
  const admin = lab.as(lab.adminToken)
  const pulled = Promise.withResolvers<void>()
  lab.engine.duringPull = () => pulled.promise
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  await become(admin, id, 'pulling')
  lab.engine.beforeCall = ({ name }) => {
    if (name === 'info') throw new Problem('engine-unavailable', 'The container engine took too long.')
  }
  await become(admin, id, 'unknown')
  lab.engine.beforeCall = () => {}
  await become(admin, id, 'pulling')
  pulled.resolve()
  await become(admin, id, 'running')
})

// Trouble (desired): another program takes the port of a stopped environment
test('an environment whose port is taken before its first start gets another port by itself', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const ports: number[] = []
  lab.engine.beforeCall = ({ name, id }) => {
    const hostPort = name === 'start' ? lab.engine.specOf(id)?.hostPort : null
    if (!hostPort || ports.length === 3) return
    ports.push(hostPort)
    lab.engine.takenPorts.add(hostPort)
  }
  const id = await running(admin)
  const hostPort = lab.engine.specOf(id)?.hostPort
  expect(new Set([...ports, hostPort]).size).toBe(4)
  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toHaveLength(4)
})

test('a start names the port that another program took; start works once it is free, and recreate takes another', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const hostPort = lab.engine.specOf(id)?.hostPort ?? 0
  const container = (await lab.engine.inspect(id))?.containerId
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await become(admin, id, 'exited')

  lab.engine.takenPorts.add(hostPort)
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'failed')
  expect((await admin.get(`/api/environments/${id}`)).body.status_reason).toContain(`port ${hostPort} is taken`)
  expect((await lab.engine.inspect(id))?.containerId).toBe(container)
  lab.engine.takenPorts.clear()
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'running')
  expect((await lab.engine.inspect(id))?.containerId).toBe(container)

  await admin.post(`/api/environments/${id}/recreate`).expect(202)
  await expect.poll(async () => (await lab.engine.inspect(id))?.containerId).not.toBe(container)
  await become(admin, id, 'running')
  expect(lab.engine.specOf(id)?.hostPort).toBe(hostPort)
  lab.engine.takenPorts.add(hostPort)
  await admin.post(`/api/environments/${id}/recreate`).expect(202)
  await expect.poll(() => lab.engine.specOf(id)?.hostPort ?? hostPort).not.toBe(hostPort)
  await become(admin, id, 'running')
})

test('the service makes a container again that is removed at the instant at which its port is found taken', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.takenPorts.add(lab.engine.specOf(id)?.hostPort ?? 0)
  let isStarted = false
  lab.engine.beforeCall = ({ name }) => {
    if (isStarted && name === 'inspect') {
      lab.engine.beforeCall = () => {}
      lab.engine.vanish(id)
    }
    isStarted ||= name === 'start'
  }
  await admin.post(`/api/environments/${id}/restart`).expect(202)
  await expect.poll(() => lab.engine.calls.filter(({ name }) => name === 'start').length).toBeGreaterThan(2)
  await become(admin, id, 'running')
})

// Trouble (worst): an administrator removes a person, or is demoted, while an orphan of that person is adopted
test.each([
  [
    'its owner is removed',
    '/problems/user-not-found',
    404,
    (admin: Client) => admin.delete('/api/users/owner').expect(204),
  ],
  [
    'the right to it ends',
    '/problems/forbidden',
    403,
    (admin: Client) => admin.patch('/api/users/helper', { role: 'user' }).expect(200),
  ],
] as const)('an adoption during which %s makes no record and says why', async (_, type, status, overtake) => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const owner = await lab.newUser('owner')
  const id = await running(owner.client)
  await lab.withRecords((store) => store.forget(id))
  await expect.poll(async () => (await owner.client.get(`/api/environments/${id}`)).status).toBe(404)
  await admin.post('/api/users', { id: 'helper', role: 'admin' }).expect(201)
  const token = await admin.post('/api/tokens', { name: 'x', user_id: 'helper', role: 'admin' }).expect(201)

  lab.engine.beforeCall = async ({ name }) => {
    if (name !== 'variable') return
    lab.engine.beforeCall = () => {}
    await overtake(admin)
  }
  const refused = await lab.as(token.body.token).post(`/api/data/orphans/${id}/adopt`).expect(status)
  expect(refused.body.type).toBe(type)
  await admin.get(`/api/environments/${id}`).expect(404)
})
