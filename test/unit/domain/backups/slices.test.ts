import { expect, test } from 'vitest'
import { nextSlice } from '../../../../src/domain/backups/slices.ts'

// Trouble (files): backups are checked once a week, so each check would read the same seventh of them
test('each check reads the slice after the one that the last check read, so that as many checks as there are slices read all', () => {
  const read: string[] = []
  for (let check = 0; check < 8; check += 1) {
    const { nth, of } = nextSlice(read.at(-1) ?? null)
    read.push(`${nth}/${of}`)
  }
  expect(read).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7', '1/7'])
})

test.each([null, undefined, 'all', '3/5', '8/7', '0/7', 4])(
  'after a check that read %s, it is the first slice',
  (last) => {
    expect(nextSlice(last)).toEqual({ nth: 1, of: 7 })
  },
)
