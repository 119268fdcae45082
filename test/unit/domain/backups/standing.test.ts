import { expect, test } from 'vitest'
import { noDrill } from '../../../../src/domain/backups/drill.ts'
import { type BackupHistory, dueAt, standingOf } from '../../../../src/domain/backups/standing.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const now = Date.parse('2026-11-26T12:00:00Z')
const none: BackupHistory = {
  lastDoneAt: null,
  leftOut: 0,
  oldOnesStay: false,
  failedAt: null,
  failure: null,
  damage: null,
  drill: noDrill,
}
const times = { everyMs: dayMs, bornAt: now - 400 * dayMs, now }

test('a lab with a backup of the night is healthy', () => {
  expect(standingOf({ ...none, lastDoneAt: now - 9 * hourMs }, times)).toEqual({
    status: 'healthy',
    code: null,
    detail: 'The last backup is of 2026-11-26T03:00Z. A restore was never practised.',
  })
})

test('a lab that was made today has no backup yet, which is no fault', () => {
  expect(standingOf(none, { ...times, bornAt: now - hourMs })).toMatchObject({ status: 'healthy' })
})

test('two missed backups are a fault, also if there never was one', () => {
  expect(standingOf({ ...none, lastDoneAt: now - 2 * dayMs }, times)).toMatchObject({ code: null })
  expect(standingOf({ ...none, lastDoneAt: now - 2 * dayMs - 2 * hourMs }, times)).toMatchObject({
    code: 'backup-stale',
  })
  expect(standingOf(none, times)).toMatchObject({
    code: 'backup-stale',
    detail: 'There is no backup yet. Another one was due, and was not made.',
  })
})

test('a failed try, folders that were left out, old backups that stay, and damage are faults', () => {
  const done = { ...none, lastDoneAt: now - hourMs }
  expect(standingOf({ ...done, failedAt: now, failure: 'The disk is full.' }, times)).toEqual({
    status: 'degraded',
    code: 'backup-failed',
    detail: 'The last try to back up failed: The disk is full. The last backup is of 2026-11-26T11:00Z.',
  })
  expect(standingOf({ ...done, leftOut: 2 }, times)).toMatchObject({ code: 'backup-incomplete' })
  expect(standingOf({ ...done, oldOnesStay: true }, times)).toEqual({
    status: 'degraded',
    code: 'old-backups-stay',
    detail: 'The last backup is of 2026-11-26T11:00Z. Old ones could not be removed after it.',
  })
  expect(standingOf({ ...done, oldOnesStay: true, leftOut: 2 }, times)).toMatchObject({ code: 'backup-incomplete' })
  expect(standingOf({ ...done, damage: 'a pack differs' }, times)).toMatchObject({ code: 'backup-damaged' })
})

test('without a schedule an old backup is no fault', () => {
  expect(standingOf({ ...none, lastDoneAt: now - 90 * dayMs }, { ...times, everyMs: null })).toMatchObject({
    status: 'healthy',
    detail: expect.stringContaining('No backups are scheduled.'),
  })
})

test('the next backup is due after the last one; one that was missed is due in the past', () => {
  const daily = (after: number) => Math.floor(after / dayMs + 1) * dayMs
  expect(dueAt({ lastBegunAt: now - 3 * dayMs, bornAt: 0 }, daily)).toBe(Date.parse('2026-11-24T00:00:00Z'))
  expect(dueAt({ lastBegunAt: null, bornAt: now }, daily)).toBe(Date.parse('2026-11-27T00:00:00Z'))
})

test('health says when a restore was last practised, and a drill that failed is a fault until one goes well', () => {
  const done = { ...none, lastDoneAt: now - hourMs }
  const practised = { practisedAt: now - 6 * dayMs, backupId: 'one', failure: null }
  expect(standingOf({ ...done, drill: practised }, times)).toEqual({
    status: 'healthy',
    code: null,
    detail: 'The last backup is of 2026-11-26T11:00Z. A restore was last practised 6 days ago.',
  })
  expect(standingOf({ ...done, drill: { ...practised, failure: 'alice is missing' } }, times)).toEqual({
    status: 'degraded',
    code: 'drill-failed',
    detail: 'The last drill failed. The last backup is of 2026-11-26T11:00Z.',
  })
})
