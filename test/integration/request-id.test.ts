/** The parts of a log line that identify a request: its id, its trace, and the address of its client. */
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

async function openLoggingLab(env = {}) {
  const lines: Record<string, unknown>[] = []
  const lab = await openLab({ env, logLevel: 'debug', log: (line) => lines.push(line) })
  const answered = (url: string) => lines.find((line) => line.msg === 'answered' && line.url === url)
  return Object.assign(lab, { answered })
}

test('the service keeps the id of a request, in the answer and in the log', async () => {
  await using lab = await openLoggingLab()
  const { headers, body } = await lab.as().get('/api/nothing').set({ 'x-request-id': 'lb-7/42', traceparent })
  expect([headers['x-request-id'], body.request_id]).toEqual(['lb-7/42', 'lb-7/42'])
  await expect
    .poll(() => lab.answered('/api/nothing'))
    .toMatchObject({
      reqId: 'lb-7/42',
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
      client: '127.0.0.1',
    })
})

test('the service takes the id of the trace for a request without an id', async () => {
  await using lab = await openLoggingLab()
  const { headers } = await lab.as().get('/api/health/live').set({ traceparent })
  expect(headers['x-request-id']).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
})

// Trouble (input): an X-Request-Id forges a line of the log
test.each(['a b', 'x'.repeat(129), 'a"b', 'a,b'])('the service replaces the id %j', async (id) => {
  await using lab = await openLoggingLab()
  const { headers } = await lab.as().get('/api/health/live').set({ 'x-request-id': id })
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

// Trouble (input): a client forges its address
test('the service believes X-Forwarded-For only from a trusted proxy', async () => {
  await using plain = await openLoggingLab()
  await plain.as().get('/api/health/live').set('x-forwarded-for', '203.0.113.7')
  await expect.poll(() => plain.answered('/api/health/live')?.client).toBe('127.0.0.1')

  await using behind = await openLoggingLab({ TRUST_PROXY: '127.0.0.0/8' })
  await behind.as().get('/api/health/live').set('x-forwarded-for', '198.51.100.1, 203.0.113.7')
  await expect.poll(() => behind.answered('/api/health/live')?.client).toBe('203.0.113.7')
})
