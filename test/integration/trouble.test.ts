import { chown, cp, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { openLab } from '../support/lab.ts'

const wait = { prefer: 'wait=20' }
const body = { template: 'jupyterlab' }

// Trouble (input): two backends on one data root
test('two backends never work on one data root', async () => {
  await using lab = await openLab()
  await expect(openLab({ env: { DATA_DIR: lab.dataDir } })).rejects.toThrow(
    'Another backend works on this data root already',
  )
  await lab.close()
  await using next = await openLab({ env: { DATA_DIR: lab.dataDir } })
  await next.as(lab.adminToken).get('/api/environments').expect(200)
})

test('after a restart of the service the records are there, and the environments run on', async () => {
  await using lab = await openLab()
  const created = await lab.as(lab.adminToken).post('/api/environments', body).set(wait).expect(202)
  await lab.restart()
  const admin = lab.as(lab.adminToken)
  await expect.poll(async () => (await admin.get(`/api/environments/${created.body.id}`)).body.status).toBe('running')
  expect(lab.engine.calls.filter(({ name }) => name === 'start')).toHaveLength(1)
})

// Trouble (input): the engine goes away and comes back
// Trouble (known): an engine that answers 500, or not at all, looks like a stopped container
test('while the engine is away, environments are unknown and none is created', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  lab.engine.reachable = false

  const refused = await admin.post('/api/environments', body).expect(503)
  expect(refused.body.type).toBe('/problems/engine-unavailable')
  expect(refused.headers['retry-after']).toBe('5')
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('unknown')
  await expect.poll(async () => (await lab.as().get('/api/health')).status).toBe(503)
  await lab.as().get('/api/health/ready').expect(503)
  await lab.as().get('/api/health/live').expect(200)
  await admin.post(`/api/environments/${id}/stop`).expect(202)

  lab.engine.reachable = true
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('exited')
  await expect.poll(async () => (await lab.as().get('/api/health')).status).toBe(200)
  await lab.as().get('/api/health/ready').expect(200)
}, 30_000)

// Trouble (input): the engine goes away and comes back
test('the service starts while the engine is away, and goes to work when the engine is back', async () => {
  await using lab = await openLab()
  const { id } = (await lab.as(lab.adminToken).post('/api/environments', body).set(wait)).body
  lab.engine.reachable = false
  await lab.restart()
  const admin = lab.as(lab.adminToken)
  expect((await admin.get(`/api/environments/${id}`)).body.status).toBe('unknown')
  lab.engine.reachable = true
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
}, 15_000)

// Trouble (input): the engine hangs while the service starts
test('an engine that hangs does not keep the service from answering', async () => {
  await using lab = await openLab()
  const hanging = Promise.withResolvers<void>()
  await lab.restart(async () => {
    lab.engine.beforeCall = () => hanging.promise
  })
  const { body: health } = await lab.as().get('/api/health').expect(503)
  expect(health.checks.engine).toMatchObject({ status: 'unhealthy', detail: 'Not checked yet.' })
  await lab.as().get('/api/health/live').expect(200)
  hanging.resolve()
  await expect.poll(async () => (await lab.as().get('/api/health')).status).toBe(200)
})

// Trouble (input): `HOST_DATA_PATH` names another folder
test('the service refuses a host path with other files, names both paths to administrators only, and makes nothing', async () => {
  await using lab = await openLab({
    realPath: (path) => path.replace('/srv/misspelt', '/nonexistent'),
    env: { HOST_DATA_PATH: '/srv/misspelt' },
  })
  const { client: alice } = await lab.newUser('alice@lab')
  const forUser = await alice.post('/api/environments', body).expect(503)
  expect(forUser.body.type).toBe('/problems/data-root-not-proven')
  expect(forUser.text).not.toContain('/srv/misspelt')
  expect(forUser.text).not.toContain(lab.dataDir)
  const forAdmin = await lab.as(lab.adminToken).post('/api/environments', body).expect(503)
  expect(forAdmin.body.detail).toContain('/srv/misspelt')
  expect(forAdmin.body.detail).toContain(lab.dataDir)
  expect(forAdmin.body.detail).toContain('Set HOST_DATA_PATH')

  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toEqual([])
  expect(await readdir(join(lab.dataDir, 'users'))).toEqual(['.ai-lab-root'])
  const health = await lab.as().get('/api/health').expect(503)
  expect(health.body.checks.mounts.status).toBe('unhealthy')
  expect(health.text).not.toContain('/srv/misspelt')
  expect((await lab.as(lab.adminToken).get('/api/health')).text).toContain('/srv/misspelt')
})

// Trouble (input): `HOST_DATA_PATH` names a copy of the data root
test('the service does not accept a copy of the data root as the root', async () => {
  await using lab = await openLab()
  const copy = join(lab.folder, 'copy')
  await cp(lab.dataDir, copy, { recursive: true, preserveTimestamps: true })
  await lab.close()
  await using fooled = await openLab({ env: { DATA_DIR: lab.dataDir, HOST_DATA_PATH: copy } })
  const refused = await fooled.as(lab.adminToken).post('/api/environments', body).expect(503)
  expect(refused.body.detail).toContain('a copy of this data root, not the root itself')
})

// Trouble (input): the data root goes away under a running service
test('the service refuses environments while its data root is away, writes nothing, and goes on when it is back', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  await rename(join(lab.dataDir, 'users'), join(lab.folder, 'users-away'))
  await mkdir(join(lab.dataDir, 'users'))

  const refused = await admin.post('/api/environments', body).expect(503)
  expect(refused.body.detail).toContain(`finds no marker ${lab.dataDir}/users/.ai-lab-root`)
  lab.engine.exit(id, 0)
  await expect
    .poll(async () => (await admin.get(`/api/environments/${id}`)).body.status_reason)
    .toContain('Is the disk mounted?')
  expect(await readdir(join(lab.dataDir, 'users'))).toEqual([])

  await rm(join(lab.dataDir, 'users'), { recursive: true })
  await rename(join(lab.folder, 'users-away'), join(lab.dataDir, 'users'))
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
}, 20_000)

// Trouble (input): the database or the markers are lost
test('a starting service names a folder without its marker, and leaves it as it is', async () => {
  await using lab = await openLab()
  await lab.close()
  await rm(join(lab.dataDir, 'shared'), { recursive: true })
  await mkdir(join(lab.dataDir, 'shared'))
  await using next = await openLab({ env: { DATA_DIR: lab.dataDir } })
  const refused = await next.as(lab.adminToken).post('/api/environments', body).expect(503)
  expect(refused.body.detail).toContain(`${lab.dataDir}/shared`)
  expect(await readdir(join(lab.dataDir, 'shared'))).toEqual([])
})

// Trouble (input): the database or the markers are lost
test('the service distinguishes a data root that lost its database or its markers from a first start', async () => {
  await using lab = await openLab()
  const { body: before } = await lab.as(lab.adminToken).post('/api/environments', body).set(wait)
  await lab.close()
  const opening = () => openLab({ env: { DATA_DIR: lab.dataDir } })
  await rename(join(lab.dataDir, 'admin'), join(lab.folder, 'admin-away'))
  await expect(opening()).rejects.toThrow('has its marker, but its database')
  await mkdir(join(lab.dataDir, 'admin'))
  await writeFile(join(lab.dataDir, 'admin/ai-lab.db'), '')
  await expect(opening()).rejects.toThrow('is gone or empty')
  await rm(join(lab.dataDir, 'admin'), { recursive: true })
  await rename(join(lab.folder, 'admin-away'), join(lab.dataDir, 'admin'))

  await rm(join(lab.dataDir, '.ai-lab-root'))
  await rename(join(lab.dataDir, 'users/.ai-lab-root'), join(lab.folder, 'marker-away'))
  await expect(opening()).rejects.toThrow('has a database, but not its markers .ai-lab-root')
  // The two other markers agree: the service writes the root's own again.
  await rename(join(lab.folder, 'marker-away'), join(lab.dataDir, 'users/.ai-lab-root'))
  await using next = await opening()
  await next.as(lab.adminToken).get(`/api/environments/${before.id}`).expect(200)
})

// Trouble (known): `HOST_DATA_PATH` changes, and existing containers keep the old mount
test('after the data root moved, the service does not start a container on the old folder, and names both paths', async () => {
  await using lab = await openLab()
  const { id } = (await lab.as(lab.adminToken).post('/api/environments', body).set(wait)).body
  await lab.as(lab.adminToken).post(`/api/environments/${id}/stop`).expect(202)
  await expect
    .poll(async () => (await lab.as(lab.adminToken).get(`/api/environments/${id}`)).body.status)
    .toBe('exited')
  await lab.close()
  const moved = join(lab.folder, 'moved')
  await cp(lab.dataDir, moved, { recursive: true })
  await using next = await openLab({ env: { DATA_DIR: moved }, engine: lab.engine })
  const admin = next.as(lab.adminToken)
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('failed')
  const { status_reason: reason } = (await admin.get(`/api/environments/${id}`)).body
  expect(reason).toContain(join(lab.dataDir, 'shared'))
  expect(reason).toContain(join(moved, 'shared'))
  expect(lab.engine.calls.filter(({ name }) => name === 'start')).toHaveLength(1)

  // The service does not remove it either: it may be the container of a service on the other folder.
  await admin.delete(`/api/environments/${id}`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).status).toBe(404)
  expect(await lab.engine.list()).toHaveLength(1)
})

// Trouble (input): the data root goes away just before a start, or between request and creation
test('the service does not start a container if the data root goes away just before', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('exited')
  await new Promise((resolve) => setTimeout(resolve, 300)) // older than any proof that still counts
  await rename(join(lab.dataDir, 'users'), join(lab.folder, 'users-away'))
  await mkdir(join(lab.dataDir, 'users'))
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await expect
    .poll(async () => (await admin.get(`/api/environments/${id}`)).body.status_reason)
    .toContain('finds no marker')
  expect(lab.engine.calls.filter(({ name }) => name === 'start')).toHaveLength(1)
})

// Trouble (input): the data root goes away just before a start, or between request and creation
test('the service makes no container and no folder if the data root goes away before the creation', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  lab.engine.beforeCall = async ({ name }) => {
    if (name !== 'findImage') return
    lab.engine.beforeCall = () => {}
    await new Promise((resolve) => setTimeout(resolve, 300))
    await rename(join(lab.dataDir, 'users'), join(lab.folder, 'users-away'))
    await mkdir(join(lab.dataDir, 'users'))
  }
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  await expect
    .poll(async () => (await admin.get(`/api/environments/${id}`)).body.status_reason)
    .toContain('finds no marker')
  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toEqual([])
  expect(await readdir(join(lab.dataDir, 'users'))).toEqual([])
})

// Trouble (input): a person's folder is a file, a link, of another user, or gone
test("the service mounts no link in place of a person's folder, and does not make a vanished folder again", async () => {
  await using lab = await openLab()
  const { client: alice } = await lab.newUser('alice@lab')
  const { id } = (await alice.post('/api/environments', body).set(wait)).body
  await alice.post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(async () => (await alice.get(`/api/environments/${id}`)).body.status).toBe('exited')
  const folder = join(lab.dataDir, 'users/alice@lab')
  await rename(folder, `${folder}.away`)
  const refused = async (why: string) => {
    await alice.post(`/api/environments/${id}/start`).expect(202)
    const reason = async () => (await lab.as(lab.adminToken).get(`/api/environments/${id}`)).body.status_reason
    await expect.poll(reason).toContain(why)
  }
  await refused('no such file or directory')
  await symlink('../admin', folder)
  await refused('it is not a folder but a file or a link')
  expect(lab.engine.calls.filter(({ name }) => name === 'start')).toHaveLength(1)
})

// Trouble (input): a person's folder is a file, a link, of another user, or gone
test('a recreate waits while the folder is away and leaves the container as it is; then it goes on', async () => {
  await using lab = await openLab()
  const { client: alice } = await lab.newUser('alice@lab')
  const { id } = (await alice.post('/api/environments', body).set(wait)).body
  const admin = lab.as(lab.adminToken)
  const callsOf = (call: string) => lab.engine.calls.filter(({ name }) => name === call)
  const folder = join(lab.dataDir, 'users/alice@lab')
  await rename(folder, `${folder}.away`)
  const recreate = () => admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  await recreate()
  const view = async () => (await admin.get(`/api/environments/${id}`)).body
  await expect
    .poll(async () => (await view()).status_reason)
    .toContain('is its disk not mounted, or did somebody move the folder?')
  expect((await view()).status).toBe('stopping')
  expect((await alice.get(`/api/environments/${id}`)).body.status_reason).toBe(
    'Your folder cannot be used as it is. An administrator has to look.',
  )
  expect([callsOf('stop'), callsOf('remove')]).toEqual([[], []])
  expect(await readdir(join(lab.dataDir, 'users'))).not.toContain('alice@lab')

  await rename(`${folder}.away`, folder)
  await recreate()
  await expect.poll(async () => (await view()).status).toBe('running')
  expect([callsOf('remove').length, callsOf('create').length]).toEqual([1, 2])
})

// Trouble (input): a person's folder is a file, a link, of another user, or gone
test('the service does not make a vanished folder again, even if no container is left to tell of it', async () => {
  await using lab = await openLab()
  const { client: alice } = await lab.newUser('alice@lab')
  const { id } = (await alice.post('/api/environments', body).set(wait)).body
  const admin = lab.as(lab.adminToken)
  const folder = join(lab.dataDir, 'users/alice@lab')
  await rename(folder, `${folder}.away`)
  lab.engine.vanish(id)
  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  const view = async () => (await admin.get(`/api/environments/${id}`)).body
  await expect.poll(async () => (await view()).status_reason).toContain('it is gone')
  expect((await view()).status).toBe('pending')
  // Nor does a new environment make it, nor an upload.
  const other = (await alice.post('/api/environments', body).expect(202)).body
  const otherView = async () => (await admin.get(`/api/environments/${other.id}`)).body
  await expect.poll(async () => (await otherView()).status_reason).toContain('it is gone')
  const upload = await admin
    .put('/api/users/alice@lab/files/a.txt', 'a' as never)
    .set('content-type', 'text/plain')
    .expect(503)
  expect(upload.body.type).toContain('user-folder-unusable')
  expect(await readdir(join(lab.dataDir, 'users'))).not.toContain('alice@lab')
  // Nor are its files missing.
  for (const path of ['', '?search=a', '?as=tar', '/a.txt', '/a.txt?as=entry'])
    await alice.get(`/api/users/alice@lab/files${path}`).expect(503, /user-folder-unusable/)
  await alice.delete('/api/users/alice@lab/files/a.txt').expect(503, /user-folder-unusable/)

  await rename(`${folder}.away`, folder)
  for (const each of [id, other.id]) await alice.post(`/api/environments/${each}/start`).expect(202)
  await expect.poll(async () => [(await view()).status, (await otherView()).status]).toEqual(['running', 'running'])
})

// Trouble (files): a person's disk is not mounted, and what is written then vanishes when it is mounted again
test("on the empty mount point of a person's disk the service reads and writes nothing, and says why", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client: alice } = await lab.newUser('alice@lab')
  const files = '/api/users/alice@lab/files'
  await alice.put(`${files}/notes.json`, { note: 1 }).expect(201)
  await alice.put(`${files}/old.json`, { note: 2 }).expect(201)
  const { body: trashed } = await alice.delete(`${files}/old.json`).expect(200)
  const folder = join(lab.dataDir, 'users/alice@lab')
  await rename(folder, `${folder}.away`)
  await mkdir(folder)

  const forAdmin = await admin.get(files).expect(503)
  expect(forAdmin.body).toMatchObject({
    type: '/problems/user-folder-unusable',
    detail: expect.stringContaining(`chown 1000:100 '${folder}'`),
  })
  expect((await alice.get(files).expect(503)).body.detail).toBe(
    'Your folder cannot be used as it is. An administrator has to look.',
  )
  const changes = {
    upload: () => alice.put(`${files}/new.json`, { note: 3 }),
    'resumable upload': () =>
      alice.post('/api/uploads').set({
        ...{ 'tus-resumable': '1.0.0', 'upload-length': '10' },
        'upload-metadata': `to ${Buffer.from(`${files}/new.json`).toString('base64')}`,
      }),
    folder: () => alice.post(`${files}/new`, { op: 'make-folder' }),
    copy: () => alice.post(`${files}/notes.json`, { op: 'copy', to: 'new.json' }),
    'return from the trash': () => alice.post(`/api/trash/${trashed.id}/restore`),
  }
  for (const [name, change] of Object.entries(changes)) {
    const { status, text } = await change()
    expect([name, status, text]).toEqual([name, 503, expect.stringContaining('user-folder-unusable')])
  }
  expect(await readdir(folder)).toEqual([])

  await rm(folder, { recursive: true })
  await rename(`${folder}.away`, folder)
  await alice.get(`${files}/notes.json`).expect(200)
  await alice.post(`/api/trash/${trashed.id}/restore`).expect(200)
})

// Trouble (input): a person's folder is a file, a link, of another user, or gone
test('the service does not make a vanished folder again that an administrator had brought', async () => {
  await using lab = await openLab()
  const { client: alice } = await lab.newUser('alice@lab')
  const folder = join(lab.dataDir, 'users/alice@lab')
  await mkdir(folder)
  await chown(folder, 1000, 100)
  const upload = () => alice.put('/api/users/alice@lab/files/notes.json', {})
  await upload().expect(201)
  await rename(folder, `${folder}.away`)
  await upload().expect(503, /user-folder-unusable/)
  expect(await readdir(join(lab.dataDir, 'users'))).not.toContain('alice@lab')
})

// Trouble (files): the service starts while a person's disk is not mounted, and forgets what was on its way to the trash
test('what was on its way to the trash when the service was killed can come back, although the disk was away at the next start', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client: alice } = await lab.newUser('alice@lab')
  const files = '/api/users/alice@lab/files'
  // An older record without an entry: once it is forgotten, the start has looked at the other one too.
  await admin.put('/api/shared/files/lost.json', {}).expect(201)
  const { body: lost } = await admin.delete('/api/shared/files/lost.json').expect(200)
  await expect.poll(Date.now).toBeGreaterThan(Date.parse(lost.deleted))
  await alice.put(`${files}/old.json`, { note: 'precious' }).expect(201)
  const { body: trashed } = await alice.delete(`${files}/old.json`).expect(200)
  const [folder, trash] = [join(lab.dataDir, 'users/alice@lab'), join(lab.dataDir, 'admin/trash')]
  const away = join(lab.folder, 'unplugged')

  await lab.restart(async () => {
    await rm(join(trash, lost.id))
    await rename(join(trash, trashed.id), join(folder, `.ai-lab-work/trash-${trashed.id}`))
    await rename(folder, away)
  })
  await expect.poll(async () => (await admin.get('/api/trash?shared=true')).body.items).toEqual([])
  await lab.restart(() => rename(away, folder))
  await expect.poll(() => readdir(trash)).toEqual([trashed.id])
  expect((await alice.get('/api/trash').expect(200)).body.items).toMatchObject([{ id: trashed.id }])
  await alice.post(`/api/trash/${trashed.id}/restore`).expect(200)
  expect(await readFile(join(folder, 'old.json'), 'utf8')).toContain('precious')
})

// Trouble (input): the engine does not carry out a start
test('starts that the engine did not carry out do not count as ends of the container', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  let refusals = 0
  lab.engine.beforeCall = ({ name }) => {
    if (name !== 'start' || refusals === 7) return
    refusals += 1
    throw new Problem('engine-unavailable', 'The engine does not answer.')
  }
  // Ends the stream of events; when it begins again, the service looks at all environments.
  const hint = () => {
    lab.engine.reachable = false
    lab.engine.reachable = true
  }
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  while (refusals < 7) {
    const before = refusals
    hint()
    await expect.poll(() => refusals).toBeGreaterThan(before)
  }
  hint()
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
}, 30_000)

// Trouble (input): the engine fails a call once
test('the service repeats a creation within seconds after the engine failed it once', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  let failed = false
  lab.engine.beforeCall = ({ name }) => {
    if (name !== 'create' || failed) return
    failed = true
    throw new Problem('engine-unavailable', 'The engine does not answer.')
  }
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
  expect(failed).toBe(true)
})

// Trouble (desired): somebody starts an environment before the service has looked at it
test('a start before the service has looked wins over an earlier docker stop', async () => {
  await using lab = await openLab()
  const admin = () => lab.as(lab.adminToken)
  const { id } = (await admin().post('/api/environments', body).set(wait)).body
  await lab.restart(async () => {
    await lab.engine.stop(id, 0)
    lab.engine.reachable = false
  })
  expect((await admin().post(`/api/environments/${id}/start`).expect(202)).body.status).toBe('unknown')
  lab.engine.reachable = true
  await expect.poll(async () => (await admin().get(`/api/environments/${id}`)).body.status).toMatch(/running|exited/)
  expect((await admin().get(`/api/environments/${id}`)).body).toMatchObject({
    desired_state: 'running',
    status: 'running',
  })
})

// Trouble (desired): a foreign container takes the name just before a start
test('the service does not start a foreign container that took the name just before', async () => {
  await using lab = await openLab()
  lab.engine.beforeCall = async ({ name }) => {
    if (name !== 'start') return
    lab.engine.beforeCall = () => {}
    const [id = ''] = (await lab.engine.list()).map(({ environmentId }) => environmentId)
    const spec = lab.engine.specOf(id)
    lab.engine.vanish(id)
    if (spec) await lab.engine.create({ ...spec, labels: {} })
  }
  const { body: answer } = await lab.as(lab.adminToken).post('/api/environments', body).set(wait).expect(202)
  expect(answer.status).toBe('failed')
  expect(await lab.engine.inspect(answer.id)).toMatchObject({ state: 'created', labels: {} })
})

// Trouble (input): the clocks of engine and service differ
test('a restart happens once, although the clock of the service is an hour behind', async () => {
  await using lab = await openLab({ now: () => Date.now() - 3_600_000 })
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  await admin.post(`/api/environments/${id}/restart`).expect(202)
  const starts = () => lab.engine.calls.filter(({ name }) => name === 'start').length
  await expect.poll(starts).toBe(2)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
  expect(starts()).toBe(2)
})

// Trouble (input): the clocks of engine and service differ
test.each(['stopped', 'paused'])(
  'a restart of a %s environment happens once, also after the service started again, although the clocks differ',
  async (state) => {
    for (const aheadMs of [-3_600_000, 3_600_000]) {
      await using lab = await openLab({ now: () => Date.now() + aheadMs })
      const { id } = (await lab.as(lab.adminToken).post('/api/environments', body).set(wait)).body
      const status = async () => (await lab.as(lab.adminToken).get(`/api/environments/${id}`)).body.status
      await lab
        .as(lab.adminToken)
        .post(`/api/environments/${id}/${state === 'paused' ? 'pause' : 'stop'}`)
        .expect(202)
      const settled = state === 'paused' ? 'paused' : 'exited'
      await expect.poll(status).toBe(settled)
      await lab.restart()
      await expect.poll(status).toBe(settled)
      await lab.as(lab.adminToken).post(`/api/environments/${id}/restart`).expect(202)
      const starts = () => lab.engine.calls.filter(({ name }) => name === 'start').length
      await expect.poll(starts).toBe(2)
      await expect.poll(status).toBe('running')
      expect(starts()).toBe(2)
    }
  },
)

// Trouble (input): a notebook server is busy when the service starts
test('a starting service leaves a busy server running, and shows it as running once it answers', async () => {
  await using lab = await openLab()
  const { id } = (await lab.as(lab.adminToken).post('/api/environments', body).set(wait)).body
  lab.notebookAnswers(503)
  await lab.restart()
  const admin = lab.as(lab.adminToken)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('starting')
  lab.notebookAnswers(200)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
  expect(lab.engine.calls.filter(({ name }) => name === 'stop')).toEqual([])
})

// Trouble (input): the service ends while a client waits
test('the service ends at once while a client waits for an environment', async () => {
  await using lab = await openLab({ answers: 503 })
  const waiting = lab.as(lab.adminToken).post('/api/environments', body).set(wait)
  const answer = waiting.then(({ status }) => status)
  await expect.poll(() => lab.engine.calls.some(({ name }) => name === 'start')).toBe(true)
  const began = performance.now()
  await lab.close()
  expect(await answer).toBe(202)
  expect(performance.now() - began).toBeLessThan(5_000)
})

test('five first environments of a person, created at once, all get a folder with the right owner', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('demo@ailab.com')
  const made = await Promise.all(Array.from({ length: 5 }, () => client.post('/api/environments', body).set(wait)))
  expect(made.map((each) => each.body.status)).toEqual(Array(5).fill('running'))
  expect(await readdir(join(lab.dataDir, 'users'))).not.toContainEqual(expect.stringMatching(/^\.new-/))
})

// Trouble (input): a person's folder is a file, a link, of another user, or gone
test('a person whose folder is a file gets a sentence, not a broken notebook', async () => {
  await using lab = await openLab()
  const { client: alice } = await lab.newUser('alice@lab')
  const folder = join(lab.dataDir, 'users/alice@lab')
  await cp(join(lab.dataDir, 'shared/README.md'), folder)
  const { body: answer } = await alice.post('/api/environments', body).set({ prefer: 'wait=1' }).expect(202)
  expect(answer.status).toBe('pending')
  expect(answer.status_reason).toBe('Your folder cannot be used as it is. An administrator has to look.')
  const forAdmin = await lab.as(lab.adminToken).get(`/api/environments/${answer.id}`)
  expect(forAdmin.body.status_reason).toContain(`${folder} cannot be used: it is not a folder but a file or a link`)
  expect((await stat(folder)).isFile()).toBe(true)
})

// Trouble (input): a person's folder is a file, a link, of another user, or gone
// Trouble (known): a recursive chown destroys ownership
test("when a person's folder belongs to another user, the administrator gets the command, and nothing changes", async () => {
  await using lab = await openLab()
  const { client: alice } = await lab.newUser('alice@lab')
  const folder = join(lab.dataDir, 'users/alice@lab')
  await mkdir(folder, { mode: 0o755 })
  await chown(folder, 4321, 4321)
  const { body: answer } = await alice.post('/api/environments', body).set({ prefer: 'wait=1' }).expect(202)
  expect(answer.status).toBe('pending')
  const forAdmin = await lab.as(lab.adminToken).get(`/api/environments/${answer.id}`)
  expect(forAdmin.body.status_reason).toContain(`chown 1000:100 '${folder}'`)
  expect((await stat(folder)).uid).toBe(4321)
  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toEqual([])

  await chown(folder, 1000, 100)
  await alice.post(`/api/environments/${answer.id}/start`).expect(202)
  await expect.poll(async () => (await alice.get(`/api/environments/${answer.id}`)).body.status).toBe('running')
})

test('the service refuses a data root that is a file or has no parent folder', async () => {
  await expect(openLab({ env: { DATA_DIR: '/etc/hostname' } })).rejects.toThrow('/etc/hostname')
  await expect(openLab({ env: { DATA_DIR: '/nonexistent/a/b' } })).rejects.toThrow('neither does the folder it is in')
})

// Trouble (input): the catalogue cannot be used
test('the service names a catalogue that is missing, no YAML, or no catalogue', async () => {
  await using lab = await openLab()
  const file = join(lab.folder, 'catalog.yaml')
  const opening = () => openLab({ env: { CATALOG_FILE: file } })
  await expect(opening()).rejects.toThrow(`CATALOG_FILE: ${file} cannot be read`)
  await writeFile(file, 'tiers: [')
  await expect(opening()).rejects.toThrow(`CATALOG_FILE: ${file} is not YAML: `)
  await writeFile(file, '')
  await expect(opening()).rejects.toThrow(`CATALOG_FILE: ${file} is not a catalogue`)
  await writeFile(file, 'tiers: {}\ntemplates: {}\n')
  await expect(opening()).rejects.toThrow('tiers: there must be a tier named "default"')
})

// Trouble (input): the name of a template cannot be part of a host name, so that no browser could open its environments
test.each([
  ['of 50 characters', 'a'.repeat(50), 'has at most 49 characters'],
  ['with an underscore', 'my_lab', 'has a-z, 0-9 and single dashes'],
  ['with capitals', 'JupyterLab', 'has a-z, 0-9 and single dashes'],
  ['that ends with a dash', 'lab-', 'has a-z, 0-9 and single dashes'],
])('the service refuses a catalogue with a template name %s', async (_, name, words) => {
  await using lab = await openLab()
  const file = join(lab.folder, 'catalog.yaml')
  await writeFile(file, (await readFile('catalog.yaml', 'utf8')).replace('  jupyterlab:\n', `  ${name}:\n`))
  const opening = openLab({ env: { CATALOG_FILE: file } })
  await expect(opening).rejects.toThrow(`\n  templates.${name}: a template's name ${words}`)
})

// Trouble (desired): the engine shuts down while an environment starts
test('an environment that a stopping engine ended during its start starts once the engine is back', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  const status = async () => (await admin.get(`/api/environments/${id}`)).body.status
  await expect.poll(async () => (await lab.engine.inspect(id))?.state).toBe('running')
  lab.engine.beforeCall = ({ name }) => {
    // The engine still answers over open connections, but takes no new one.
    if (name === 'wasStopped') throw new Problem('engine-unavailable', 'The container engine does not answer.')
  }
  lab.engine.exit(id, 143)
  await expect.poll(status).toBe('unknown')
  lab.engine.beforeCall = () => {}
  lab.notebookAnswers(200)
  lab.engine.reachable = false // ends the stream of events; when it begins again, the service looks at all environments
  lab.engine.reachable = true
  await expect.poll(status).toBe('running')
  expect(lab.engine.calls.filter(({ name }) => name === 'start')).toHaveLength(2)
})
