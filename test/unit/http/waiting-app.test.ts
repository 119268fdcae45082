import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { portOf, rawAnswer } from '../../support/raw-http.ts'
import { waitingApp } from '../../support/waiting-app.ts'

// Trouble (worst): the service takes over from the waiting app during a request
test('the waiting app answers open requests before it makes room for the service', async () => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<string>()
  const problemsText = () => {
    asked.resolve()
    return answer.promise
  }
  const app = await waitingApp({ problemsText })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const response = fetch(`${url}/problems/no-room`)
  await asked.promise
  const closed = app.close()
  await expect.poll(() => app.server.listening).toBe(false)
  answer.resolve('## no-room\n\nThe disk is full.\n')
  expect(await (await response).text()).toContain('The disk is full.')
  await closed
})

// Trouble (first-hour): a deprecation warning of a library is the first thing that a person reads
test('the waiting app starts without a warning of its library', async () => {
  // In a process of its own: a library warns once in the life of a process.
  const { href } = new URL('../../support/waiting-app.ts', import.meta.url)
  const script = `const app = await (await import('${href}')).waitingApp(); await app.ready(); await app.close()`
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  expect(stderr).toBe('')
})

// Trouble (input): a bad request comes while the service waits for its data root
test('the waiting app answers every bad request with a problem and the id of the request', async () => {
  const app = await waitingApp()
  const ask = async (method: 'GET' | 'POST', url: string) => {
    const { statusCode, headers, body } = await app.inject({ method, url, headers: { 'x-request-id': 'mine' } })
    expect([headers['content-type'], headers['x-request-id']]).toEqual(['application/problem+json', 'mine'])
    return [statusCode, JSON.parse(body).type]
  }
  expect(await ask('GET', '/api/environments?stauts=x')).toEqual([503, '/problems/data-root-not-proven'])
  expect(await ask('POST', '/api/health')).toEqual([405, '/problems/method-not-allowed'])
  expect(await ask('GET', '/api/health?x=1')).toEqual([400, '/problems/invalid-request'])
  expect(await ask('GET', '/api/%zz')).toEqual([400, '/problems/malformed-request'])
  expect((await app.inject({ url: '/problems/no-room' })).body).toContain('The disk is full.')
  await app.close()
})

// Trouble (input): text that is no HTTP comes while the service waits for its data root
test('the waiting app answers text that is no HTTP with a problem', async () => {
  const app = await waitingApp()
  const { status, headers, body } = await rawAnswer(await portOf(app), 'rubbish\r\n\r\n')
  expect([status, JSON.parse(body).request_id]).toEqual([400, headers.get('x-request-id')])
  await app.close()
})

// Trouble (metrics): anybody reads the metrics
test('the waiting app gives nobody its metrics', async () => {
  const app = await waitingApp()
  expect((await app.inject({ url: '/metrics' })).statusCode).toBe(503)
  await app.close()
})

// Trouble (authority): everybody reads paths of the host while the service cannot start
test.each([
  ['a request by the machine itself', {}, {}, true],
  ['a request that a proxy has handed on', { 'x-forwarded-for': '192.0.2.1' }, {}, false],
  ['a request for the name of another host, which a page leads here', { host: 'evil.example:5555' }, {}, false],
  ['a request behind a proxy that the settings show', {}, { behindProxy: true }, false],
])('%s to the waiting app gets the reason: %o %o %s', async (_, headers, given, isTold) => {
  const app = await waitingApp(given)
  const { statusCode, body } = await app.inject({
    url: '/api/environments',
    headers: { host: 'localhost', ...headers },
  })
  expect([statusCode, body.includes('The disk is away.')]).toEqual([503, isTold])
  await app.close()
})
