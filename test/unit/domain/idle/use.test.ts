import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideIdle, leadMs, type Warned } from '../../../../src/domain/idle/idle.ts'
import type { ServerLook } from '../../../../src/domain/idle/jupyter-activity.ts'
import { followUse, type Sight, type Use } from '../../../../src/domain/idle/use.ts'

const noon = 1_764_000_000_000
const hour = 3_600_000

function server(changes: Partial<ServerLook> = {}): ServerLook {
  return { busy: false, lastActivity: null, serverNow: noon, saves: 0, ...changes }
}

function sight(changes: Partial<Sight> = {}): Sight {
  return { now: 5_000_000, today: noon, startedAt: noon - hour, recordedAt: null, server: server(), ...changes }
}

/** Makes looks one after the other; gives how long before the last look the environment was active. */
function idleMs(...sights: Partial<Sight>[]): number {
  let use: Use | null = null
  for (const each of sights) use = followUse(use, sight(each))
  if (!use) throw new Error('there was no look')
  return use.seenAt - use.activeAt
}

test("the first look goes by the server's own clock, whatever the service's clock shows", () => {
  const kernel = server({ lastActivity: noon - 9 * hour, serverNow: noon - 9 * hour + 700 })
  expect(idleMs({ server: kernel })).toBe(700)
})

test('the first look counts the newest known activity: a kernel, the record, or the start', () => {
  const kernel = server({ lastActivity: noon - 3 * hour })
  expect(idleMs({ server: kernel })).toBe(hour)
  expect(idleMs({ server: kernel, recordedAt: noon - 40 })).toBe(40)
  expect(idleMs({ server: kernel, startedAt: null })).toBe(3 * hour)
  expect(idleMs({ server: null, startedAt: null })).toBe(0)
})

test('a busy kernel is activity, whenever its work began', () => {
  const busy = server({ busy: true, lastActivity: noon - 3 * hour })
  expect(idleMs({ server: busy })).toBe(0)
  expect(idleMs({}, { now: 5_060_000, server: busy })).toBe(0)
})

test('a changed time of last activity is activity, an unchanged one is not', () => {
  const before = server({ lastActivity: noon - hour })
  const later = { now: 5_060_000, today: noon + 60_000 }
  expect(idleMs({ server: before }, { ...later, server: { ...before, serverNow: noon + 60_000 } })).toBe(hour + 60_000)
  const moved = server({ lastActivity: noon + 59_000, serverNow: noon + 60_000 })
  expect(idleMs({ server: before }, { ...later, server: moved })).toBe(1_000)
})

test('a saved file is activity; a counter that starts again at 0 is not', () => {
  const later = { now: 5_060_000 }
  expect(idleMs({ server: server({ saves: 3 }) }, { ...later, server: server({ saves: 4 }) })).toBe(0)
  expect(idleMs({ server: server({ saves: 3 }) }, { ...later, server: server({ saves: 0 }) })).toBe(hour + 60_000)
  expect(idleMs({ server: server({ saves: null }) }, { ...later, server: server({ saves: 4 }) })).toBe(hour + 60_000)
})

test('closing the last kernel is activity', () => {
  const before = server({ lastActivity: noon - hour })
  expect(idleMs({ server: before }, { now: 5_060_000, server: server() })).toBe(0)
})

test('an action through the service is activity', () => {
  expect(idleMs({}, { now: 5_060_000, today: noon + 60_000, recordedAt: noon + 55_000 })).toBe(5_000)
  // The clock was put forward by hours since then.
  expect(idleMs({}, { now: 5_060_000, today: noon + 9 * hour, recordedAt: noon + 55_000 })).toBe(60_000)
})

test('a time without answers from the server is no activity', () => {
  const kernel = server({ lastActivity: noon - hour })
  expect(idleMs({ server: kernel }, { now: 5_060_000, server: null }, { now: 5_120_000, server: kernel })).toBe(
    hour + 120_000,
  )
})

test('another start of the container counts as activity', () => {
  const later = { now: 5_060_000, today: noon + 60_000 }
  expect(idleMs({}, { ...later, startedAt: noon + 50_000 })).toBe(10_000)
  expect(idleMs({}, { ...later, startedAt: null })).toBe(hour + 60_000)
})

function seldom(): fc.Arbitrary<boolean> {
  return fc.nat(9).map((of10) => of10 === 0)
}

/** One look, with the events before it. */
const happening = fc.record({
  everyMs: fc.integer({ min: 1, max: 60 }),
  /** How long before the look a kernel did something; null if it did nothing. */
  actedAgo: seldom().chain((acted) => (acted ? fc.nat(20) : fc.constant(null))),
  busy: seldom(),
  answers: seldom().map((isSilent) => !isSilent),
  /** By how much the time of day is changed just before the look. */
  jumpMs: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: -1_000_000, max: 1_000_000 })),
})
const anyLimitMs = fc.integer({ min: 50, max: 500 })

// Trouble (idleness): the time of day jumps
test('jumps of the clock never pause a recently active environment, or any without an announcement', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), anyLimitMs, (happenings, limitMs) => {
      const limits = { 'idle-pause': limitMs, 'idle-stop': null, 'max-runtime': null }
      let [now, today, lastActivity, activeAt] = [1_000, noon, noon, 1_000]
      let use: Use | null = followUse(null, sight({ now, today, server: server({ lastActivity }) }))
      let warned: Warned = {}
      let announcedAt: number | null = null
      for (const { everyMs, actedAgo, busy, answers, jumpMs } of happenings) {
        now += everyMs
        today += everyMs
        if (actedAgo !== null && actedAgo < everyMs) [lastActivity, activeAt] = [today - actedAgo, now - actedAgo]
        if (busy) [lastActivity, activeAt] = [today, now]
        today += jumpMs
        const look = answers ? server({ busy, lastActivity, serverNow: today }) : null
        use = followUse(use, sight({ now, today, server: look }))
        const verdict = decideIdle(
          { ...use, now, state: 'running', use: look ? (busy ? 'busy' : 'idle') : 'unknown', warned },
          limits,
        )
        warned = verdict.warned
        if (verdict.warnings.length > 0) announcedAt = now
        if (!verdict.act) continue
        expect([busy, answers]).toEqual([false, true])
        expect(now - activeAt).toBeGreaterThanOrEqual(limitMs - gapMs(happenings))
        expect(now - (announcedAt ?? Number.NaN)).toBeGreaterThanOrEqual(leadMs(limitMs))
      }
    }),
    { numRuns: 2_000 },
  )
})

/** The longest time without an answer. After a jump of the clock in it, an activity in it may count as that old. */
function gapMs(happenings: { everyMs: number; answers: boolean }[]): number {
  let [longest, gap] = [0, 0]
  for (const { everyMs, answers } of happenings) {
    gap += everyMs
    longest = Math.max(longest, gap)
    if (answers) gap = 0
  }
  return longest
}

test('an unused environment is paused in the end, however the clocks jump', () => {
  fc.assert(
    fc.property(fc.array(happening, { minLength: 1, maxLength: 40 }), anyLimitMs, (happenings, limitMs) => {
      const limits = { 'idle-pause': limitMs, 'idle-stop': null, 'max-runtime': null }
      let [now, today] = [1_000, noon]
      let use: Use | null = null
      let warned: Warned = {}
      let acts = false
      for (let step = 0; now < 1_000 + 2 * limitMs + 200; step += 1) {
        const { everyMs, jumpMs } = happenings[step % happenings.length] ?? { everyMs: 1, jumpMs: 0 }
        now += everyMs
        today += everyMs + jumpMs
        use = followUse(use, sight({ now, today, server: server({ lastActivity: noon, serverNow: today }) }))
        const verdict = decideIdle({ ...use, now, state: 'running', use: 'idle', warned }, limits)
        warned = verdict.warned
        acts ||= verdict.act === 'idle-pause'
      }
      expect(acts).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})
