import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  emptySurvey,
  inOrder,
  isLeftover,
  placesFor,
  temporaryName,
} from '../../../../src/domain/migration/migration.ts'
import {
  exitCodeOf,
  type MigrationPlan,
  type MigrationResult,
  spaceOf,
} from '../../../../src/domain/migration/migration-plan.ts'
import { bytesOf, octetsOf } from '../../../../src/lib/octets.ts'
import { utf8Of } from '../../../../src/lib/printable.ts'

function first(name: string, count: number): string[] {
  const places = placesFor(name)
  return Array.from({ length: count }, () => places.next().value)
}

describe('places for a legacy entry:', () => {
  test("the places are the entry's own name, then names that end in .from-legacy", () => {
    expect(first('a.csv', 4)).toEqual(['a.csv', 'a.csv.from-legacy', 'a.csv.from-legacy-2', 'a.csv.from-legacy-3'])
  })

  test('places are never longer than 255 bytes, and never end in half a character', () => {
    const unit = fc.constantFrom('a', 'é', '日', '𝄞')
    fc.assert(
      fc.property(fc.string({ unit, minLength: 50, maxLength: 100 }), (text) => {
        const name = octetsOf(text)
        if (name.length > 255) return
        const places = first(name, 12)
        expect(new Set(places).size).toBe(12)
        for (const place of places) {
          expect(place.length).toBeLessThanOrEqual(255)
          expect(utf8Of(bytesOf(place))).not.toBeNull()
        }
      }),
    )
  })
})

test('a temporary name is recognised as a leftover, a similar name is not', () => {
  expect(isLeftover(temporaryName(new Uint8Array([0, 1, 2, 3, 4, 5, 6, 255])))).toBe(true)
  for (const name of [
    '.ai-lab-migrate-',
    '.ai-lab-migrate-00010203040506ff.txt',
    'x.ai-lab-migrate-00010203040506ff',
  ]) {
    expect(isLeftover(name)).toBe(false)
  }
})

describe('the needed space:', () => {
  const room = (device: string, freeBytes: number, freeInodes: number | null = null) => ({
    device,
    freeBytes,
    freeInodes,
  })
  const need = (bytes: number, inodes = 1) => ({ bytes, inodes })

  test('the needed space is added up for each disk', () => {
    const space = spaceOf([
      { folder: 'shared', need: need(60), room: room('1', 100) },
      { folder: 'users', need: need(60), room: room('2', 200) },
      { folder: 'users', need: need(60), room: room('2', 200) },
      { folder: 'admin', need: need(60), room: room('1', 100) },
    ])
    expect(space).toEqual([
      { folders: ['shared', 'admin'], neededBytes: 120, freeBytes: 100, fits: false },
      { folders: ['users'], neededBytes: 120, freeBytes: 200, fits: true },
    ])
  })

  test('the needed space includes the number of files if the disk limits it', () => {
    expect(spaceOf([{ folder: 'shared', need: need(1, 3), room: room('1', 100, 2) }])[0]?.fits).toBe(false)
  })

  test('the space suffices if nothing is needed, even on a full disk', () => {
    expect(spaceOf([{ folder: 'shared', need: need(0, 0), room: room('1', 0, 0) }])[0]?.fits).toBe(true)
  })
})

describe('the exit code:', () => {
  const plan = (changes: Partial<MigrationPlan> = {}) =>
    ({ surveys: [], unknown: [], strange: [], space: [], ...changes }) as unknown as MigrationPlan
  const done: MigrationResult = { files: 1, bytes: 1, failed: [], cutShort: null }
  const left = { path: 'x', reason: 'y' }

  test('the exit code is 0 when everything is done or can be done', () => {
    expect([exitCodeOf(plan(), null), exitCodeOf(plan(), done)]).toEqual([0, 0])
  })

  test('the exit code is 1 when something failed or does not fit', () => {
    expect(exitCodeOf(plan(), { ...done, failed: [left] })).toBe(1)
    expect(exitCodeOf(plan(), { ...done, cutShort: 'The disk is full.' })).toBe(1)
    expect(exitCodeOf(plan({ space: [{ folders: [], neededBytes: 2, freeBytes: 1, fits: false }] }), null)).toBe(1)
  })

  test('the exit code is 2 when something waits for a decision', () => {
    expect(exitCodeOf(plan({ unknown: [{ folder: 'x', candidates: [] }] }), done)).toBe(2)
    expect(exitCodeOf(plan({ strange: [left] }), null)).toBe(2)
  })
})

test('skipped files are listed by name, in whatever order the disk gave them', () => {
  const survey = emptySurvey({ from: ['shared'], to: ['shared'], user: null })
  const named = (...paths: string[]) => paths.map((path) => ({ path, reason: 'a FIFO' }))
  expect(inOrder({ ...survey, skipped: named('b', 'a/c', 'a') }).skipped).toEqual(named('a', 'a/c', 'b'))
})
