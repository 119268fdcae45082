import { expect, test } from 'vitest'
import { nothingTold, type Pull, withTold } from '../src/environments/told.ts'

const pull = { percent: 22 } as Pull
const kill = (minute: number) => ({ at: `2026-11-27T06:0${minute}:00Z`, limit_bytes: 2 ** 26, reason: 'killed' })
const coming = {
  cause: 'idle-pause',
  action: 'pause',
  at: '2026-11-27T06:30:00Z',
  given_at: '2026-11-27T06:25:00Z',
  reason: 'unused',
} as const

test('the next phase ends the wait in the queue and the pull', () => {
  let told = withTold(nothingTold, 'queued', { place: 2 })
  expect(told.place).toBe(2)
  told = withTold(withTold(told, 'phase', { phase: 'pulling' }), 'pulling', pull)
  expect(told).toMatchObject({ place: null, pull })
  expect(withTold(told, 'phase', { phase: 'creating' }).pull).toBeNull()
})

test('how long the start took is known until the next one', () => {
  const ready = { took_ms: 3_000, phases: { starting_ms: 2_000 } }
  const told = withTold(nothingTold, 'ready', ready)
  expect(told.ready).toEqual(ready)
  expect(withTold(told, 'phase', { phase: 'stopping' }).ready).toBeNull()
})

test('each time that memory ran out is told once, although the stream begins again', () => {
  const told = [kill(1), kill(2), kill(1), kill(2)].reduce(
    (now, each) => withTold(now, 'out-of-memory', each),
    nothingTold,
  )
  expect(told.kills).toEqual([kill(1), kill(2)])
  expect(withTold(told, 'status', { status: 'running' }).kills).toHaveLength(2)
  expect(withTold(told, 'status', { status: 'starting' }).kills).toEqual([])
})

test('a warning holds until the status changes', () => {
  const told = withTold(nothingTold, 'warning', coming)
  expect(told.comings).toEqual([coming])
  expect(withTold(told, 'status', { status: 'paused' }).comings).toEqual([])
})

test('a warning of the longest run time holds until the next run, beside a warning of idleness', () => {
  const end = {
    cause: 'max-runtime',
    action: 'stop',
    at: '2026-11-27T06:33:00Z',
    given_at: '2026-11-27T06:28:00Z',
    reason: 'ends',
  } as const
  const told = withTold(withTold(nothingTold, 'warning', end), 'warning', coming)
  expect(told.comings).toEqual([end, coming])
  expect(withTold(told, 'status', { status: 'paused' }).comings).toEqual([end])
  expect(withTold(told, 'status', { status: 'starting' }).comings).toEqual([])
})
