import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import type { PullProgress } from '../../src/domain/environment/pull.ts'
import { Problem } from '../../src/domain/problem.ts'
import { openEvents, type ReceivedEvent } from '../support/event-stream.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

const image = 'ai-lab/jupyterlab:latest'
const template = 'jupyterlab'

async function listening(lab: Lab): Promise<string> {
  return lab.service.app.listen({ port: 0, host: '127.0.0.1' })
}

async function create(client: Client, body: object = { template }): Promise<string> {
  const answer = await client.post('/api/environments', body).expect(202)
  return answer.body.id
}

async function running(client: Client): Promise<string> {
  const { body } = await client.post('/api/environments', { template }).set({ prefer: 'wait=20' }).expect(202)
  expect(body.status).toBe('running')
  return body.id
}

/** An event in a word or two. */
function words({ event, data }: ReceivedEvent): string {
  return [event, data.status ?? data.phase ?? data.code].filter(Boolean).join(' ')
}

function half(currentBytes: number): PullProgress {
  const layers = [
    { id: 'aaa', phase: 'present', currentBytes: 0, totalBytes: null },
    { id: 'bbb', phase: 'downloading', currentBytes, totalBytes: 1000 },
  ] as const
  return { currentBytes, totalBytes: 1000, layers }
}

/** Holds up all calls of that name until `go`. */
function hold(lab: Lab, name: string): { go: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  lab.engine.beforeCall = (call) => (call.name === name ? promise : undefined)
  return { go: resolve }
}

test('the stream of a creation has each phase, then the end, and closes by itself', async () => {
  await using lab = await openLab({ images: [], registry: [image] })
  const url = await listening(lab)
  const start = hold(lab, 'findImage')
  const id = await create(lab.as(lab.adminToken))
  using stream = await openEvents(`${url}/api/environments/${id}/events`, { token: lab.adminToken })
  expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  start.go()
  await stream.ended
  // A quick follower reads several states of one pull, a slow one only the last.
  const all = stream.events.map(words)
  expect(all.filter((word, at) => word !== 'pulling' || all[at - 1] !== 'pulling')).toEqual([
    'status pending',
    'status pulling',
    'phase pulling',
    'pulling',
    'status creating',
    'phase creating',
    'status starting',
    'phase starting',
    'phase awaiting-ready',
    'status running',
    'ready',
    'ended running',
  ])
  const [{ took_ms, phases }] = stream.of('ready')
  for (const ms of [took_ms, ...Object.values(phases)]) expect(ms).toBe(Math.round(ms))
  expect(Object.keys(phases)).toEqual(['pulling_ms', 'creating_ms', 'starting_ms', 'awaiting_ready_ms'])
  const sum = Object.values<number>(phases).reduce((some, ms) => some + ms)
  expect(sum).toBeLessThanOrEqual(took_ms + 2)
  const numbers = stream.events.flatMap(({ id }) => (id ? [Number(id.split('-')[1])] : []))
  expect(numbers).toHaveLength(stream.events.length - 1)
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
})

// Trouble (progress): the queue moves
test('the stream of a queued environment has each new place in the queue', async () => {
  await using lab = await openLab({})
  const url = await listening(lab)
  const admin = lab.as(lab.adminToken)
  const starts = new Map<string, () => void>()
  lab.engine.beforeCall = ({ name, id }) => {
    if (name === 'create') return new Promise((resolve) => starts.set(id, resolve))
  }
  const { client, token } = await lab.newUser('one@lab', 'enterprise')
  const atOnce = 2 * availableParallelism()
  for (let n = 0; n < atOnce; n += 1) await create(client)
  await expect.poll(() => starts.size).toBe(atOnce)
  await create(client)
  await create(client)
  const id = await create(client)
  using stream = await openEvents(`${url}/api/environments/${id}/events`, { token })
  await expect.poll(() => stream.of('queued')).toEqual([{ place: 3 }])
  // An environment of another person, who has had no turn yet, goes before the first person's later ones.
  await create(admin)
  await expect.poll(() => stream.of('queued').map(({ place }) => place)).toEqual([3, 4])
  for (const go of starts.values()) go()
  lab.engine.beforeCall = () => {}
  await stream.ended
  const places = stream.of('queued').map(({ place }) => place)
  expect(places.slice(2)).toEqual([...places.slice(2)].sort((a, b) => b - a))
  expect(places.at(-1)).toBeLessThan(4)
  expect(stream.of('ready')[0].phases.queued_ms).toBeGreaterThanOrEqual(0)
})

// Trouble (progress): many environments wait for one image
test('all environments that wait for an image share one pull, and each shows its progress, even if it joins late', async () => {
  await using lab = await openLab({ images: [], registry: [image] })
  const url = await listening(lab)
  const pull = Promise.withResolvers<void>()
  const told = Promise.withResolvers<(progress: PullProgress) => void>()
  lab.engine.duringPull = async (_, onProgress) => {
    told.resolve(onProgress)
    onProgress(half(250))
    await pull.promise
  }
  const { client, token } = await lab.newUser('one@lab')
  const ids = [await create(client), await create(client), await create(lab.as(lab.adminToken))]
  const follow = (id: string) => openEvents(`${url}/api/environments/${id}/events`, { token: lab.adminToken })
  using first = await follow(ids[0] ?? '')
  const quarter = {
    image,
    percent: 25,
    current_bytes: 250,
    total_bytes: 1000,
    layers: [
      { id: 'aaa', phase: 'present', current_bytes: 0, total_bytes: null },
      { id: 'bbb', phase: 'downloading', current_bytes: 250, total_bytes: 1000 },
    ],
  }
  await expect.poll(() => first.of('pulling').at(-1)).toMatchObject(quarter)
  using second = await openEvents(`${url}/api/environments/${ids[1]}/events`, { token })
  await expect.poll(() => second.of('pulling').at(-1)).toMatchObject(quarter)
  ;(await told.promise)(half(750))
  for (const stream of [first, second]) {
    await expect.poll(() => stream.of('pulling').at(-1)).toMatchObject({ percent: 75, current_bytes: 750 })
  }
  await expect.poll(() => first.of('pulling').at(-1).bytes_per_second).toBeGreaterThan(0)
  pull.resolve()
  using third = await follow(ids[2] ?? '')
  await Promise.all([first.ended, second.ended, third.ended])
  for (const stream of [first, second, third])
    expect(words(stream.events.at(-1) as ReceivedEvent)).toBe('ended running')
  expect(lab.engine.calls.filter(({ name }) => name === 'pull')).toHaveLength(1)
})

// Trouble (progress): somebody cancels a creation while it pulls
test('a pull ends when the last environment that waits for it is deleted, not before', async () => {
  await using lab = await openLab({ images: [], registry: [image] })
  const admin = lab.as(lab.adminToken)
  let aborted = false
  lab.engine.duringPull = (_, onProgress, signal) => {
    onProgress(half(250))
    signal.addEventListener('abort', () => (aborted = true))
    return new Promise(() => {})
  }
  const ids = [await create(admin), await create(admin)]
  const gone = (id = '') => expect.poll(async () => (await admin.get(`/api/environments/${id}`)).status).toBe(404)
  for (const id of ids) {
    await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('pulling')
  }
  await admin.delete(`/api/environments/${ids[0]}`).expect(202)
  await gone(ids[0])
  expect(aborted).toBe(false)
  await admin.delete(`/api/environments/${ids[1]}`).expect(202)
  await gone(ids[1])
  expect(aborted).toBe(true)
})

// Trouble (progress): an event shows paths of the host
test('the stream of a failed creation has its code and reason, with paths of the host only for administrators', async () => {
  await using lab = await openLab()
  const url = await listening(lab)
  const secret = { adminDetail: 'no such device: /srv/secret-path' }
  lab.engine.beforeCall = ({ name }) => {
    if (name === 'create') throw new Problem('engine-refused', 'The engine refused.', secret)
  }
  const { client, token } = await lab.newUser('one@lab')
  const id = await create(client)
  using owners = await openEvents(`${url}/api/environments/${id}/events`, { token })
  using admins = await openEvents(`${url}/api/environments/${id}/events`, { token: lab.adminToken })
  await Promise.all([owners.ended, admins.ended])
  expect(owners.of('failed')).toEqual([{ code: 'engine-refused', reason: 'The engine refused.' }])
  expect(JSON.stringify(owners.events)).not.toContain('secret-path')
  expect(admins.of('failed')).toEqual([{ code: 'engine-refused', reason: 'no such device: /srv/secret-path' }])
  expect(admins.of('status').at(-1)).toEqual({
    status: 'failed',
    reason: 'no such device: /srv/secret-path',
    transition: null,
  })
  expect(owners.of('ended')).toEqual([{ status: 'failed' }])
})

// Trouble (progress): the connection breaks
test('a client that returns with Last-Event-ID misses nothing, gets nothing twice, and gets 204 at the end', async () => {
  await using lab = await openLab()
  const url = await listening(lab)
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const path = `${url}/api/environments/${id}/events`
  using whole = await openEvents(path, { token: lab.adminToken })
  await whole.ended
  const ids = whole.events.flatMap((event) => event.id ?? [])
  for (const [at, lastEventId] of ids.slice(0, -1).entries()) {
    using rest = await openEvents(path, { token: lab.adminToken, lastEventId })
    await rest.ended
    expect(rest.events).toEqual(whole.events.slice(at + 1))
  }
  using none = await openEvents(path, { token: lab.adminToken, lastEventId: ids.at(-1) ?? '' })
  expect(none.status).toBe(204)

  await admin.post(`/api/environments/${id}/restart`).expect(202)
  using again = await openEvents(path, { token: lab.adminToken, lastEventId: ids.at(-1) ?? '' })
  await again.ended
  expect(again.events.map(words).filter((each) => !each.startsWith('phase'))).toEqual([
    'status stopping',
    'status starting',
    'status running',
    'ready',
    'ended running',
  ])
})

// Trouble (progress): somebody makes up a Last-Event-ID
test.each(['1', 'zzz-3', '-', '%00', 'a'.repeat(500)])(
  'a made-up Last-Event-ID %j gets the whole stream',
  async (lastEventId) => {
    await using lab = await openLab()
    const url = await listening(lab)
    const id = await running(lab.as(lab.adminToken))
    using stream = await openEvents(`${url}/api/environments/${id}/events`, { token: lab.adminToken, lastEventId })
    await stream.ended
    using whole = await openEvents(`${url}/api/environments/${id}/events`, { token: lab.adminToken })
    await whole.ended
    expect(stream.events).toEqual(whole.events)
    expect(whole.of('ready')).toHaveLength(1)
  },
)

test('the stream of an environment at rest shows its status, also after a restart of the service', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  await lab.restart()
  await expect
    .poll(async () => (await lab.as(lab.adminToken).get(`/api/environments/${id}`)).body.status)
    .toBe('running')
  const url = await listening(lab)
  const path = `${url}/api/environments/${id}/events`
  using stream = await openEvents(path, { token: lab.adminToken })
  await stream.ended
  expect(stream.events.at(-1)).toMatchObject({ event: 'ended', data: { status: 'running' } })
  const lastEventId = stream.events.findLast((event) => event.id)?.id
  using again = await openEvents(path, { token: lab.adminToken, lastEventId })
  expect(again.status).toBe(204)
})

test('a stream that opens right after a stop, start, pause or resume follows it to its end', async () => {
  await using lab = await openLab()
  const url = await listening(lab)
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  for (const [action, call, status] of [
    ['pause', 'pause', 'paused'],
    ['resume', 'unpause', 'running'],
    ['stop', 'stop', 'exited'],
    ['start', 'start', 'running'],
  ] as const) {
    const held = hold(lab, call)
    await admin.post(`/api/environments/${id}/${action}`).expect(202)
    using stream = await openEvents(`${url}/api/environments/${id}/events`, { token: lab.adminToken })
    expect(stream.of('ended')).toEqual([])
    held.go()
    await stream.ended
    expect(stream.of('status').at(-1)).toEqual({ status, reason: null, transition: null })
    expect(stream.of('ended')).toEqual([{ status }])
  }
})

test('a stream with follow=true goes on until the environment is gone', async () => {
  await using lab = await openLab()
  const url = await listening(lab)
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  using stream = await openEvents(`${url}/api/environments/${id}/events?follow=true`, { token: lab.adminToken })
  await expect.poll(() => stream.of('ready')).toHaveLength(1)
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(() => stream.of('status').at(-1)?.status).toBe('exited')
  await admin.delete(`/api/environments/${id}`).expect(202)
  await stream.ended
  expect(stream.of('ended')).toEqual([{ status: 'gone' }])
})

// Trouble (progress): somebody asks for another person's events
test("the service answers 404 for another person's events, and refuses HEAD", async () => {
  await using lab = await openLab()
  const id = await running(lab.as(lab.adminToken))
  const { client } = await lab.newUser('one@lab')
  await client.get(`/api/environments/${id}/events`).expect(404)
  await lab.as().get(`/api/environments/${id}/events`).expect(401)
  await lab.as(lab.adminToken).head(`/api/environments/${id}/events`).expect(405)
})

// Trouble (progress): the service shuts down while somebody follows
test('a service that shuts down ends its streams, and a client can continue later', async () => {
  await using lab = await openLab({ answers: 503 })
  const url = await listening(lab)
  const id = await create(lab.as(lab.adminToken))
  const path = `/api/environments/${id}/events`
  using stream = await openEvents(`${url}${path}`, { token: lab.adminToken })
  await expect.poll(() => stream.events.map(words)).toContain('phase awaiting-ready')
  const restarted = lab.restart()
  await stream.ended
  expect(stream.of('ended')).toEqual([])
  lab.notebookAnswers(200)
  await restarted
  const lastEventId = stream.events.at(-1)?.id
  using again = await openEvents(`${await listening(lab)}${path}`, { token: lab.adminToken, lastEventId })
  await again.ended
  expect(again.events.map(words).at(-1)).toBe('ended running')
})
