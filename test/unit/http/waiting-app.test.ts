import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createWaitingApp } from '../../../src/http/waiting-app.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import { portOf, rawAnswer } from '../../support/raw-http.ts'

async function waitingApp(given: Partial<Parameters<typeof createWaitingApp>[0]> = {}) {
  return createWaitingApp({
    health: { latest: () => null, measure: async () => {} } as never,
    authenticate: null,
    version: '0.0.0',
    clock: systemClock,
    closing: new AbortController().signal,
    requests: { answered: () => {}, refused: () => {} },
    finding: () => ({ code: 'data-root-missing' }),
    trustProxy: [],
    publicUrl: 'http://localhost:5555',
    problemsText: async () => '## no-room\n\nThe disk is full.\n',
    logger: pino({ level: 'silent' }),
    ...given,
  })
}

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
  const warnings: string[] = []
  const hear = ({ message }: Error) => warnings.push(message)
  process.on('warning', hear)
  const app = await waitingApp()
  await app.ready()
  await new Promise((resolve) => setImmediate(resolve)) // warnings are emitted in a later turn
  process.off('warning', hear)
  await app.close()
  expect(warnings).toEqual([])
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
