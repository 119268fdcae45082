import { mkdtempDisposable, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { safeStartCures } from '../../src/reconcile/ended.ts'
import { become } from '../support/become.ts'
import { type Client, openLab } from '../support/lab.ts'

const wait = { prefer: 'wait=20' }
const unbounded = { claim: null, atMost: 1_000 }

async function running(client: Client, body: object = { template: 'jupyterlab' }): Promise<{ id: string }> {
  const answer = await client.post('/api/environments', body).set(wait).expect(202)
  expect(answer.body.status).toBe('running')
  return answer.body
}

test('a creation answers with the environment and its URL', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body, headers } = await admin
    .post('/api/environments', { template: 'jupyterlab', name: 'churn model' })
    .set(wait)
    .expect(202)
  expect(headers.location).toBe(`/api/environments/${body.id}`)
  expect(headers['preference-applied']).toBe('wait=20')
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(body).toMatchObject({
    id: expect.stringMatching(/^ai-lab-jupyterlab-[0-9a-z]{6}$/),
    name: 'churn model',
    user_id: 'admin',
    owner: 'admin',
    type: 'jupyter',
    desired_state: 'running',
    status: 'running',
    status_reason: null,
    failure_code: null,
    access_url: `http://localhost:5555/open/${body.id}`,
    program_url: `http://localhost:5556/env/${body.id}/`,
    mounts: [
      { target: '/home/jovyan/shared', source: join(lab.dataDir, 'shared'), mode: 'ro', proof: { status: 'proven' } },
      {
        target: '/home/jovyan/data',
        source: join(lab.dataDir, 'users/admin'),
        mode: 'rw',
        proof: { status: 'proven' },
      },
    ],
  })
  expect((await stat(join(lab.dataDir, 'users/admin'))).mode & 0o777).toBe(0o700)
})

test('a creation without Prefer answers at once, and the environment starts by itself', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  expect(['pending', 'creating', 'starting']).toContain(body.status)
  await become(admin, body.id, 'running')
})

test('stop, start, restart, pause and resume work when asked twice, and delete keeps the files', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  for (const [action, status] of [
    ['stop', 'exited'],
    ['start', 'running'],
    ['restart', 'running'],
    ['pause', 'paused'],
    ['resume', 'running'],
  ] as const) {
    await admin.post(`/api/environments/${id}/${action}`).expect(202)
    await become(admin, id, status)
    await admin.post(`/api/environments/${id}/${action}`).expect(202)
    await become(admin, id, status)
  }
  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toHaveLength(1)

  await admin.delete(`/api/environments/${id}`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).status).toBe(404)
  expect(await lab.engine.list()).toEqual([])
  expect((await stat(join(lab.dataDir, 'users/admin'))).isDirectory()).toBe(true)
})

test('a restart starts the container again', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  await admin.post(`/api/environments/${id}/restart`).expect(202)
  await expect.poll(() => lab.engine.calls.filter(({ name }) => name === 'start').length).toBe(2)
  await become(admin, id, 'running')
})

test('an action that the present state does not allow is a conflict, with a sentence', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await become(admin, id, 'exited')
  const paused = await admin.post(`/api/environments/${id}/pause`).expect(409)
  expect(paused.body.detail).toBe('It is exited: only a running environment can be paused.')
  const resumed = await admin.post(`/api/environments/${id}/resume`).expect(409)
  expect(resumed.body.detail).toContain('Start it instead')
})

// Trouble (input): an environment is deleted while it starts
test('an environment that is deleted while it starts goes', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  await become(admin, body.id, 'starting')
  await admin.delete(`/api/environments/${body.id}`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${body.id}`)).status).toBe(404)
  expect(await lab.engine.list()).toEqual([])
})

// Trouble (input): an environment is started while it is being deleted
test('an environment that is started while it is being deleted goes all the same', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  const removal = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'remove' ? removal.promise : undefined)
  await admin.delete(`/api/environments/${id}`).expect(202)
  const { body } = await admin.post(`/api/environments/${id}/start`).expect(409)
  expect(body.detail).toBe(`${id} is being deleted.`)
  await admin.delete(`/api/environments/${id}`).expect(202)
  removal.resolve()
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).status).toBe(404)
})

test('the service pulls a missing image', async () => {
  await using lab = await openLab({ images: [], registry: ['ai-lab/jupyterlab:latest'] })
  await running(lab.as(lab.adminToken))
  expect(lab.engine.calls.filter(({ name }) => name === 'pull')).toHaveLength(1)
})

// Trouble (input): an image is missing and cannot be pulled
test('an environment whose image cannot be pulled fails with a sentence, and start tries again', async () => {
  await using lab = await openLab({ images: [] })
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).set(wait).expect(202)
  expect(body).toMatchObject({
    status: 'failed',
    status_reason: expect.stringContaining('could not be pulled'),
    failure_code: 'image-unavailable',
  })
  lab.engine.registry.add('ai-lab/jupyterlab:latest')
  await admin.post(`/api/environments/${body.id}/start`).expect(202)
  await become(admin, body.id, 'running')
})

test('an environment that ends before it is ready shows its exit code and its last words', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  await expect.poll(async () => (await lab.engine.inspect(body.id))?.state).toBe('running')
  lab.engine.say(body.id, 'stderr', 'no module named lab')
  lab.engine.exit(body.id, 3)
  await become(admin, body.id, 'failed')
  const found = await admin.get(`/api/environments/${body.id}`)
  expect(found.body.status_reason).toBe(
    `It ended before it was ready (exit code 3). ${safeStartCures} Its last words:\nno module named lab`,
  )
})

// Trouble (first-hour): the last words of an earlier run are shown as the reason of today
test('the reason of a failure holds only words of this run, and names a cure', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  const runs = async () => (await lab.engine.inspect(body.id))?.state
  await expect.poll(runs).toBe('running')
  lab.engine.say(body.id, 'stderr', 'of the first run')
  lab.engine.exit(body.id, 3)
  await become(admin, body.id, 'failed')
  await admin.post(`/api/environments/${body.id}/start`).expect(202)
  await expect.poll(runs).toBe('running')
  lab.engine.exit(body.id, 4)
  await become(admin, body.id, 'failed')
  const found = await admin.get(`/api/environments/${body.id}`)
  expect(found.body.status_reason).toBe(`It ended before it was ready (exit code 4). ${safeStartCures}`)
  expect(safeStartCures).toContain('start it with {"safe": true}')
})

test('the service stops restarting an environment that keeps ending', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  for (let time = 1; time < 5; time += 1) {
    lab.engine.exit(id, 1)
    await expect.poll(() => lab.engine.calls.filter(({ name }) => name === 'start').length).toBe(time + 1)
    await become(admin, id, 'running')
  }
  lab.engine.exit(id, 1)
  await become(admin, id, 'failed')
  expect((await admin.get(`/api/environments/${id}`)).body.status_reason).toContain('It ended by itself 5 times')
})

test('an environment that somebody stops by hand stays stopped until somebody starts it', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  await lab.engine.stop(id, 0)
  await become(admin, id, 'exited')
  expect((await admin.get(`/api/environments/${id}`)).body.desired_state).toBe('stopped')
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'running')
})

test('after the service was away, an environment that somebody stopped stays stopped, and one that ended runs again', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const [stopped, ended] = [await running(admin), await running(admin)]
  await lab.restart(async () => {
    await lab.engine.stop(stopped.id, 0)
    lab.engine.exit(ended.id, 1)
  })
  await become(admin, ended.id, 'running')
  await become(admin, stopped.id, 'exited')
  expect((await admin.get(`/api/environments/${stopped.id}`)).body.desired_state).toBe('stopped')
})

test('a start that waits for the data root happens even if the service restarts meanwhile', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await become(admin, id, 'exited')
  const marker = join(lab.dataDir, 'shared/.ai-lab-root')
  await rename(marker, `${marker}-away`)
  await admin.post('/api/data/consistency').expect(200)
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'pending')
  await lab.restart(() => rename(`${marker}-away`, marker))
  await become(admin, id, 'running')
})

// Trouble (desired): somebody asks for a start while the engine is away, or during a stop
test('a start that waits for the engine happens even if the service restarts meanwhile', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await become(admin, id, 'exited')
  lab.engine.reachable = false
  await become(admin, id, 'unknown')
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await lab.restart()
  lab.engine.reachable = true
  await become(admin, id, 'running')
})

// Trouble (desired): somebody asks for a start while the engine is away, or during a stop
test('a start that is asked for during a stop happens even if the service restarts meanwhile', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  const stopping = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => {
    if (name === 'start') throw new Problem('engine-unavailable', 'The container engine is busy.')
    return name === 'stop' ? stopping.promise : undefined
  }
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await become(admin, id, 'stopping')
  await admin.post(`/api/environments/${id}/start`).expect(202)
  stopping.resolve()
  await become(admin, id, 'unknown')
  await lab.restart(async () => {
    lab.engine.beforeCall = () => {}
  })
  await become(admin, id, 'running')
})

// Trouble (desired): an environment ends again and again
test('an environment that ended by itself says why while it waits for its next start', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  lab.engine.exit(id, 1)
  await expect.poll(() => lab.engine.calls.filter(({ name }) => name === 'start').length).toBe(2)
  await become(admin, id, 'running')
  lab.engine.exit(id, 137, { outOfMemory: true })
  const reason = async () => (await admin.get(`/api/environments/${id}`)).body.status_reason
  await expect.poll(reason).toBe('It ran out of memory. It is started again after 1 s.')
  await become(admin, id, 'running')
})

// Trouble (input): somebody removes a container
test('the service makes a container again that somebody removed, with the same mounts', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  const made = () => {
    const { env, labels, ...rest } = lab.engine.specOf(id) ?? { env: null, labels: null }
    // Each container has a secret of its own.
    return { ...rest, env: { ...env, JUPYTER_TOKEN: '' }, labels: { ...labels, 'ai-lab.spec-hash': '' } }
  }
  const before = made()
  lab.engine.vanish(id)
  await expect.poll(made).toEqual(before)
  await become(admin, id, 'running')
})

test('a person can rename an environment', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  const { body } = await admin.patch(`/api/environments/${id}`, { name: 'モデル 2' }).expect(200)
  expect(body.name).toBe('モデル 2')
})

// Trouble (input): two creations with one idempotency key
test('one idempotency key makes one environment, even in simultaneous requests', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const ask = (body: object) => admin.post('/api/environments', body).set('idempotency-key', 'k-1')
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask({ template: 'jupyterlab' })))
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`))).toEqual(
    new Set([`202 ${answers[0]?.body.id}`]),
  )
  expect((await admin.get('/api/environments')).body.items).toHaveLength(1)

  const other = await ask({ template: 'jupyterlab', name: 'another' }).expect(422)
  expect(other.body.type).toBe('/problems/idempotency-key-reused')
})

// Trouble (input): another person's environment
test("the service answers 404 for another person's environment, as for one that does not exist", async () => {
  await using lab = await openLab()
  const { client: alice } = await lab.newUser('alice@lab')
  const { client: bob } = await lab.newUser('bob@lab')
  const { id } = await running(alice)
  const missing = await bob.get('/api/environments/ai-lab-jupyterlab-zzzzzz').expect(404)
  for (const answer of await Promise.all([
    bob.get(`/api/environments/${id}`),
    bob.delete(`/api/environments/${id}`),
    bob.post(`/api/environments/${id}/stop`),
    bob.patch(`/api/environments/${id}`, { name: 'mine' }),
    bob.get(`/api/environments/${id}/logs`),
    bob.get(`/api/environments/${id}/stats`),
  ])) {
    expect(answer.status).toBe(404)
    expect(answer.body.title).toBe(missing.body.title)
    expect(answer.body.detail).toBe(`There is no environment ${id}.`)
  }
  expect((await bob.get('/api/environments')).body.items).toEqual([])
  await bob.get('/api/environments?user_id=alice@lab').expect(403)
  await bob.post('/api/environments', { template: 'jupyterlab', user_id: 'alice@lab' }).expect(403)
  expect((await alice.get(`/api/environments/${id}`).expect(200)).body.mounts[0]).not.toHaveProperty('source')
  expect((await lab.as(lab.adminToken).get('/api/environments?user_id=alice@lab')).body.items).toHaveLength(1)
})

test('a list comes in pages, newest first, and can be filtered by status', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const ids: string[] = []
  for (let count = 0; count < 5; count += 1) ids.unshift((await running(admin)).id)

  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await admin.get(`/api/environments?limit=2${cursor && `&cursor=${cursor}`}`).expect(200)
    expect(body.items.length).toBeLessThanOrEqual(2)
    expect(body).not.toHaveProperty('environments')
    seen.push(...body.items.map((each: { id: string }) => each.id))
    cursor = body.next_cursor
  } while (cursor)
  expect(seen).toEqual(ids)

  await admin.post(`/api/environments/${ids[4]}/stop`).expect(202)
  await become(admin, ids[4] ?? '', 'exited')
  const stopped = await admin.get('/api/environments?status=exited&limit=1')
  expect(stopped.body).toMatchObject({ items: [{ id: ids[4] }], next_cursor: null })
  const all = await admin.get('/api/environments')
  expect(all.body.environments).toEqual(all.body.items)
})

// Trouble (input): the existing portals ask for more environments than one page holds
test('a list without limit and cursor has all environments for the portals, and a page for others', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client: alice } = await lab.newUser('alice@lab')
  const ids = [(await running(admin)).id, (await running(alice)).id]
  await lab.withRecords(async (store) => {
    for (const id of ids) {
      const record = await store.get(id)
      if (!record) throw new Error('gone')
      const more = { ...record, desired: 'stopped' } as const
      for (let at = 0; at < 170; at += 1)
        await store.insert({ ...more, id: `${id}-${at}`, createdAt: record.createdAt + (at % 7) }, unbounded)
    }
  })
  const every = async (client: Client, query = '') => {
    const { body } = await client.get(`/api/environments${query}`).expect(200)
    expect(body.items).toEqual(body.environments.slice(0, 50))
    expect(body.next_cursor).not.toBeNull()
    return body.environments as { id: string; user_id: string }[]
  }
  expect(new Set((await every(admin)).map(({ id }) => id)).size).toBe(342)
  expect(await every(admin)).toHaveLength(342)
  expect(await every(admin, '?user_id=alice@lab')).toHaveLength(171)
  expect(await every(admin, '?template=jupyterlab')).toHaveLength(342)
  const own = await every(alice)
  expect(own).toHaveLength(171)
  expect(new Set(own.map(({ user_id }) => user_id))).toEqual(new Set(['alice@lab']))
})

test('the tier bounds the environments and the memory of one person', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('carol@lab')
  for (let count = 0; count < 5; count += 1)
    await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  const full = await client.post('/api/environments', { template: 'jupyterlab' }).expect(409)
  expect(full.body.detail).toBe('The tier "default" allows 5 environments. Delete one first.')
  // An environment that is being deleted makes room at once.
  const removal = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'remove' ? removal.promise : undefined)
  const { items } = (await client.get('/api/environments')).body
  await client.delete(`/api/environments/${items[0].id}`).expect(202)
  await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  removal.resolve()
  const big = { template: 'jupyterlab', resources: { memory_bytes: 2 ** 40 } }
  await client.post('/api/environments', big).expect(422)
})

// Trouble (input): many starts at once
test('the service bounds simultaneous starts, and a waiting environment shows its place in the queue', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const starting = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'start' ? starting.promise : undefined)
  const atOnce = 2 * availableParallelism()
  for (let count = 0; count < atOnce + 2; count += 1) {
    await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  }
  const waiting = async () => (await admin.get('/api/environments?status=pending')).body.items
  await expect.poll(async () => (await waiting()).length).toBe(2)
  const reasons = (await waiting()).map((each: { status_reason: string }) => each.status_reason).toSorted()
  expect(reasons).toEqual([1, 2].map((place) => `It waits for its turn to start: number ${place} in the queue.`))
  starting.resolve()
  await expect.poll(async () => (await waiting()).length).toBe(0)
})

test('an environment gives its log and its stats', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = await running(admin)
  lab.engine.say(id, 'stdout', 'up')
  lab.engine.say(id, 'stderr', 'and listening')
  expect((await admin.get(`/api/environments/${id}/logs`).expect(200)).text).toBe('up\nand listening\n')
  expect((await admin.get(`/api/environments/${id}/logs?tail=1`).expect(200)).text).toBe('and listening\n')
  expect((await admin.get(`/api/environments/${id}/stats`).expect(200)).body).toMatchObject({ pids: 1 })

  await admin.head(`/api/environments/${id}/logs?follow=true`).expect(405)
  const followed = admin.get(`/api/environments/${id}/logs?follow=true`).then(({ text }) => text)
  await expect.poll(() => lab.engine.calls.some(({ name }) => name === 'followLogs')).toBe(true)
  lab.engine.say(id, 'stdout', 'last')
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  expect(await followed).toContain('event: line\ndata: {"stream":"stdout","text":"last"}\n\nevent: end')
  const idle = await admin.get(`/api/environments/${id}/stats`).expect(409)
  expect(idle.body.detail).toContain('there is nothing to measure')
})

test('the list of templates names the tier of the person, and all tiers', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('dave@lab')
  const { body } = await client.get('/api/templates').expect(200)
  expect(body.tier).toBe('default')
  expect(body.tiers).toEqual(['default', 'premium', 'enterprise'])
  expect(body.items.map(({ name }: { name: string }) => name)).toContain('jupyterlab')
})

test.each([
  ['whether the engine has the image of each', true, { jupyterlab: true, 'minimal-notebook': false }],
  ['nothing of the images while the engine is away', false, { jupyterlab: null, 'minimal-notebook': null }],
])('the list of templates says %s', async (_, reachable, expected) => {
  await using lab = await openLab()
  lab.engine.reachable = reachable
  const { body } = await lab.as(lab.adminToken).get('/api/templates').expect(200)
  const items: { name: string; image_here: boolean | null }[] = body.items
  expect(Object.fromEntries(items.map(({ name, image_here }) => [name, image_here]))).toMatchObject(expected)
})

// Trouble (input): an environment never answers
test('an environment that never answers holds up others for 10 s at most, then fails and is stopped', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ai-lab-'))
  const file = join(folder.path, 'catalog.yaml')
  const catalog = await readFile('catalog.yaml', 'utf8')
  await writeFile(file, catalog.replace('{base_path}api/status"\n', '{base_path}api/status"\n    ready_within: 12s\n'))
  await using lab = await openLab({ env: { CATALOG_FILE: file, STARTS_AT_ONCE: '1' }, answers: 503 })
  const admin = lab.as(lab.adminToken)
  const create = async () => (await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)).body.id
  const [first, second] = [await create(), await create()]
  const shown = async (id: string) => (await admin.get(`/api/environments/${id}`)).body
  await expect.poll(async () => (await shown(second)).status_reason).toContain('It waits for its turn')
  await become(admin, second, 'starting')
  expect(await shown(first)).toMatchObject({ status: 'starting' })
  await become(admin, first, 'failed')
  await expect.poll(async () => (await lab.engine.inspect(first))?.state).toBe('exited')
})
