import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { Problem } from '../../src/domain/problem.ts'
import { openEvents } from '../support/event-stream.ts'
import { kernel, openFakeJupyters } from '../support/fake-jupyter.ts'
import { type Client, openLab } from '../support/lab.ts'

const off = { IDLE_PAUSE_AFTER: 'off', IDLE_STOP_AFTER: 'off', MAX_RUNTIME: 'off' }

async function create(client: Client, template = 'jupyterlab'): Promise<string> {
  const { body } = await client.post('/api/environments', { template }).set('prefer', 'wait=10').expect(202)
  expect(body.status).toBe('running')
  return body.id
}

/** The environment as the API shows it. */
async function shown(client: Client, id: string) {
  return (await client.get(`/api/environments/${id}`).expect(200)).body
}

async function until(client: Client, id: string, status: string) {
  const deadline = Date.now() + 15_000
  for (;;) {
    const environment = await shown(client, id)
    if (environment.status === status) return environment
    if (Date.now() > deadline) throw new Error(`${id} is ${environment.status}, not ${status}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function openIdleLab(env: Record<string, string>) {
  await using stack = new AsyncDisposableStack()
  const jupyters = stack.use(await openFakeJupyters())
  const lab = stack.use(await openLab({ env: { ...off, ...env }, addressOf: () => jupyters.address }))
  const rest = stack.move()
  return { lab, jupyters, admin: lab.as(lab.adminToken), [Symbol.asyncDispose]: () => rest.disposeAsync() }
}

test.concurrent('the service pauses and then stops an unused environment, with the reason, and a person starts it again', async () => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '1s', IDLE_STOP_AFTER: '2s' })
  const id = await create(idle.admin)
  expect(await shown(idle.admin, id)).toMatchObject({ status_reason: null })
  expect(await until(idle.admin, id, 'paused')).toMatchObject({
    desired_state: 'paused',
    status_reason: 'Paused after 1 second without activity.',
    last_activity: expect.any(String),
  })
  expect(await until(idle.admin, id, 'exited')).toMatchObject({
    desired_state: 'stopped',
    status_reason: 'Stopped after 2 seconds without activity.',
  })
  await idle.admin.post(`/api/environments/${id}/start`).expect(202)
  expect(await until(idle.admin, id, 'running')).toMatchObject({ status_reason: null })
})

// Trouble (idleness): a kernel computes, somebody types in a terminal, or a file is saved
test.concurrent('an environment goes on while a kernel computes, somebody types in a terminal, or files are saved', async () => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '1500ms' })
  const ids = await Promise.all(['computes', 'types', 'saves', 'rests'].map(() => create(idle.admin)))
  const [computes = '', types = '', saves = '', rests = ''] = ids
  idle.jupyters.of(computes).kernels = [kernel('idle'), kernel('busy')]
  // An open page keeps asking, and a kernel that nobody has joined says "starting" for ever.
  idle.jupyters.of(rests).kernels = [kernel('starting')]
  const person = setInterval(() => {
    idle.jupyters.of(types).terminals = [{ last_activity: new Date().toISOString() }]
    idle.jupyters.of(saves).saves += 1
  }, 50)
  try {
    await until(idle.admin, rests, 'paused')
    for (const id of [computes, types, saves]) expect(await shown(idle.admin, id)).toMatchObject({ status: 'running' })
  } finally {
    clearInterval(person)
  }
  idle.jupyters.of(computes).kernels = [kernel('idle')]
  for (const id of [computes, types, saves]) await until(idle.admin, id, 'paused')
})

// Trouble (idleness): a server does not report its activity, or reports nonsense
test.concurrent('the service leaves an environment alone whose server does not report its activity', async () => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '1s' })
  const silent = await create(idle.admin)
  idle.jupyters.of(silent).tells = false
  const telling = await create(idle.admin)
  await until(idle.admin, telling, 'paused')
  expect(await shown(idle.admin, silent)).toMatchObject({ status: 'running' })
  idle.jupyters.of(silent).tells = true
  await until(idle.admin, silent, 'paused')
})

test.concurrent('MAX_RUNTIME ends an environment that computes, and one that does not report its activity', async () => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '1s', MAX_RUNTIME: '2s' })
  const ids = [await create(idle.admin), await create(idle.admin)]
  const [computes = '', silent = ''] = ids
  idle.jupyters.of(computes).kernels = [kernel('busy')]
  idle.jupyters.of(silent).tells = false
  for (const id of ids) {
    expect(await until(idle.admin, id, 'exited')).toMatchObject({
      status_reason: 'Stopped after 2 seconds, the longest that it may run.',
    })
  }
})

test.concurrent('after a restart the service still stops a paused environment in time, and a used one goes on', async () => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '1s', IDLE_STOP_AFTER: '3s' })
  const computes = await create(idle.admin)
  idle.jupyters.of(computes).kernels = [kernel('busy')]
  const rests = await create(idle.admin)
  const paused = await until(idle.admin, rests, 'paused')
  await idle.lab.restart()
  expect(await until(idle.admin, rests, 'paused')).toMatchObject({
    status_reason: paused.status_reason,
    last_activity: paused.last_activity,
  })
  await until(idle.admin, rests, 'exited')
  expect(await shown(idle.admin, computes)).toMatchObject({ status: 'running' })
})

test.concurrent('MAX_RUNTIME counts from the start of the container, even if it is paused when the service starts', async () => {
  await using idle = await openIdleLab({ MAX_RUNTIME: '3s' })
  const id = await create(idle.admin)
  await idle.admin.post(`/api/environments/${id}/pause`).expect(202)
  await until(idle.admin, id, 'paused')
  await idle.lab.restart()
  await until(idle.admin, id, 'exited')
})

// Trouble (idleness): the engine refuses to pause a container, for example while its memory runs out
test.concurrent('MAX_RUNTIME ends an environment that the engine did not pause', async () => {
  await using idle = await openIdleLab({ MAX_RUNTIME: '3s' })
  const id = await create(idle.admin)
  idle.lab.engine.beforeCall = ({ name }) => {
    if (name === 'pause') throw new Problem('engine-refused', 'Could not pause it: unable to freeze.')
  }
  await idle.admin.post(`/api/environments/${id}/pause`).expect(202)
  await until(idle.admin, id, 'failed')
  expect((await idle.lab.engine.inspect(id))?.state).toBe('running')
  expect(await until(idle.admin, id, 'exited')).toMatchObject({
    status_reason: 'Stopped after 3 seconds, the longest that it may run.',
  })
})

// Trouble (idleness): somebody lets a new container wait for their folder, to run for longer than the longest time
test.concurrent('MAX_RUNTIME ends an environment whose new container waits for the folder of its owner', async () => {
  await using idle = await openIdleLab({ MAX_RUNTIME: '3s' })
  const id = await create(idle.admin)
  const folder = join(idle.lab.dataDir, 'users/admin')
  await rename(folder, `${folder}.away`)
  await idle.admin.post(`/api/environments/${id}/recreate`).expect(202)
  expect(await until(idle.admin, id, 'exited')).toMatchObject({
    desired_state: 'stopped',
    status_reason: 'Stopped after 3 seconds, the longest that it may run.',
  })
})

// Trouble (idleness): the engine refuses to pause a container, for example while its memory runs out
test.concurrent('a pause for idleness that the engine refused is tried again', async () => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '1s' })
  const id = await create(idle.admin)
  idle.lab.engine.beforeCall = ({ name }) => {
    if (name !== 'pause') return
    idle.lab.engine.beforeCall = () => {}
    throw new Problem('engine-refused', 'Could not pause it: unable to freeze.')
  }
  await until(idle.admin, id, 'paused')
})

// Trouble (idleness): somebody resumes a paused environment
test.concurrent('a resumed environment has the whole idle time again', async () => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '2s' })
  const id = await create(idle.admin)
  await until(idle.admin, id, 'paused')
  const resumedAt = Date.now()
  await idle.admin.post(`/api/environments/${id}/resume`).expect(202)
  expect(await until(idle.admin, id, 'running')).toMatchObject({ status_reason: null })
  await until(idle.admin, id, 'paused')
  expect(Date.now() - resumedAt).toBeGreaterThanOrEqual(2_000)
})

test.concurrent('a template can set its own limits, and a tier its own longest run', async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-catalog-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const catalog = parse(await readFile('catalog.yaml', 'utf8'))
  const { default: lowest, ...higher } = catalog.tiers
  catalog.tiers = { default: lowest, short: { ...lowest, max_runtime: '1s' }, ...higher }
  catalog.templates.quick = { ...catalog.templates.jupyterlab, idle_pause_after: '1s' }
  await writeFile(join(folder, 'catalog.yaml'), stringify(catalog))

  await using idle = await openIdleLab({ CATALOG_FILE: join(folder, 'catalog.yaml') })
  const { client } = await idle.lab.newUser('short@lab', 'short')
  const short = await create(client)
  const quick = await create(idle.admin, 'quick')
  const plain = await create(idle.admin)
  for (const id of [short, quick, plain]) idle.jupyters.of(id).kernels = [kernel('idle')]
  expect(await until(client, short, 'exited')).toMatchObject({
    status_reason: 'Stopped after 1 second, the longest that it may run.',
  })
  await until(idle.admin, quick, 'paused')
  expect(await shown(idle.admin, plain)).toMatchObject({ status: 'running' })
})

test.concurrent('a follower gets a warning before a pause, then the pause with its reason', async ({ expect }) => {
  await using idle = await openIdleLab({ IDLE_PAUSE_AFTER: '1500ms' })
  const url = await idle.lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  const id = await create(idle.admin)
  const path = `${url}/api/environments/${id}/events?follow=true`
  using stream = await openEvents(path, { token: idle.lab.adminToken })
  await expect.poll(() => stream.of('status').at(-1)?.status).toBe('paused')
  expect(stream.of('warning')).toEqual([
    {
      cause: 'idle-pause',
      action: 'pause',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      given_at: expect.stringMatching(/^\d{4}-.*Z$/),
      reason: expect.stringContaining('without activity'),
    },
  ])
  const [{ at, given_at }] = stream.of('warning')
  expect(Date.parse(at)).toBeGreaterThan(Date.parse(given_at))
  expect(stream.of('status').at(-1).reason).toContain('Paused after')
  const order = stream.events.map(({ event }) => event)
  expect(order.indexOf('warning')).toBeLessThan(order.lastIndexOf('status'))
})
