import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cause, decideIdle, type IdleLimits, type IdleView, leadMs } from '../../../../src/domain/idle/idle.ts'

const minute = 60_000
const hour = 60 * minute
const limits: IdleLimits = { 'idle-pause': 30 * minute, 'idle-stop': 12 * hour, 'max-runtime': 24 * hour }
const now = 1_000 * hour

function view(changes: Partial<IdleView>): IdleView {
  return { now, state: 'running', use: 'idle', activeAt: now, startedAt: now - minute, warned: {}, ...changes }
}

/** The decision as a line: the action, and the announcements with their times. */
function told(changes: Partial<IdleView>, of: IdleLimits = limits): string {
  const { act, warnings } = decideIdle(view(changes), of)
  const announced = warnings.map(({ cause, dueAt }) => `announce ${cause} in ${(dueAt - now) / minute} min`)
  return [...(act ? [act] : []), ...announced].join(', ') || 'nothing'
}

test('an environment in use is left alone', () => {
  expect(told({ activeAt: now - 24 * minute })).toBe('nothing')
})

test('a pause is announced five minutes before, and comes at the announced time', () => {
  expect(told({ activeAt: now - 25 * minute })).toBe('announce idle-pause in 5 min')
  expect(told({ activeAt: now - 29 * minute, warned: { 'idle-pause': now - 4 * minute } })).toBe('nothing')
  expect(told({ activeAt: now - 30 * minute, warned: { 'idle-pause': now - 5 * minute } })).toBe('idle-pause')
})

test('an overdue pause without an announcement waits for the announced time', () => {
  expect(told({ activeAt: now - 9 * hour })).toBe('announce idle-pause in 5 min')
  expect(told({ activeAt: now - 9 * hour, warned: { 'idle-pause': now - 4 * minute } })).toBe('nothing')
  expect(told({ activeAt: now - 9 * hour, warned: { 'idle-pause': now - 5 * minute } })).toBe('idle-pause')
})

test('a short limit is announced a fifth of its length before', () => {
  expect(leadMs(10 * minute)).toBe(2 * minute)
  expect(told({ activeAt: now - 8 * minute }, { ...limits, 'idle-pause': 10 * minute })).toBe(
    'announce idle-pause in 2 min',
  )
})

test('activity after an announcement takes it back', () => {
  const { warned } = decideIdle(view({ activeAt: now - minute, warned: { 'idle-pause': now - 2 * minute } }), limits)
  expect(warned).toEqual({})
})

test('a paused environment is stopped later, and not paused again', () => {
  const paused = { state: 'paused', use: 'unknown', activeAt: now - 12 * hour } as const
  expect(told(paused)).toBe('announce idle-stop in 5 min')
  expect(told({ ...paused, warned: { 'idle-stop': now - 5 * minute } })).toBe('idle-stop')
})

test('while the use is unknown, nothing is done, and earlier announcements stand', () => {
  const unknown = { use: 'unknown', activeAt: now - 9 * hour } as const
  expect(told(unknown)).toBe('nothing')
  const announced = { 'idle-pause': now - hour }
  expect(told({ ...unknown, warned: announced })).toBe('nothing')
  expect(decideIdle(view({ ...unknown, warned: announced }), limits).warned).toEqual(announced)
})

test('the longest run ends a busy environment, and one that does not answer', () => {
  for (const use of ['busy', 'unknown'] as const) {
    const long = { use, startedAt: now - 24 * hour } as const
    expect(told(long)).toBe('announce max-runtime in 5 min')
    expect(told({ ...long, warned: { 'max-runtime': now - 5 * minute } })).toBe('max-runtime')
  }
})

test('of several actions that are due, a stop wins over a pause', () => {
  const warned = { 'idle-pause': now - hour, 'idle-stop': now - hour, 'max-runtime': now - hour }
  expect(told({ activeAt: 0, startedAt: 0, warned })).toBe('max-runtime')
  expect(told({ activeAt: 0, startedAt: null, warned })).toBe('idle-stop')
})

test('a limit that is off does nothing', () => {
  const off = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': null }
  expect(told({ activeAt: 0, startedAt: 0 }, off)).toBe('nothing')
})

const limit = fc.option(fc.integer({ min: 1, max: 10_000 }))
const moment = fc.integer({ min: 0, max: 30_000 })
const anyLimits = fc.record({ 'idle-pause': limit, 'idle-stop': limit, 'max-runtime': limit })
const anyView: fc.Arbitrary<IdleView> = fc.record({
  now: fc.constant(30_000),
  state: fc.constantFrom('running', 'paused'),
  use: fc.constantFrom('busy', 'idle', 'unknown'),
  activeAt: moment,
  startedAt: fc.option(moment),
  warned: fc.record({ 'idle-pause': moment, 'idle-stop': moment, 'max-runtime': moment }, { requiredKeys: [] }),
})
const everyCase = { numRuns: 5_000 }

// Trouble (idleness): a kernel computes, somebody types in a terminal, or a file is saved
test('only the longest run ends a running environment that is busy or may be busy', () => {
  fc.assert(
    fc.property(anyView, anyLimits, (seen, of) => {
      if (seen.state === 'paused' || seen.use === 'idle') return
      const { act, warnings } = decideIdle(seen, of)
      expect([null, 'max-runtime']).toContain(act)
      expect(warnings.every(({ cause }) => cause === 'max-runtime')).toBe(true)
    }),
    everyCase,
  )
})

// Trouble (idleness): an action comes without an announcement
test('no action comes without an announcement in good time, or before its limit', () => {
  fc.assert(
    fc.property(anyView, anyLimits, (seen, of) => {
      const { act } = decideIdle(seen, of)
      if (!act) return
      const limitMs = of[act] ?? Number.NaN
      const since = act === 'max-runtime' ? seen.startedAt : seen.activeAt
      expect(seen.now - (seen.warned[act] ?? Number.NaN)).toBeGreaterThanOrEqual(leadMs(limitMs))
      expect(seen.now - (since ?? Number.NaN)).toBeGreaterThanOrEqual(limitMs)
    }),
    everyCase,
  )
})

test('passing time never cancels an announcement or an action that is due', () => {
  fc.assert(
    fc.property(anyView, anyLimits, fc.nat(10_000), (seen, of, laterMs) => {
      const first = decideIdle(seen, of)
      const later = decideIdle({ ...seen, now: seen.now + laterMs, warned: first.warned }, of)
      for (const cause of Object.keys(first.warned) as Cause[]) expect(later.warned[cause]).toBe(first.warned[cause])
      if (first.act) expect(later.act).not.toBeNull()
    }),
    everyCase,
  )
})
