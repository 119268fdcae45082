import { expect, test } from 'vitest'
import type { Container, Environment, Upstream } from '../../../../src/domain/environment/environment.ts'
import { isOver, isSameUpstream, upstreamOf, wayTo } from '../../../../src/domain/environment/upstream.ts'

const address = { host: '127.0.0.1', port: 61_000 }
const upstream: Upstream = { ...address, containerId: 'c1', startedAt: 100 }
const container = { kind: 'container', containerId: 'c1', state: 'running', startedAt: 100, address } as Container

test('what is recorded says which start of which container has answered, and where', () => {
  expect(upstreamOf(container)).toEqual(upstream)
  expect(upstreamOf({ ...container, address: null })).toBeNull()
})

const wanted: Parameters<typeof wayTo>[0] = {
  desired: 'running',
  failure: null,
  restartRequestedAt: null,
  replaceContainer: null,
  upstream,
}
const failure = {} as NonNullable<Environment['failure']>

test('requests go to a recorded server while the environment is to run as it does', () => {
  expect(wayTo(wanted)).toMatchObject(address)
  expect(wayTo({ ...wanted, restartRequestedAt: 99, replaceContainer: 'c0' })).toMatchObject(address)
})

test.each([
  ['paused', { desired: 'paused' as const }],
  ['to be stopped', { desired: 'stopped' as const }],
  ['to be gone', { desired: 'gone' as const }],
  ['failed', { failure }],
  ['to be restarted', { restartRequestedAt: 100 }],
  ['to be recreated', { replaceContainer: 'c1' }],
  ['without a server', { upstream: null }],
])('no request goes to an environment that is %s', (_, change) => {
  expect(wayTo({ ...wanted, ...change })).toBeNull()
})

test('two records are the same if each part is', () => {
  expect(isSameUpstream(upstream, { ...upstream })).toBe(true)
  expect(isSameUpstream(null, null)).toBe(true)
  for (const change of [{ host: 'x' }, { port: 1 }, { containerId: 'c2' }, { startedAt: 1 }]) {
    expect(isSameUpstream(upstream, { ...upstream, ...change })).toBe(false)
  }
  expect(isSameUpstream(upstream, null)).toBe(false)
})

test('an upstream holds while its container is up since the same start, at the same place, or nobody knows', () => {
  for (const state of ['running', 'paused'] as const) expect(isOver(upstream, { ...container, state })).toBe(false)
  expect(isOver(upstream, { kind: 'unreachable', reason: '' })).toBe(false)
  expect(isOver(upstream, { kind: 'foreign', container, detail: '', adminDetail: '' })).toBe(false)
})

test.each([
  ['has ended', { state: 'exited' as const }],
  ['was started again', { startedAt: 101 }],
  ['is another one', { containerId: 'c2' }],
  ['has another port', { address: { ...address, port: 61_001 } }],
  ['has no port', { address: null }],
])('an upstream is over if its container %s', (_, change) => {
  const seen = { ...container, ...change }
  expect(isOver(upstream, seen)).toBe(true)
  expect(isOver(upstream, { kind: 'foreign', container: seen, detail: '', adminDetail: '' })).toBe(true)
})

test('an upstream is over if its container is gone', () => {
  expect(isOver(upstream, { kind: 'absent' })).toBe(true)
})
