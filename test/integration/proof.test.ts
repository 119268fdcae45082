import { mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }
const wait = { prefer: 'wait=10' }

test('an owner sees the proof in sentences, an administrator also with paths and remedies', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('demo@ailab.com')
  const { id } = (await client.post('/api/environments', body).set(wait)).body
  const mine = join(lab.dataDir, 'users/demo@ailab.com')
  await rename(mine, `${mine}-away`)
  await mkdir(mine)

  const asOwner = (await client.get(`/api/environments/${id}/mounts`).expect(200)).body
  expect(asOwner).toMatchObject({ id, status: 'unproven' })
  expect(JSON.stringify(asOwner)).not.toContain(lab.folder)
  const inside = asOwner.parts.find(({ part }: { part: string }) => part === 'inside')
  expect(inside.findings).toMatchObject([{ code: 'stale-mount', detail: expect.stringContaining('sees other files') }])

  const asAdmin = (await lab.as(lab.adminToken).get(`/api/environments/${id}/mounts`).expect(200)).body
  expect(asAdmin.parts[3].findings[0]).toMatchObject({
    backend_path: mine,
    remedy: expect.stringContaining('recreate'),
  })
  expect(asAdmin.mounts[1]).toMatchObject({ source: mine, recorded_source: mine, recorded_mode: 'rw' })
})

test('repeated requests for the mounts share one look, and a new container gets a new look', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  const looks = () => lab.engine.calls.filter(({ name }) => name === 'seeInside').length
  await admin.get(`/api/environments/${id}/mounts`).expect(200)
  const before = looks()
  await Promise.all(Array.from({ length: 5 }, () => admin.get(`/api/environments/${id}/mounts`).expect(200)))
  expect(looks()).toBe(before)
  await admin.post(`/api/environments/${id}/recreate`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
  expect((await admin.get(`/api/environments/${id}/mounts`)).body.status).toBe('proven')
  expect(looks()).toBe(before + 1)
})

// Trouble (mounts): the image has no tools for a look from inside
test('an environment that cannot be looked into is unverifiable, and counts as a fault only if a look should work', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  const examined = async () => (await admin.post('/api/data/consistency')).body
  lab.engine.insights.set(id, { kind: 'unverifiable', reason: 'its image has no tools', isFault: false })
  expect(await examined()).toMatchObject({ status: 'proven', environments: [{ id, status: 'unverifiable' }] })
  lab.engine.insights.set(id, { kind: 'unverifiable', reason: 'it hangs', isFault: true })
  expect(await examined()).toMatchObject({
    status: 'degraded',
    findings: [{ code: 'inside-unverifiable', severity: 'warning', detail: expect.stringContaining('it hangs') }],
  })
  lab.engine.insights.delete(id)
  expect(await examined()).toMatchObject({ status: 'proven', findings: [] })
})

test('a failed look into one environment does not stop the looks into others', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const [one, other] = await Promise.all(
    [1, 2].map(async () => (await admin.post('/api/environments', body).set(wait)).body.id),
  )
  const { seeInside } = lab.engine
  const { containerId } = (await lab.engine.inspect(one)) ?? {}
  const { Problem } = await import('../../src/domain/problem.ts')
  lab.engine.seeInside = async (id, options) => {
    if (id === containerId) throw new Problem('engine-unavailable', 'The engine is busy.')
    return seeInside(id, options)
  }
  const { environments } = (await admin.post('/api/data/consistency')).body
  const statusOf = (id: string) => environments.find((each: { id: string }) => each.id === id).status
  expect([statusOf(one), statusOf(other)]).toEqual(['unverifiable', 'proven'])
})

// Trouble (mounts): the file of the database cannot be looked at
test('the data root is unproven while the service cannot see whether it is the same', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const folder = join(lab.dataDir, 'admin')
  await rename(folder, `${folder}-away`)
  await symlink('admin', folder) // a link to itself
  const { root, findings } = (await admin.post('/api/data/consistency')).body
  expect(root.status).toBe('unproven')
  expect(findings).toMatchObject([
    { code: 'data-root-unreadable', backend_path: folder, detail: expect.stringContaining('ai-lab.db') },
  ])
  await rm(folder)
  await rename(`${folder}-away`, folder)
  expect((await admin.post('/api/data/consistency')).body.root.status).toBe('proven')
})

// Trouble (mounts): a folder of the data root disappears between two proofs
test('the next health check notices that a folder disappeared between two proofs, and a later one that it is back', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const admin = lab.as(lab.adminToken)
  expect((await admin.post('/api/data/consistency')).body.status).toBe('proven') // the first examination is done, the next one is an hour away
  await expect.poll(async () => (await admin.get('/api/health')).status).toBe(200)
  const shared = join(lab.dataDir, 'shared')
  await rename(shared, `${shared}-away`)
  await expect.poll(async () => (await admin.get('/api/health')).status, { timeout: 10_000 }).toBe(503)
  expect((await admin.get('/api/health')).body.checks.data_root.codes).toEqual(['marker-missing'])
  await rename(`${shared}-away`, shared)
  await expect.poll(async () => (await admin.get('/api/health')).status, { timeout: 10_000 }).toBe(200)
})

// Trouble (mounts): a disk goes after the root was proven, while the service looks into environments
test('a disk that goes in the middle of an examination is the fault of the root, not of the environments', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  const examined = async () => (await admin.post('/api/data/consistency')).body
  expect(await examined()).toMatchObject({ status: 'proven' })
  const shared = join(lab.dataDir, 'shared')
  lab.engine.beforeCall = async ({ name }) => {
    if (name !== 'list') return
    lab.engine.beforeCall = () => {}
    await rename(shared, `${shared}-away`)
  }
  expect(await examined()).toMatchObject({
    status: 'unproven',
    root: { status: 'unproven' },
    environments: [{ id, status: 'unproven' }],
    findings: [{ code: 'marker-missing', backend_path: shared }],
  })
  await rename(`${shared}-away`, shared)
  expect(await examined()).toMatchObject({ status: 'proven', environments: [{ id, status: 'proven' }] })
})

// Trouble (mounts): the root ceases to be proven while an examination that began before still looks into environments
test('an examination that began before the data root turned says what the newest proof says', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/environments', body).set(wait)
  const health = async () => (await admin.get('/api/health')).body.checks.data_root.status
  expect((await admin.post('/api/data/consistency')).body.status).toBe('proven')
  await expect.poll(health).toBe('healthy')
  const marker = join(lab.dataDir, 'shared/.ai-lab-root')
  lab.engine.beforeCall = async ({ name }) => {
    if (name !== 'seeInside') return
    lab.engine.beforeCall = () => {}
    await rename(marker, `${marker}-away`) // the look finds nothing wrong
    await expect.poll(health, { timeout: 10_000 }).toBe('unhealthy')
  }
  expect((await admin.post('/api/data/consistency')).body).toMatchObject({
    status: 'unproven',
    root: { status: 'unproven' },
    findings: [{ code: 'marker-missing' }],
  })
  expect((await admin.get('/api/data/consistency')).body).toMatchObject({ status: 'unproven' })
})

// Trouble (mounts): the engine goes away in the middle of an examination
test('an engine that goes away in the middle of an examination is no fault of the environments', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/environments', body).set(wait)
  expect((await admin.post('/api/data/consistency')).body.status).toBe('proven')
  let isAway = false
  lab.engine.beforeCall = ({ name }) => {
    isAway ||= name === 'seeInside'
    if (isAway) throw new Problem('engine-unavailable', 'The engine is away.')
  }
  expect((await admin.post('/api/data/consistency')).body.type).toBe('/problems/engine-unavailable')
  const { findings } = (await admin.get('/api/data/consistency')).body
  expect(findings).toMatchObject([{ code: 'proof-unfinished' }])
})

test('a proof that somebody asks for begins after the request, also while another one looks', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const admin = lab.as(lab.adminToken)
  await lab.newUser('second')
  await admin.patch('/api/users/second', { role: 'admin' }).expect(200)
  const { token } = (await admin.post('/api/tokens', { user_id: 'second', name: 'test', role: 'admin' }).expect(201))
    .body
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  expect((await admin.post('/api/data/consistency')).body.status).toBe('proven')
  const [looks, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { seeInside } = lab.engine
  lab.engine.seeInside = async (...of) => {
    const sight = await seeInside(...of)
    looks.resolve()
    await goOn.promise
    return sight
  }
  const first = admin.post('/api/data/consistency').then((answer) => answer.body.status)
  await looks.promise
  lab.engine.insights.set(id, { kind: 'unverifiable', reason: 'it hangs', isFault: true })
  const second = lab
    .as(token)
    .post('/api/data/consistency')
    .then((answer) => answer.body.status)
  await admin.get('/api/health') // by then the second request has come in
  goOn.resolve()
  expect([await first, await second]).toEqual(['proven', 'degraded'])
})

// Trouble (mounts): a restart mounts the folders anew
test('a restart ends what the service said of the run before', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  const elsewhere = { device: '1', inode: '1' }
  lab.engine.insights.set(id, { kind: 'seen', shared: elsewhere, data: elsewhere, rootId: null })
  const shown = async () => (await admin.get(`/api/environments/${id}`)).body
  expect((await admin.post('/api/data/consistency')).body.status).toBe('degraded')
  expect((await shown()).status_reason).toContain('does not see')
  lab.engine.insights.delete(id)
  await admin.post(`/api/environments/${id}/restart`).set(wait).expect(202)
  await expect.poll(shown).toMatchObject({ status: 'running', status_reason: null })
})

// Trouble (mounts): a disk begins to hang in the middle of a proof, and the engine hangs on it too
test('a proof that the engine does not finish shows in health at once, while the next measurement still waits for the engine', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const admin = lab.as(lab.adminToken)
  const health = async () => (await admin.get('/api/health')).body
  expect((await admin.post('/api/data/consistency')).body.status).toBe('proven')
  await expect.poll(health).toMatchObject({ status: 'healthy' })
  const [first, later] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let looks = 0
  lab.engine.beforeCall = async ({ name }) => {
    if (name !== 'look') return
    looks += 1
    await (looks === 1 ? first : later).promise
    if (looks === 1) throw new Problem('engine-unavailable', 'The engine took too long.')
  }
  const checked = admin.post('/api/data/consistency').then(({ status }) => status)
  await expect.poll(() => looks).toBe(1)
  await rename(join(lab.dataDir, 'shared'), join(lab.dataDir, 'away')) // so the measurement wants a proof too
  const asked = () => lab.engine.calls.filter(({ name }) => name === 'info').length
  const before = asked()
  await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(before)
  expect((await health()).status).toBe('healthy')
  first.resolve()
  expect(await checked).toBe(503)
  expect(await health()).toMatchObject({ status: 'unhealthy', checks: { mounts: { codes: ['proof-unfinished'] } } })
  later.resolve()
})

// Trouble (mounts): a disk hangs, and the engine hangs on it too
test('a folder that the service does not see is named, although the engine cannot look', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await rename(join(lab.dataDir, 'shared'), join(lab.dataDir, 'away'))
  lab.engine.beforeCall = ({ name }) => {
    if (name === 'look') throw new Problem('engine-unavailable', 'The engine took too long.')
  }
  expect((await admin.post('/api/data/consistency').expect(200)).body.findings).toMatchObject([
    { code: 'marker-missing' },
  ])
})

// Trouble (mounts): the file system of an environment breaks
test('the broken folder of one person does not stop the looks at others', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await lab.newUser('broken@lab')
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  const other = (await admin.post('/api/environments', { ...body, user_id: 'broken@lab' }).set(wait)).body.id
  const folder = join(lab.dataDir, 'users/broken@lab')
  await rename(folder, `${folder}-away`)
  await symlink('broken@lab', folder)
  const { environments, findings } = (await admin.post('/api/data/consistency').expect(200)).body
  expect(findings).toMatchObject([{ code: 'inside-unverifiable', remedy: expect.not.stringContaining('restart') }])
  expect(new Map(environments.map((each: { id: string; status: string }) => [each.id, each.status]))).toEqual(
    new Map([
      [id, 'proven'],
      [other, 'unverifiable'],
    ]),
  )
})

test('only administrators may check the consistency of the data', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('demo')
  for (const path of ['/api/data/consistency', '/api/data/orphans']) await client.get(path).expect(403)
  await client.post('/api/data/consistency').expect(403)
  await client.post('/api/data/orphans/x/adopt').expect(403)
})

test("recreate is refused while the data root is unproven, and for another person's environment", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  const { client } = await lab.newUser('demo')
  await client.post(`/api/environments/${id}/recreate`).expect(404)
  await rename(lab.dataDir, `${lab.dataDir}-away`)
  await admin.post(`/api/environments/${id}/recreate`).expect(503)
  await rename(`${lab.dataDir}-away`, lab.dataDir)
  expect((await lab.engine.inspect(id))?.state).toBe('running')
})

test('recreate leaves a stopped environment stopped, without a container until its next start', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  const status = async () => (await admin.get(`/api/environments/${id}`)).body.status
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(status).toBe('exited')
  await admin.post(`/api/environments/${id}/recreate`).expect(202)
  await expect.poll(() => lab.engine.inspect(id)).toBeNull()
  expect(await status()).toBe('exited')
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await expect.poll(status).toBe('running')
})

// Trouble (mounts): a container without a record
test('an adopted orphan keeps its container, token and name, and goes on running', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await lab.newUser('demo@ailab.com')
  const { body: made } = await admin
    .post('/api/environments', { ...body, name: 'churn', user_id: 'demo@ailab.com' })
    .set(wait)
  const before = await lab.engine.inspect(made.id)
  const hostPort = lab.engine.specOf(made.id)?.hostPort
  await lab.withRecords((store) => store.forget(made.id))
  await expect.poll(async () => (await admin.get(`/api/environments/${made.id}`)).status).toBe(404)

  const { items } = (await admin.get('/api/data/orphans').expect(200)).body
  expect(items).toMatchObject([{ id: made.id, user_id: 'demo@ailab.com', template: 'jupyterlab', adoptable: true }])
  const secret = lab.engine.specOf(made.id)?.env.JUPYTER_TOKEN
  expect(JSON.stringify(items)).not.toContain(secret)
  await admin.post(`/api/data/orphans/${made.id}/adopt`, { user_id: 'admin' }).expect(409)
  await admin.post(`/api/data/orphans/${made.id}/adopt`).expect(201)
  await expect.poll(async () => (await admin.get(`/api/environments/${made.id}`)).body.status).toBe('running')
  const { body: adopted } = await admin.get(`/api/environments/${made.id}`)
  expect(adopted).toMatchObject({ name: 'churn', user_id: 'demo@ailab.com' })
  expect(await lab.recordedSecret(made.id)).toBe(secret)
  expect((await lab.engine.inspect(made.id))?.containerId).toBe(before?.containerId)
  await admin.post(`/api/data/orphans/${made.id}/adopt`).expect(404)
  lab.engine.vanish(made.id)
  await expect.poll(() => lab.engine.specOf(made.id)?.hostPort).toBe(hostPort)
})

test('when two administrators adopt one orphan at the same instant, one succeeds and the other gets a conflict', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body: made } = await admin.post('/api/environments', body).set(wait)
  await lab.withRecords((store) => store.forget(made.id))
  await expect.poll(async () => (await admin.get(`/api/environments/${made.id}`)).status).toBe(404)

  const { promise: bothLooked, resolve } = Promise.withResolvers<void>()
  let looks = 0
  lab.engine.beforeCall = ({ name }) => {
    if (name !== 'variable') return undefined
    looks += 1
    if (looks === 2) resolve()
    return bothLooked
  }
  const adopting = () => admin.post(`/api/data/orphans/${made.id}/adopt`).then(({ status }) => status)
  expect((await Promise.all([adopting(), adopting()])).toSorted()).toEqual([201, 409])
})

// Trouble (authority): a token that may adopt succeeds, but the answer says that it may not
test('a token with the scope admin can adopt an orphan, and gets the environment', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  await lab.withRecords((store) => store.forget(id))
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).status).toBe(404)
  const asked = { name: 'x', role: 'admin', scopes: ['admin'] }
  const { token } = (await admin.post('/api/tokens', asked).expect(201)).body
  const { body: adopted } = await lab.as(token).post(`/api/data/orphans/${id}/adopt`).expect(201)
  expect(adopted).toMatchObject({ id })
})

// Trouble (mounts): a container of an earlier platform
test('a container of an earlier platform is adopted with a template, and recreated on the data root', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser('demo@ailab.com')
  const { body: made } = await client.post('/api/environments', body).set(wait)
  const spec = lab.engine.specOf(made.id)
  if (!spec) throw new Error('no container was made')
  await lab.engine.create({ ...spec, name: 'jupyter-demo', labels: {}, mounts: [] })
  await lab.withRecords((store) => store.recordLegacyOwners(new Map([['jupyter-demo', made.user_id]])))

  expect((await admin.get('/api/data/orphans')).body.items).toMatchObject([
    { id: 'jupyter-demo', user_id: 'demo@ailab.com', root_id: null, template: null, adoptable: true },
  ])
  const { body: refused } = await admin.post('/api/data/orphans/jupyter-demo/adopt').expect(400)
  expect(refused.errors).toMatchObject([{ pointer: '/template' }])
  await admin.post('/api/data/orphans/jupyter-demo/adopt', body).expect(201)
  await client.post('/api/environments/jupyter-demo/recreate').expect(403) // for a container of an earlier platform only an administrator may
  await admin.post('/api/environments/jupyter-demo/start').expect(202)
  await admin.post('/api/environments/jupyter-demo/recreate').expect(202)
  await expect.poll(async () => (await client.get('/api/environments/jupyter-demo')).body.status).toBe('running')
  expect(lab.engine.specOf('jupyter-demo')?.mounts[1]?.source).toBe(join(lab.dataDir, 'users/demo@ailab.com'))
})
