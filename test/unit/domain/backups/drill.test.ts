import { expect, test } from 'vitest'
import { isDrillDue, noDrill, practisedWords, tellsOfBackup } from '../../../../src/domain/backups/drill.ts'
import { weaknessesOfDrills } from '../../../../src/domain/backups/weaknesses.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const now = Date.parse('2026-11-26T12:00:00Z')

test.each([
  [null, 'A restore was never practised.'],
  [10_000, 'A restore was last practised within the last hour.'],
  [hourMs, 'A restore was last practised an hour ago.'],
  [23 * hourMs, 'A restore was last practised 23 hours ago.'],
  [dayMs, 'A restore was last practised a day ago.'],
  [6 * dayMs, 'A restore was last practised 6 days ago.'],
])('a drill of %s ms ago: %s', (ago, words) => {
  expect(practisedWords({ practisedAt: ago === null ? null : now - ago }, now)).toBe(words)
})

test('a reminder comes before the first drill, and half a year after the last', () => {
  expect(isDrillDue(noDrill, now)).toBe(true)
  expect(isDrillDue({ practisedAt: now - 180 * dayMs }, now)).toBe(false)
  expect(isDrillDue({ practisedAt: now - 181 * dayMs }, now)).toBe(true)
})

test('nobody is reminded of a drill while there is no backup', () => {
  expect(weaknessesOfDrills(null, now)).toEqual([])
  expect(weaknessesOfDrills({ lastDoneAt: null, drill: noDrill }, now)).toEqual([])
  expect(weaknessesOfDrills({ lastDoneAt: now, drill: noDrill }, now)).toMatchObject([
    { remedy: expect.stringContaining('ailab drill') },
  ])
})

test('a full disk, and an engine, a repository or a key that is away say nothing of the backup', () => {
  for (const code of ['no-room', 'engine-unavailable', 'backup-repository-unusable', 'backups-off'] as const) {
    expect(tellsOfBackup(code)).toBe(false)
  }
  for (const code of ['drill-failed', 'backup-damaged', 'backup-not-found', 'internal-error'] as const) {
    expect(tellsOfBackup(code)).toBe(true)
  }
})
