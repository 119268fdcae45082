import { expect, test } from 'vitest'
import { countsOf, recorded } from '../../../../src/domain/files/verification.ts'

const paths = (count: number) => Array.from({ length: count }, (_, at) => `part-${at}.csv`)

// Trouble (files): a whole dataset is gone, and the list of datasets reads the paths of all its files each time
test('a thousand paths of each kind are recorded, and all files are counted', () => {
  const found = { verified: 1, differ: paths(1_001), missing: paths(14_000) }
  const kept = recorded(found, 'v1')
  expect([kept.differ, kept.missing]).toEqual([paths(1_000), paths(1_000)])
  expect(kept).toMatchObject({ unlisted_differ: 1, unlisted_missing: 13_000, of: 'v1' })
  expect(countsOf(kept)).toEqual({ verified: 1, differ: 1_001, missing: 14_000 })
})

test('short lists are recorded whole, as are records from before the limit', () => {
  const found = { verified: 2, differ: ['a'], missing: [] }
  expect(recorded(found, 'v1')).toEqual({ ...found, unlisted_differ: 0, unlisted_missing: 0, of: 'v1' })
  expect(countsOf(found)).toEqual({ verified: 2, differ: 1, missing: 0 })
})
