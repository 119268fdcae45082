/** Requests of people who mean harm: to keep a right that they lost, or to make one request cost much. */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'

// Trouble (authority): a right ends while the body of a request arrives
test('the service refuses a request whose sender is demoted while its body arrives', async () => {
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

// Trouble (cost): a body with many mistakes gets an answer twenty times as long
test.each([
  ['many unknown fields', Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, 0]))],
  ['an unknown field with a long name', { ['k'.repeat(60_000)]: 0 }],
  ['a list with many mistakes', { name: 'x', scopes: Array(15_000).fill('x') }],
])('the answer to %s is short', async (_, body) => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const { text } = await client.post('/api/tokens', body).expect(400)
  expect(text.length).toBeLessThan(10_000)
})

// Trouble (cost): one person who sends 1 MiB of mistakes again and again holds up every other request for a second
test('the service refuses a body of more than 64 KiB', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const sized = (bytes: number) => ({ name: 'x'.repeat(bytes - '{"name":""}'.length) })
  await client.post('/api/tokens', sized(2 ** 16)).expect(400)
  const { body } = await client.post('/api/tokens', sized(2 ** 16 + 1)).expect(413)
  expect(body.type).toBe('/problems/body-too-large')
})

// Trouble (input): Node drops what comes behind an offer that nobody takes: the rest of a body is then taken for a request
test('the service takes nothing behind an offer of another protocol for a request', async () => {
  await using lab = await openLab()
  const post = (path: string, body: object | string, more = '') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const lines = [`POST ${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${lab.adminToken}`]
    return `${lines.join('\r\n')}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n${more}\r\n${text}`
  }
  // A sign-in takes its time, so the connection is open for long enough.
  const offer = post(
    '/api/session',
    { user_id: 'x', password: 'x'.repeat(20) },
    'Connection: Upgrade\r\nUpgrade: h2c\r\n',
  )
  const body = post('/api/users', { id: 'smuggled' })
  const socket = connect(await portOf(lab.service.app), '127.0.0.1')
    .setEncoding('utf8')
    .resume()
  const over = once(socket, 'close', { signal: AbortSignal.timeout(10_000) })
  socket.write(offer + post('/api/tokens', body).slice(0, -body.length))
  await sleep(10)
  socket.write(body)
  await over
  await lab.as(lab.adminToken).get('/api/users/smuggled').expect(404)
})
