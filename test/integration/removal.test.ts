/** The removal of a person: what becomes of their environments and their folder is chosen. */
import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { newPerson } from '../support/sign-in.ts'

const wait = { prefer: 'wait=20' }
const both = '/api/users/alice?environments=delete&folder=trash'

/** Alice has two environments and a file. */
async function labOfAlice(): Promise<{ lab: Lab; admin: Client; alice: Client; ids: string[] }> {
  const lab = await openLab()
  onTestFinished(() => lab[Symbol.asyncDispose]())
  const { client: alice } = await lab.newUser('alice')
  const ids: string[] = []
  for (let number = 0; number < 2; number += 1) {
    const { body } = await alice.post('/api/environments', { template: 'jupyterlab' }).set(wait).expect(202)
    ids.push(body.id)
  }
  await alice
    .put('/api/users/alice/files/work/notes.txt', 'mine' as never)
    .set('content-type', 'text/plain')
    .expect(201)
  return { lab, admin: lab.as(lab.adminToken), alice, ids }
}

const fileOf = ({ dataDir }: Lab) => readFile(join(dataDir, 'users/alice/work/notes.txt'), 'utf8')
const people = async ({ dataDir }: Lab) =>
  (await readdir(join(dataDir, 'users'))).filter((name) => !name.startsWith('.'))

/** Lets the engine remove no container until the given function is called. */
function holdRemovals({ engine }: Lab): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  engine.beforeCall = ({ name }) => (name === 'remove' ? promise : undefined)
  return () => {
    engine.beforeCall = () => {}
    resolve()
  }
}

/** Begins as many removals as may work at a time. With `holdRemovals` they do not end, so that the next one waits for its turn. */
async function takeAllTurns(admin: Client): Promise<void> {
  for (const id of ['one', 'two', 'three', 'four']) {
    await admin.post('/api/users', { id }).expect(201)
    await admin.post('/api/environments', { template: 'jupyterlab', user_id: id }).set(wait).expect(202)
    await admin.delete(`/api/users/${id}?environments=delete`).expect(202)
  }
}

const ended = async (admin: Client, id: string) => (await admin.get(`/api/jobs/${id}`).set(wait).expect(200)).body
const doing = async (admin: Client, id: string) => (await admin.get(`/api/jobs/${id}`).expect(200)).body.progress?.doing

// Trouble (authority): a person leaves the lab, and an administrator deletes what they had by hand, one thing after the other
test('a person is removed with their environments; their folder stays unless its way to the trash is chosen', async () => {
  const { lab, admin, alice, ids } = await labOfAlice()
  const refused = await admin.delete('/api/users/alice').expect(409)
  expect(refused.body.detail).toContain(`environments: ${ids.join(', ')}. Let them be deleted too`)
  await admin.delete('/api/users/alice?folder=trash').expect(409)
  await alice.get('/api/me').expect(200) // nobody was disabled

  const { body, headers } = await admin.delete('/api/users/alice?environments=delete').set(wait).expect(202)
  expect(headers.location).toBe(`/api/jobs/${body.id}`)
  expect(body).toMatchObject({
    ...{ kind: 'remove-person', title: 'Remove alice: delete their environments, keep users/alice', status: 'done' },
    result: { environments: ids, trashed: false, removed: true },
  })
  await admin.get('/api/users/alice').expect(404)
  await alice.get('/api/me').expect(401)
  for (const id of ids) await admin.get(`/api/environments/${id}`).expect(404)
  expect(ids.some((id) => lab.engine.specOf(id))).toBe(false)
  expect(await fileOf(lab)).toBe('mine')
})

// Trouble (authority): the id of a person who was removed is given to another one, who reads what the first one had
test('a whole folder in the trash is for administrators, also once another person has the same id', async () => {
  const { lab, admin } = await labOfAlice()
  const { mode, uid } = await stat(join(lab.dataDir, 'users/alice'))
  await admin
    .delete(both)
    .set(wait)
    .expect(202, /"status":"done"/)
  expect(await people(lab)).toEqual([])
  const { body } = await admin.get('/api/trash?user_id=alice').expect(200)
  expect(body.items).toMatchObject([{ user_id: 'alice', path: '', kind: 'folder', deleted_by: 'admin' }])
  const [{ id }] = body.items

  const { client: second } = await lab.newUser('alice')
  expect((await second.get('/api/trash').expect(200)).body).toEqual({ items: [], next_cursor: null })
  await second.post(`/api/trash/${id}/restore`).expect(404)
  await second.delete(`/api/trash/${id}`).expect(404)
  await second
    .put('/api/users/alice/files/work', 'new' as never)
    .set('content-type', 'text/plain')
    .expect(201)
  await admin.post(`/api/trash/${id}/restore`).expect(409, /The folder has work already/)
  await second.delete('/api/users/alice/files/work').expect(200)
  expect((await second.get('/api/trash').expect(200)).body.items).toMatchObject([{ path: 'work' }])
  await admin.post(`/api/trash/${id}/restore`).expect(200)
  expect(await fileOf(lab)).toBe('mine')
  await second.get('/api/users/alice/files/work/notes.txt').expect(200)
  expect(await stat(join(lab.dataDir, 'users/alice'))).toMatchObject({ mode, uid })
})

test('a person without environments and without a folder is removed in the same way', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await lab.newUser('alice')
  const { body } = await admin.delete(both).set(wait).expect(202)
  expect(body).toMatchObject({ status: 'done', result: { environments: [], trashed: false, removed: true } })
  expect((await admin.get('/api/trash?user_id=alice').expect(200)).body.items).toEqual([])
  await admin.delete(both).expect(404)
  await admin.delete('/api/users/alice?folder=bin').expect(400, /folder/)
})

test('the whole folder of a person who has no account any more comes back to its place', async () => {
  const { lab, admin } = await labOfAlice()
  await admin
    .delete(both)
    .set(wait)
    .expect(202, /"status":"done"/)
  const { body } = await admin.get('/api/trash?user_id=alice').expect(200)
  expect((await admin.post(`/api/trash/${body.items[0].id}/restore`).expect(200)).body.path).toBe('')
  expect(await fileOf(lab)).toBe('mine')
  expect((await admin.get('/api/trash?user_id=alice').expect(200)).body.items).toEqual([])
})

// Trouble (authority): an administrator removes the wrong person, and cannot stop it
test('a removal is cancelled before the account goes, says what is done, and goes on when it is asked for again', async () => {
  const { lab, admin, alice, ids } = await labOfAlice()
  const goOn = holdRemovals(lab)
  const { body: begun } = await admin.delete(both).expect(202)
  expect(begun.status).toBe('queued')
  await alice.get('/api/me').expect(401) // at once
  for (const choice of ['', '?folder=trash', '?environments=delete', '?environments=delete&folder=trash']) {
    const { body } = await admin.delete(`/api/users/alice${choice}`).expect(409, /job-under-way/)
    expect(body.detail).toContain(begun.id)
  }
  await expect.poll(() => doing(admin, begun.id)).toContain('of 2 environments')
  const { body: cancelled } = await admin.post(`/api/jobs/${begun.id}/cancel`).expect(200)
  expect(cancelled).toMatchObject({ status: 'cancelled', result: null })
  expect(cancelled.progress.doing).toContain(
    'alice still has an account, which is disabled; these environments are deleted',
  )
  expect((await admin.get('/api/users/alice').expect(200)).body).toMatchObject({ disabled: true })
  expect(await fileOf(lab)).toBe('mine')
  goOn()
  await admin
    .delete(both)
    .set(wait)
    .expect(202, /"status":"done"/)
  expect([await people(lab), ids.some((id) => lab.engine.specOf(id))]).toEqual([[], false])
  for (const id of ids) await admin.get(`/api/environments/${id}`).expect(404)
})

// Trouble (worst): the service ends in the middle of a removal
test('a removal goes on after a restart of the service', async () => {
  const { lab, admin } = await labOfAlice()
  const goOn = holdRemovals(lab)
  const { body: begun } = await admin.delete(both).expect(202)
  await expect.poll(() => doing(admin, begun.id)).toContain('of 2 environments')
  const restarted = lab.restart()
  goOn() // or the engine's call would not end
  await restarted
  expect(await ended(admin, begun.id)).toMatchObject({ status: 'done', result: { trashed: true, removed: true } })
  await admin.get('/api/users/alice').expect(404)
  expect(await people(lab)).toEqual([])
})

// Trouble (authority): a narrowed token deletes environments or files by the removal of their owner
test('a token removes with a person only what its scopes let it delete', async () => {
  const { lab, admin } = await labOfAlice()
  const narrowed = async (...more: string[]) => {
    const asked = { name: 'x', role: 'admin', scopes: ['admin', ...more] }
    return lab.as((await admin.post('/api/tokens', asked).expect(201)).body.token)
  }
  const [bare, ofFiles, ofBoth] = [await narrowed(), await narrowed('files'), await narrowed('files', 'environments')]
  await bare.delete('/api/users/alice?environments=delete').expect(403, /environments:write/)
  await bare.delete('/api/users/alice?folder=trash').expect(403, /files:write/)
  await ofFiles.delete(both).expect(403)
  await ofFiles.delete('/api/users/alice?folder=trash').expect(409) // alice has environments
  expect((await admin.get('/api/users/alice').expect(200)).body).toMatchObject({ disabled: false })
  await ofBoth
    .delete(both)
    .set(wait)
    .expect(202, /"status":"done"/)
})

test('an administrator who is demoted meanwhile removes nobody, and the last one is not removed', async () => {
  const { lab, admin } = await labOfAlice()
  await admin.delete('/api/users/admin?folder=trash').expect(409, /last-credential|wrong-state/)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const { body: token } = await admin.post('/api/tokens', { user_id: 'second', name: 'x', role: 'admin' }).expect(201)
  const goOn = holdRemovals(lab)
  const { body: begun } = await lab.as(token.token).delete(both).expect(202)
  await expect.poll(() => doing(admin, begun.id)).toContain('of 2 environments')
  await admin.patch('/api/users/second', { role: 'user' }).expect(200)
  goOn()
  const job = await ended(admin, begun.id)
  expect(job).toMatchObject({ status: 'failed', failure: { code: 'forbidden' } })
  expect(job.failure.detail).toMatch(/^second is no administrator any more\. So far: alice still has an account/)
  await admin.get('/api/users/alice').expect(200)
  expect(await fileOf(lab)).toBe('mine')
})

// Trouble (authority): an administrator who has removed the wrong person enables them, as they were told, while the job works
test('a person who is enabled while the job removes them keeps their account and their files', async () => {
  const { lab, admin, alice } = await labOfAlice()
  const goOn = holdRemovals(lab)
  const { body: begun } = await admin.delete(both).expect(202)
  await expect.poll(() => doing(admin, begun.id)).toContain('of 2 environments')
  await admin.patch('/api/users/alice', { disabled: false }).expect(200)
  goOn()
  const job = await ended(admin, begun.id)
  expect(job).toMatchObject({ status: 'failed', failure: { code: 'wrong-state' } })
  expect(job.failure.detail).toMatch(/^alice was enabled meanwhile: the removal has ended\. So far: these environments/)
  await alice.get('/api/me').expect(200)
  expect(await fileOf(lab)).toBe('mine')
})

// Trouble (authority): an account is removed alone while a job waits to put the folder into the trash
test('an account is not removed alone while a job removes the person, which the refusal names', async () => {
  const { lab, admin } = await labOfAlice()
  const goOn = holdRemovals(lab)
  onTestFinished(goOn)
  await takeAllTurns(admin)
  const { client: bob } = await lab.newUser('bob')
  await bob
    .put('/api/users/bob/files/notes.txt', 'mine' as never)
    .set('content-type', 'text/plain')
    .expect(201)
  const { body: begun } = await admin.delete('/api/users/bob?folder=trash').expect(202)
  expect(begun.status).toBe('queued')

  const words = `The job ${begun.id} removes bob already`
  const { body: refused } = await admin.delete('/api/users/bob').expect(409)
  expect(refused).toMatchObject({ type: '/problems/job-under-way', detail: expect.stringContaining(words) })
  const env = { ...process.env, DATA_DIR: lab.dataDir }
  const command = promisify(execFile)('bin/ailab', ['user', 'remove', 'bob'], { env })
  await expect(command).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(words) })

  goOn()
  expect(await ended(admin, begun.id)).toMatchObject({ status: 'done', result: { trashed: true, removed: true } })
  expect(await people(lab)).not.toContain('bob')
  await admin.delete('/api/users/bob').expect(404)
  const { body: again } = await admin.post('/api/users', { id: 'bob' }).expect(201)
  await admin.delete(`/api/users/${again.id}`).expect(204)
})

// Trouble (authority): a removal is refused because too many jobs are under way, and has locked the person out all the same
test('a person whose removal is refused is let in as before', async () => {
  const { lab, admin, alice } = await labOfAlice()
  const goOn = holdRemovals(lab)
  onTestFinished(goOn)
  await takeAllTurns(admin)
  for (let number = 4; number < 20; number += 1) {
    const { body } = await admin.post('/api/users', { id: `leaver-${number}` }).expect(201)
    await admin.delete(`/api/users/${body.id}?environments=delete`).expect(202)
  }
  await admin.delete(both).expect(429, /too-many-at-once/)
  await alice.get('/api/me').expect(200)
  const { client: carol } = await newPerson(lab, 'carol')
  await admin.delete('/api/users/carol?folder=trash').expect(429)
  await carol.get('/api/me').expect(200) // their session goes on
  await admin.patch('/api/users/alice', { disabled: true }).expect(200)
  await admin.delete(both).expect(429)
  expect((await admin.get('/api/users/alice').expect(200)).body).toMatchObject({ disabled: true })
})

// Trouble (authority): the id of a person who was removed is given to another one, who goes on with an upload of the first one
test('the unfinished uploads of a person go with their folder', async () => {
  const { lab, admin, alice } = await labOfAlice()
  const { headers } = await alice
    .post('/api/uploads')
    .set({ 'tus-resumable': '1.0.0', 'upload-length': '10' })
    .set('upload-metadata', `to ${Buffer.from('/api/users/alice/files/work/secret.bin').toString('base64')}`)
    .expect(201)
  const { pathname } = new URL(headers.location ?? '', 'http://localhost')
  await admin
    .delete(both)
    .set(wait)
    .expect(202, /"status":"done"/)
  const { client: second } = await lab.newUser('alice')
  expect((await second.get('/api/uploads').expect(200)).body).toMatchObject({ items: [] })
  await second.head(pathname).set('tus-resumable', '1.0.0').expect(404)
})
