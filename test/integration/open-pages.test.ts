// The pages on the way to an environment that does not run yet.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { userId } from '../../src/domain/people/user-id.ts'
import { become, running } from '../support/become.ts'
import { type Lab, openLab } from '../support/lab.ts'

const image = 'ai-lab/jupyterlab:latest'
const visit = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

async function signIn(lab: Lab, id: string): Promise<string> {
  const password = 'a long enough password'
  await lab.as(lab.adminToken).put(`/api/users/${id}/password`, { password }).expect(204)
  const { headers } = await lab.as().post('/api/session', { user_id: id, password }).expect(200)
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

/** Opens an environment as its owner; gives the answer. */
function open(lab: Lab, cookie: string, id: string) {
  return lab
    .as()
    .get(`/open/${id}`)
    .set({ cookie, ...visit })
}

// Trouble (progress): somebody opens an environment and sees nothing happen for minutes
test('the page says how much of the image is there, and looks again each second', async () => {
  await using lab = await openLab({ images: [], registry: [image] })
  const pull = Promise.withResolvers<void>()
  lab.engine.duringPull = async (_, onProgress) => {
    onProgress({
      currentBytes: 250,
      totalBytes: 1000,
      layers: [{ id: 'a', phase: 'downloading', currentBytes: 250, totalBytes: 1000 }],
    })
    await pull.promise
  }
  const cookie = await signIn(lab, 'admin')
  const { body } = await lab.as(lab.adminToken).post('/api/environments', { template: 'jupyterlab', name: 'churn' })
  await expect.poll(async () => (await open(lab, cookie, body.id)).text).toContain('<progress max="100" value="25">')
  const { text, headers } = await open(lab, cookie, body.id)
  expect(text).toContain('churn is being fetched')
  expect([headers.refresh, headers['cache-control']]).toEqual([`1;url=/open/${body.id}?waits=1`, 'no-store'])
  pull.resolve()
  await expect.poll(async () => (await open(lab, cookie, body.id)).status).toBe(303)
})

test('the page says which place an environment has in the queue', async () => {
  await using lab = await openLab({ env: { STARTS_AT_ONCE: '1' } })
  const { promise: held, resolve: goOn } = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'start' ? held : undefined)
  const cookie = await signIn(lab, 'admin')
  const create = async () =>
    (await lab.as(lab.adminToken).post('/api/environments', { template: 'jupyterlab' }).expect(202)).body.id
  await create()
  await create()
  const last = await create()
  await expect.poll(async () => (await open(lab, cookie, last)).text).toContain('number 2 in the queue')
  goOn()
  await expect.poll(async () => (await open(lab, cookie, last)).status).toBe(303)
})

// Trouble (mounts): the proof does not hold, and a person who opens their environment reads nothing of it
test('the page says that the files are not proven, and starts the environment once they are', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '250ms' } })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('exited')
  const cookie = await signIn(lab, 'admin')
  const marker = join(lab.dataDir, 'shared/.ai-lab-root')
  await rename(marker, `${marker}.away`)
  await expect.poll(async () => (await admin.get('/api/data/consistency')).body.status).not.toBe('proven')
  await expect.poll(async () => (await open(lab, cookie, id)).text).toContain('so it starts none')
  await rename(`${marker}.away`, marker)
  await expect.poll(async () => (await open(lab, cookie, id)).status, { timeout: 10_000 }).toBe(303)
})

// Trouble (desired): a tab waits for an environment, and its owner stops it in another one
test('a page that waits starts nothing that somebody has stopped meanwhile, and offers to', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const held = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'start' ? held.promise : undefined)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  const cookie = await signIn(lab, 'admin')
  const get = (path: string) =>
    lab
      .as()
      .get(path)
      .set({ cookie, ...visit })
  const refresh = (await open(lab, cookie, body.id)).headers.refresh ?? ''
  await admin.post(`/api/environments/${body.id}/stop`).expect(202)
  held.resolve()
  await become(admin, body.id, 'exited')

  const shown = await get(refresh.replace('1;url=', ''))
  expect((await admin.get(`/api/environments/${body.id}`)).body.desired_state).toBe('stopped')
  expect(shown.headers.refresh).toBeUndefined()
  expect(shown.text).toContain('was stopped meanwhile')
  const press = lab.as().post(`/open/${body.id}`).type('form').send('')
  const { headers } = await press.set({ cookie, origin: 'http://localhost:5555' }).expect(200)
  const onward = headers.refresh?.replace('0;url=', '') ?? ''
  await expect.poll(async () => (await get(onward)).status).toBe(303)
})

// Trouble (desired): somebody opens a paused environment that is just being stopped
test('the page of a paused environment that is just being stopped waits for that, and then starts it', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  await admin.post(`/api/environments/${id}/pause`).expect(202)
  await become(admin, id, 'paused')
  const held = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'unpause' ? held.promise : undefined)
  await admin.post(`/api/environments/${id}/stop`).expect(202)

  const cookie = await signIn(lab, 'admin')
  const { status, headers, text } = await open(lab, cookie, id)
  held.resolve()
  expect([status, headers.refresh]).toEqual([200, `1;url=/open/${id}`])
  expect(text).toContain('is stopping')
  await become(admin, id, 'exited')
  await expect.poll(async () => (await open(lab, cookie, id)).status).toBe(303)
})

// Trouble (authority): an administrator hides an opening behind a hundred of another environment
test('an opening of an environment is told however often another one was opened since', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const [once, often] = [await running(client), await running(client)]
  await lab.withRecords(async (records) => {
    const opening = { userId: userId.parse('admin'), by: 'browser' } as const
    await records.addOpening({ ...opening, environmentId: once, at: Date.now() - 60_000 })
    for (let count = 0; count < 100; count += 1) {
      await records.addOpening({ ...opening, environmentId: often, at: Date.now() })
    }
  })
  for (const [id, count] of [
    [once, 1],
    [often, 100],
  ] as const)
    expect((await client.get(`/api/environments/${id}/openings`).expect(200)).body.items).toHaveLength(count)
})
