import { expect, test } from 'vitest'
import { become, running } from '../support/become.ts'
import { openEvents } from '../support/event-stream.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

const reasonOf = async (client: Client, id: string): Promise<string | null> =>
  (await client.get(`/api/environments/${id}`).expect(200)).body.status_reason

async function counted(lab: Lab): Promise<string | undefined> {
  const { text } = await lab.as(lab.adminToken).get('/metrics').expect(200)
  return /^ailab_environment_out_of_memory_total (\d+)$/m.exec(text)?.[1]
}

const killed =
  /^On 20\d\d-\d\d-\d\d at \d\d:\d\d UTC its memory ran out, and a program in it was killed.* It may use 1 GiB\. .*the tier "default" allows 8 GiB\.$/

// Trouble (input): a program takes more memory than its environment has
test('a killed kernel shows in the reason, an event, the log and the metrics, until the next start of its environment', async () => {
  const lines: Record<string, unknown>[] = []
  await using lab = await openLab({ logLevel: 'warn', log: (line) => lines.push(line) })
  const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  const { client, token } = await lab.newUser('one@lab')
  const id = await running(client, { resources: { memory_bytes: 2 ** 30 } })
  using stream = await openEvents(`${url}/api/environments/${id}/events?follow=true`, { token })
  expect([await reasonOf(client, id), await counted(lab)]).toEqual([null, '0'])

  lab.engine.killForMemory(id)
  await expect.poll(() => reasonOf(client, id)).toMatch(killed)
  const reason = await reasonOf(client, id)
  await expect
    .poll(() => stream.of('out-of-memory'))
    .toEqual([{ at: expect.stringMatching(/^20/), limit_bytes: 2 ** 30, reason }])
  expect(stream.of('status').at(-1)).toEqual({ status: 'running', reason, transition: null })
  expect(await counted(lab)).toBe('1')
  expect(lines).toMatchObject([{ level: 40, environment: id, limit_bytes: 2 ** 30, msg: reason }])

  await client.post(`/api/environments/${id}/restart`).set({ prefer: 'wait=20' }).expect(202)
  expect(await reasonOf(client, id)).toBeNull()
})

// Trouble (input): a program takes more memory than its environment has, again and again
test('a program that is killed again and again is reported once in a while, and the service asks the engine no more often', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.killForMemory(id)
  await expect.poll(() => counted(lab)).toBe('1')
  const before = lab.engine.calls.length
  for (let times = 0; times < 200; times += 1) lab.engine.killForMemory(id)
  await admin.get('/api/health/ready').expect(200)
  expect(lab.engine.calls.slice(before).filter(({ name }) => name === 'inspect')).toEqual([])
  expect(await counted(lab)).toBe('1')
})

// Trouble (input): a program takes more memory than its environment has, right after a restart too
test('memory that runs out again right after a restart is reported again', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.killForMemory(id)
  await expect.poll(() => counted(lab)).toBe('1')
  await admin.post(`/api/environments/${id}/restart`).set({ prefer: 'wait=20' }).expect(202)
  expect(await reasonOf(admin, id)).toBeNull()
  lab.engine.killForMemory(id)
  await expect.poll(() => reasonOf(admin, id)).toContain('its memory ran out')
  expect(await counted(lab)).toBe('2')
})

// Trouble (worst): the engine's clock differs, or is set back
test('after the clock of the engine was set back, memory that runs out is reported at once', async () => {
  let aheadMs = 3_600_000
  await using lab = await openLab({ now: () => Date.now() + aheadMs })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  aheadMs += 3_600_000
  lab.engine.killForMemory(id)
  await expect.poll(() => counted(lab)).toBe('1')
  const before = await reasonOf(admin, id)
  aheadMs -= 1_800_000
  lab.engine.killForMemory(id)
  await expect.poll(() => counted(lab)).toBe('2')
  expect(await reasonOf(admin, id)).not.toBe(before)
})

// Trouble (desired): the service restarts
test('a service that was restarted still says that memory ran out', async () => {
  await using lab = await openLab()
  const id = await running(lab.as(lab.adminToken))
  lab.engine.killForMemory(id)
  await expect.poll(() => reasonOf(lab.as(lab.adminToken), id)).toContain('its memory ran out')
  const reason = await reasonOf(lab.as(lab.adminToken), id)
  await lab.restart()
  const admin = lab.as(lab.adminToken)
  await become(admin, id, 'running')
  expect(await reasonOf(admin, id)).toBe(reason)
  expect(await counted(lab)).toBe('0')
})

// Trouble (input): a program takes more memory than its environment has
test('an environment that ends for want of memory says how much it may use', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  lab.notebookAnswers(503)
  const { id } = (await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)).body
  await expect.poll(async () => (await lab.engine.inspect(id))?.state).toBe('running')
  lab.engine.exit(id, 137, { outOfMemory: true })
  await become(admin, id, 'failed')
  expect(await reasonOf(admin, id)).toMatch(
    /^It ran out of memory and ended before it was ready\. It may use 8 GiB\. .*the tier "enterprise" allows 128 GiB\.$/,
  )
})
