import { rename } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EventStream, openEvents } from '../support/event-stream.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

let lab: Lab
let url: string
let alice: { client: Client; token: string }
let bob: { client: Client; token: string }
beforeAll(async () => {
  lab = await openLab()
  url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  alice = await lab.newUser('alice')
  bob = await lab.newUser('bob')
})
afterAll(() => lab[Symbol.asyncDispose]())

const follow = (token: string, query = '') => openEvents(`${url}/api/events${query}`, { token })
const create = async ({ client }: { client: Client }): Promise<string> =>
  (await client.post('/api/environments', { template: 'jupyterlab' }).set('prefer', 'wait=20').expect(202)).body.id
const remove = ({ client }: { client: Client }, id: string) =>
  client.delete(`/api/environments/${id}`).set('prefer', 'wait=20').expect(204)

/** The statuses of an environment as the stream told them, without repetitions. */
function statusesOf(stream: EventStream, id: string): string[] {
  const all = stream.of('environment').filter((each) => each.id === id)
  return all.map(({ status }) => status).filter((status, at, list) => status !== list[at - 1])
}

test('a person follows all their environments, from the first to the last change, and nothing of others', async () => {
  using stream = await follow(alice.token)
  expect(stream).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  const [own, others] = [await create(alice), await create(bob)]
  await expect.poll(() => statusesOf(stream, own).at(-1)).toBe('running')
  expect(statusesOf(stream, own)[0]).toMatch(/pending|creating/)
  await alice.client.patch(`/api/environments/${own}`, { name: 'new name' }).expect(200)
  await expect.poll(() => stream.of('environment').at(-1)).toMatchObject({ id: own, name: 'new name' })
  await alice.client.post(`/api/environments/${own}/stop`).expect(202)
  await expect.poll(() => statusesOf(stream, own).at(-1)).toBe('exited')
  await remove(bob, others)
  await remove(alice, own)
  await expect.poll(() => stream.of('gone')).toEqual([{ id: own }])
  expect(stream.events.filter(({ data }) => data.id === others)).toEqual([])
  const bodies = stream.of('environment').map((each) => JSON.stringify(each))
  expect(bodies.filter((body, at) => body === bodies[at - 1])).toEqual([])
})

test('what each event has is what a request for the environment answers', async () => {
  const id = await create(alice)
  using stream = await follow(alice.token)
  await alice.client.patch(`/api/environments/${id}`, { name: 'same' }).expect(200)
  await expect.poll(() => stream.of('environment')).toHaveLength(1)
  const { body } = await alice.client.get(`/api/environments/${id}`).expect(200)
  expect(stream.of('environment')).toEqual([body])
  await remove(alice, id)
  // It was there before the stream began.
  await expect.poll(() => stream.of('gone')).toEqual([{ id }])
})

test("an administrator follows everybody's environments, or one person's", async () => {
  using everybody = await follow(lab.adminToken)
  using ofBob = await follow(lab.adminToken, '?user_id=bob')
  const ids = [await create(alice), await create(bob)]
  for (const id of ids) await expect.poll(() => statusesOf(everybody, id).at(-1)).toBe('running')
  await expect.poll(() => statusesOf(ofBob, ids[1] ?? '').at(-1)).toBe('running')
  await Promise.all([remove(alice, ids[0] ?? ''), remove(bob, ids[1] ?? '')])
  await expect.poll(() => everybody.of('gone').map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
  await expect.poll(() => ofBob.of('gone')).toEqual([{ id: ids[1] }])
  expect(ofBob.events.filter(({ data }) => data.id === ids[0])).toEqual([])
  using refused = await follow(alice.token, '?user_id=bob')
  expect(refused.status).toBe(403)
})

// Trouble (progress): a disk goes while an administrator looks at the page of the lab
test('an administrator who follows everybody hears of each look at the data root, at once when a folder of it goes and comes back', async () => {
  using everybody = await follow(lab.adminToken)
  using ofOne = await follow(lab.adminToken, '?user_id=bob')
  using person = await follow(alice.token)
  const admin = lab.as(lab.adminToken)
  const shared = `${lab.dataDir}/shared`
  const newest = () => everybody.of('proof').at(-1)?.status
  await admin.post('/api/data/consistency').expect(200)
  await expect.poll(newest).toBe('proven')
  await rename(shared, `${shared}-away`)
  await expect.poll(newest, { timeout: 20_000 }).toBe('unproven')
  const { body } = await admin.get('/api/data/consistency').expect(200)
  expect(body).toMatchObject({ status: 'unproven', findings: [{ code: 'marker-missing', backend_path: shared }] })
  await rename(`${shared}-away`, shared)
  await expect.poll(newest, { timeout: 20_000 }).toBe('proven')
  expect(everybody.of('proof').at(-1)).toEqual({ status: 'proven', checked_at: expect.stringMatching(/Z$/) })
  for (const others of [ofOne, person]) expect(others.of('proof')).toEqual([])
})

// Trouble (progress): the engine goes while an administrator looks at the page of the lab
test('an engine that goes away is told as a proof that could not be finished, whatever was proven before', async () => {
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/data/consistency').expect(200)
  using everybody = await follow(lab.adminToken)
  lab.engine.reachable = false
  await admin.post('/api/data/consistency').expect(503)
  await expect.poll(() => everybody.of('proof').at(-1)?.status).toBe('unproven')
  const { body } = await admin.get('/api/data/consistency').expect(200)
  expect(body).toMatchObject({ status: 'unproven', findings: [{ code: 'proof-unfinished' }] })
  lab.engine.reachable = true
  await admin.post('/api/data/consistency').expect(200)
  await expect.poll(() => everybody.of('proof').at(-1)?.status).toBe('proven')
})

// Trouble (progress): the engine stops while somebody follows all environments
test('an engine that is away is told for each environment', async () => {
  const id = await create(alice)
  using stream = await follow(alice.token)
  lab.engine.reachable = false
  await expect.poll(() => statusesOf(stream, id).at(-1)).toBe('unknown')
  lab.engine.reachable = true
  await expect.poll(() => statusesOf(stream, id).at(-1)).toBe('running')
  await remove(alice, id)
})

// Trouble (progress): somebody opens streams of all environments without end
test('one person follows all environments ten times at once', async () => {
  const streams = await Promise.all(Array.from({ length: 10 }, () => follow(alice.token)))
  using more = await follow(alice.token)
  expect(more.status).toBe(429)
  for (const stream of streams) stream[Symbol.dispose]()
  await expect
    .poll(async () => {
      using again = await follow(alice.token)
      return again.status
    })
    .toBe(200)
})
