/** What people ask for who mean harm: to keep a right that they lost, or to make one request cost much. */
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'

// Trouble (authority): a right ends while the body of a request is on its way
test('a demotion while the body is on its way keeps the request from being carried out', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const { token } = (await admin.post('/api/tokens', { name: 'x', user_id: 'second', role: 'admin' })).body
  const path = '/api/data/orphans/none/adopt'
  await lab.as(token).post(path, {}).expect(404)

  const answer = Promise.withResolvers<number | undefined>()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', expect: '100-continue' }
  const slow = request({ port: await portOf(lab.service.app), host: '127.0.0.1', method: 'POST', path, headers })
  slow.once('response', ({ statusCode }) => answer.resolve(statusCode)).once('error', answer.reject)
  slow.once('continue', async () => {
    slow.write('{')
    await admin.patch('/api/users/second', { role: 'user' })
    slow.end('}')
  })
  slow.flushHeaders()
  expect(await answer.promise).toBe(403)
})

// Trouble (cost): a body of 1 MiB with 90,000 mistakes is answered with 23 MB
test.each([
  ['many fields that are unknown', Object.fromEntries(Array.from({ length: 90_000 }, (_, at) => [`k${at}`, 0]))],
  ['an unknown field with a long name', { ['k'.repeat(1_000_000)]: 0 }],
  ['a list with many mistakes', { name: 'x', scopes: Array(200_000).fill('x') }],
])('the answer to %s is short', async (_, body) => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const { text } = await client.post('/api/tokens', body).expect(400)
  expect(text.length).toBeLessThan(10_000)
})
