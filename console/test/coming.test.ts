import { expect, test } from 'vitest'
import { type Coming, isStillComing, mayKeepGoing, nextComing } from '../src/environments/coming.ts'

const at = '2026-11-27T06:30:00.000Z'
const nowMs = Date.parse('2026-11-27T06:28:00Z')
const before = '2026-11-27T06:00:00.000Z'
const later = '2026-11-27T06:27:00.000Z'
const warning = (cause: Coming['cause'], more: Partial<Coming> = {}): Coming => ({
  cause,
  action: cause === 'idle-pause' ? 'pause' : 'stop',
  at,
  given_at: '2026-11-27T06:25:00.000Z',
  reason: 'Because.',
  ...more,
})

test('an environment may keep going after its idle time, and not after its longest run time', () => {
  expect(mayKeepGoing(warning('idle-pause'))).toBe(true)
  expect(mayKeepGoing(warning('idle-stop'))).toBe(true)
  expect(mayKeepGoing(warning('max-runtime'))).toBe(false)
})

test('use after a warning puts off a pause and a stop for idleness, and nothing puts off the longest run time', () => {
  for (const cause of ['idle-pause', 'idle-stop'] as const) {
    expect(isStillComing(warning(cause), before, nowMs)).toBe(true)
    expect(isStillComing(warning(cause), later, nowMs)).toBe(false)
  }
  expect(isStillComing(warning('max-runtime'), later, nowMs)).toBe(true)
  expect(isStillComing(warning('max-runtime'), later, Date.parse(at))).toBe(false)
})

test('a limit of two minutes is warned of, though its last use is not long ago', () => {
  const ofTwoMinutes = warning('idle-pause', { given_at: '2026-11-27T06:29:36.000Z' })
  expect(isStillComing(ofTwoMinutes, '2026-11-27T06:28:00.000Z', nowMs)).toBe(true)
})

test('an answered warning stays answered when the stream tells it again', () => {
  const next = (answered: Coming) => nextComing([warning('idle-pause')], { answered, lastActivity: before, nowMs })
  expect(next(warning('idle-pause'))).toBeNull()
  expect(next(warning('idle-pause', { at: '2026-11-27T05:30:00.000Z' }))).not.toBeNull()
})

test('what comes first is shown, and an answer hides no warning of another cause', () => {
  const [end, pause] = [warning('max-runtime'), warning('idle-pause', { at: '2026-11-27T06:29:00.000Z' })]
  expect(nextComing([end, pause], { answered: null, lastActivity: before, nowMs })).toBe(pause)
  expect(nextComing([end, pause], { answered: pause, lastActivity: before, nowMs })).toBe(end)
  expect(nextComing([end], { answered: warning('idle-stop'), lastActivity: later, nowMs })).toBe(end)
})
