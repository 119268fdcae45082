/** The clocks of the engine and the service differ. */
import { describe, expect, test } from 'vitest'
import { imposter } from '../support/engine-imposter.ts'
import { realEngine } from '../support/engine-real.ts'

const anHour = 3_600_000
const containerId = 'a'.repeat(64)

/** An engine with one stop, at `stoppedAt`. Like Docker, it refuses a reversed span and waits for one that is not over. */
function engineAt(now: number, stoppedAt: number) {
  return imposter(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json')
    if (url.includes('/info')) return response.end(JSON.stringify({ SystemTime: new Date(now).toISOString() }))
    const asked = new URL(url, 'http://engine').searchParams
    const [since, until] = [Number(asked.get('since')) * 1000, Number(asked.get('until')) * 1000]
    if (until < since) return response.writeHead(400).end('{"message":"`since` cannot be after `until`"}')
    if (until > now) return response.flushHeaders()
    const event = { Action: 'stop', Actor: { Attributes: {} }, timeNano: stoppedAt * 1e6 }
    return response.end(since <= stoppedAt && stoppedAt <= until ? `${JSON.stringify(event)}\n` : '')
  })
}

describe('Stops by hand:', () => {
  // Trouble (input): the clocks of engine and service differ
  test.each([
    ['when their clocks agree', 0],
    ['when the engine is three hours behind', -3 * anHour],
    ['when the engine is three hours ahead', 3 * anHour],
  ])('the service learns from the engine that somebody stopped a container %s', async (_, aheadMs) => {
    const now = Date.now() + aheadMs
    await using server = await engineAt(now, now - 500)
    using engine = realEngine({ socket: server.socket, callLimitMs: 1_000 })
    expect(await engine.wasStopped(containerId, now - 600)).toBe(true)
    expect(await engine.wasStopped(containerId, now - 400)).toBe(false)
  })

  test('the service learns of no stop by hand when the clock of the engine was set back since', async () => {
    const now = Date.now()
    await using server = await engineAt(now, now + anHour)
    using engine = realEngine({ socket: server.socket, callLimitMs: 1_000 })
    expect(await engine.wasStopped(containerId, now + anHour)).toBe(false)
  })
})
