import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Finding } from '../../../src/domain/proof/proof.ts'
import { createWaitingApp } from '../../../src/http/waiting-app.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'

test('whoever is asking as it makes room for the service has the answer', async () => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<string>()
  const exposition = {
    contentType: 'text/plain',
    text() {
      asked.resolve()
      return answer.promise
    },
  }
  const health = { latest: () => null, measure: async () => {} } as never
  const requests = { answered: () => {}, refused: () => {} }
  const finding = () => ({ detail: 'The disk is away.' }) as Finding
  const closing = new AbortController().signal
  const app = await createWaitingApp(
    { health, tokens: null, version: '0.0.0', clock: systemClock, closing, exposition, requests, finding },
    { logger: pino({ level: 'silent' }) },
  )
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const response = fetch(`${url}/metrics`)
  await asked.promise
  const closed = app.close()
  await expect.poll(() => app.server.listening).toBe(false)
  answer.resolve('up 1')
  expect(await (await response).text()).toBe('up 1')
  await closed
})

// Trouble (first-hour): a deprecation warning of a library is the first thing that a person reads
test('making the app uses nothing that its library warns of', async () => {
  const warnings: string[] = []
  const hear = ({ message }: Error) => warnings.push(message)
  process.on('warning', hear)
  const app = await createWaitingApp(
    {
      health: { latest: () => null, measure: async () => {} } as never,
      tokens: null,
      version: '0.0.0',
      clock: systemClock,
      closing: new AbortController().signal,
      exposition: { contentType: 'text/plain', text: async () => '' },
      requests: { answered: () => {}, refused: () => {} },
      finding: () => ({ detail: 'The disk is away.' }) as Finding,
    },
    { logger: pino({ level: 'silent' }) },
  )
  await app.ready()
  await new Promise((resolve) => setImmediate(resolve)) // warnings are told in a later turn
  process.off('warning', hear)
  await app.close()
  expect(warnings).toEqual([])
})
