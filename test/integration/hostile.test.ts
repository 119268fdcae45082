/** The user of an environment decides what runs in it: its program may write and answer anything. */
import { expect, test } from 'vitest'
import { openEvents } from '../support/event-stream.ts'
import { openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }

// Trouble (worst): endless last words steer a terminal
test('the reason of a failure is short and steers no terminal, whatever the environment wrote last', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  await expect.poll(async () => (await lab.engine.inspect(id))?.state).toBe('running')
  for (let lines = 0; lines < 10; lines += 1) lab.engine.say(id, 'stdout', `${'\x1b[2J'.repeat(100_000)}why`)
  lab.engine.exit(id, 3)
  const found = async () => (await admin.get(`/api/environments/${id}`)).body
  await expect.poll(async () => (await found()).status).toBe('failed')
  const { status_reason: reason } = await found()
  expect(reason).toMatch(/\(exit code 3\)\. .* Its last words:\n….*why$/s)
  expect(reason.length).toBeLessThan(2_200)
  expect(reason).not.toContain('\x1b')
})

// Trouble (worst): one person follows very many logs
test('the service bounds how many logs one person follows at once', async () => {
  await using lab = await openLab()
  const { client, token } = await lab.newUser('alice@lab')
  const { id } = (await client.post('/api/environments', body).set({ prefer: 'wait=20' })).body
  const url = `${await lab.service.app.listen({ port: 0, host: '127.0.0.1' })}/api/environments/${id}`
  using streams = new DisposableStack()
  const open = async (by: string) => streams.use(await openEvents(`${url}/logs?follow=true`, { token: by }))
  const opened = await Promise.all(Array.from({ length: 20 }, () => open(token)))
  expect(opened.map(({ status }) => status)).toEqual(opened.map(() => 200))
  const { body: refused, headers } = await client.get(`/api/environments/${id}/logs?follow=true`).expect(429)
  expect(refused.type).toBe('/problems/too-many-at-once')
  expect(headers['retry-after']).toBe('2')
  expect((await open(lab.adminToken)).status).toBe(200)

  opened[0]?.[Symbol.dispose]()
  await expect.poll(async () => (await open(token)).status).toBe(200)
})

// Trouble (worst): a log steers the terminal of its reader
test('a log cannot steer the terminal of its reader', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set({ prefer: 'wait=20' })).body
  lab.engine.say(id, 'stdout', '\x1b[31mred\x1b[0m \x1b]52;c;cm0K\x07')
  const { text } = await admin.get(`/api/environments/${id}/logs`).expect(200)
  expect(text).toBe('\x1b[31mred\x1b[0m \\x1b]52;c;cm0K\\x07\n')
})
