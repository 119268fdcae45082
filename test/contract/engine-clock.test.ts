/** An engine whose clock is not that of the service. */
import { describe, expect, test } from 'vitest'
import { imposter } from '../support/engine-imposter.ts'
import { realEngine } from '../support/engine-real.ts'

const anHour = 3_600_000
const containerId = 'a'.repeat(64)

/** Who is asked for stops between two instants, and has one at `stoppedAt`; it refuses, and waits, as engines do. */
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

describe('Whether somebody stopped a container is told by an engine', () => {
  // Trouble (input): the clocks of engine and service differ
  test.each([
    ['of the same time', 0],
    ['that is three hours behind', -3 * anHour],
    ['that is three hours ahead', 3 * anHour],
  ])('%s', async (_, aheadMs) => {
    const now = Date.now() + aheadMs
    await using server = await engineAt(now, now - 500)
    using engine = realEngine({ socket: server.socket, callLimitMs: 1_000 })
    expect(await engine.wasStopped(containerId, now - 600)).toBe(true)
    expect(await engine.wasStopped(containerId, now - 400)).toBe(false)
  })

  test('not, where its clock was set back since: that is not known any more', async () => {
    const now = Date.now()
    await using server = await engineAt(now, now + anHour)
    using engine = realEngine({ socket: server.socket, callLimitMs: 1_000 })
    expect(await engine.wasStopped(containerId, now + anHour)).toBe(false)
  })
})
