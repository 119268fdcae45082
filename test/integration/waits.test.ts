/** What an answer says of the work under way, and the calls that wait for its end. */
import { expect, test } from 'vitest'
import { become, running } from '../support/become.ts'
import { openEvents } from '../support/event-stream.ts'
import { type Lab, openLab } from '../support/lab.ts'

const wait = { prefer: 'wait=20' }

/** Holds up the engine's calls of that name until `go`. */
function hold(lab: Lab, name: string): { go: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  lab.engine.beforeCall = (call) => (call.name === name ? promise : undefined)
  return { go: resolve }
}

// Trouble (known): the answer to a pause says running, and nothing tells a client what to wait for
test.each([
  ['pause', 'pause', 'running', ['paused', 'exited', 'failed']],
  ['stop', 'stop', 'stopping', ['exited', 'failed']],
  ['restart', 'stop', 'stopping', ['running', 'exited', 'failed']],
  ['recreate', 'stop', 'stopping', ['running', 'exited', 'failed']],
] as const)('the answer to a %s names the work under way and what ends it', async (action, call, status, until) => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  expect((await admin.get(`/api/environments/${id}`)).body.transition).toBe(null)
  const before = new Date().toISOString()
  const held = hold(lab, call)
  const { body } = await admin.post(`/api/environments/${id}/${action}`).expect(202)
  expect(body).toMatchObject({ status, transition: { action, until } })
  expect(body.transition.started_at >= before && body.transition.started_at <= new Date().toISOString()).toBe(true)
  const list = await admin.get('/api/environments').expect(200)
  expect(list.body.items[0].transition).toEqual(body.transition)
  held.go()
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.transition).toBe(null)
  expect(until).toContain((await admin.get(`/api/environments/${id}`)).body.status)
})

test('the answer to a creation, a resume and a delete names the work under way', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const created = hold(lab, 'create')
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  expect(body.transition).toMatchObject({ action: 'start', started_at: expect.any(String) })
  created.go()
  await become(admin, body.id, 'running')
  await admin.post(`/api/environments/${body.id}/pause`).set(wait).expect(202)
  const resumed = hold(lab, 'unpause')
  const answer = await admin.post(`/api/environments/${body.id}/resume`).expect(202)
  expect(answer.body).toMatchObject({ status: 'paused', transition: { action: 'resume' } })
  resumed.go()
  await become(admin, body.id, 'running')
  const removed = hold(lab, 'remove')
  const deleted = await admin.delete(`/api/environments/${body.id}`).expect(202)
  expect(deleted.body).toMatchObject({ status: 'stopping', transition: { action: 'delete', until: ['gone'] } })
  removed.go()
})

test('every action waits for its end with Prefer: wait, and says so', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  for (const [action, status] of [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['stop', 'exited'],
    ['start', 'running'],
    ['restart', 'running'],
    ['recreate', 'running'],
  ] as const) {
    const { body, headers } = await admin.post(`/api/environments/${id}/${action}`).set(wait).expect(202)
    expect([action, body.status, body.transition]).toEqual([action, status, null])
    expect(headers['preference-applied']).toBe('wait=20')
  }
  const starts = lab.engine.calls.filter(({ name }) => name === 'start')
  expect(starts).toHaveLength(4) // the creation, the start, the restart, the new container
  const { headers, body } = await admin.delete(`/api/environments/${id}`).set(wait).expect(204)
  expect([headers['preference-applied'], body]).toEqual(['wait=20', {}])
  await admin.get(`/api/environments/${id}`).expect(404)
})

test('a wait that is not long enough answers with the work still under way', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  for (const [action, call] of [
    ['pause', 'pause'],
    ['stop', 'stop'],
  ] as const) {
    const held = hold(lab, call)
    const { body, headers } = await admin.post(`/api/environments/${id}/${action}`).set('prefer', 'wait=1').expect(202)
    expect([body.transition.action, headers['preference-applied']]).toEqual([action, 'wait=1'])
    held.go()
    await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.transition).toBe(null)
  }
  const held = hold(lab, 'remove')
  const { body } = await admin.delete(`/api/environments/${id}`).set('prefer', 'wait=1').expect(202)
  expect(body.transition.action).toBe('delete')
  held.go()
})

test('a wait for an environment that fails ends with the failure', async () => {
  await using lab = await openLab({ images: [] })
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).set(wait).expect(202)
  expect(body).toMatchObject({ status: 'failed', transition: null })
  const again = await admin.post(`/api/environments/${body.id}/start`).set(wait).expect(202)
  expect(again.body).toMatchObject({ status: 'failed', transition: null })
})

// Trouble (known): a reverse proxy gives up a wait of 60 seconds, and the client's second try makes a second environment
test('no wait is longer than 55 seconds, and the answer says which one was applied', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const answer = await admin.post('/api/environments', { template: 'jupyterlab' }).set('prefer', 'wait=60').expect(202)
  expect(answer.headers['preference-applied']).toBe('wait=55')
  expect(answer.body.status).toBe('running')
})

// Trouble (input): a wait has no number
test('a wait without a whole number of seconds is refused, and changes nothing', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  for (const request of [
    admin.post('/api/environments', { template: 'jupyterlab' }),
    admin.post(`/api/environments/${id}/stop`),
    admin.post(`/api/environments/${id}/recreate`),
    admin.delete(`/api/environments/${id}`),
  ]) {
    const { body } = await request.set('prefer', 'wait=abc').expect(400)
    expect(body).toMatchObject({ type: '/problems/invalid-request', errors: [{ pointer: '/prefer' }] })
  }
  const { body } = await admin.get('/api/environments').expect(200)
  expect(body.items).toMatchObject([{ id, status: 'running', transition: null }])
})

test('a wait for an environment that somebody deletes meanwhile ends with 404', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const held = hold(lab, 'stop')
  const waiting = admin
    .post(`/api/environments/${id}/stop`)
    .set(wait)
    .then(({ status }) => status)
  await become(admin, id, 'stopping')
  await admin.delete(`/api/environments/${id}`).expect(202)
  held.go()
  expect(await waiting).toBe(404)
})

test('the stream of events carries the work under way, even while the status is still the same', async () => {
  await using lab = await openLab()
  const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  using stream = await openEvents(`${url}/api/environments/${id}/events?follow=true`, { token: lab.adminToken })
  await expect.poll(() => stream.of('status').at(-1)).toMatchObject({ status: 'running', transition: null })
  const held = hold(lab, 'pause')
  await admin.post(`/api/environments/${id}/pause`).expect(202)
  await expect
    .poll(() => stream.of('status').at(-1))
    .toMatchObject({ status: 'running', transition: { action: 'pause', until: ['paused', 'exited', 'failed'] } })
  held.go()
  await expect.poll(() => stream.of('status').at(-1)).toMatchObject({ status: 'paused', transition: null })
})

test('the time of a request does not outlive its work: an end of the container later begins other work', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const held = hold(lab, 'start')
  lab.engine.exit(id, 1)
  await become(admin, id, 'starting')
  const { body } = await admin.get(`/api/environments/${id}`).expect(200)
  expect(body.transition).toMatchObject({ action: 'start', started_at: null })
  held.go()
})
