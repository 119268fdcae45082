import { expect, test } from 'vitest'
import { userId } from '../../../src/domain/people/user-id.ts'
import { standingOf } from '../../../src/domain/usage/standing.ts'
import { createStandings } from '../../../src/usage/standings.ts'
import type { PlaceUsage } from '../../../src/usage/usage.ts'

const usage = (id: string, bytes: number, limitBytes: number | null = 100): PlaceUsage => ({
  kind: 'person',
  path: `users/${id}`,
  userId: userId.parse(id),
  count: { bytes, sizeBytes: bytes, files: 1, folders: 1 },
  missed: 0,
  biggest: [],
  countedAt: 1,
  fullAt: null,
  limitBytes,
  trashBytes: 0,
  standing: standingOf({ limitBytes, usedBytes: bytes }),
})

function open() {
  const log: string[] = []
  const standings = createStandings({
    near: (id) => log.push(`near ${id}`),
    over: (id) => log.push(`over ${id}`),
    back: (id) => log.push(`back ${id}`),
  })
  return { log, standings }
}

test('each turn of a standing is logged once', () => {
  const { log, standings } = open()
  for (const bytes of [10, 95, 96, 100, 120, 95, 10, 10]) standings.note([usage('alice', bytes)])
  expect(log).toEqual(['near alice', 'over alice', 'near alice', 'back alice'])
})

test('what was known before the start is told to administrators, but not logged again', () => {
  const { log, standings } = open()
  standings.note([usage('alice', 95), usage('bob', 100), usage('carol', 10), usage('dora', 10 ** 9, null)])
  expect(log).toEqual([])
  expect(standings.counts()).toEqual({ near: 1, over: 1 })
  expect(standings.words()).toEqual([
    expect.stringMatching(/^alice: This folder takes 95 B/),
    expect.stringMatching(/^bob: /),
  ])
})

test('of many people ten are named', () => {
  const { standings } = open()
  standings.note(Array.from({ length: 25 }, (_, index) => usage(`p${index}`, 99)))
  expect(standings.words()).toHaveLength(11)
  expect(standings.words().at(-1)).toMatch(/15 more/)
})
