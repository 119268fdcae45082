import { expect, test } from 'vitest'
import { nearest } from '../../../src/lib/nearest.ts'

test.each([
  ['HOST_DATA_PAHT', 'HOST_DATA_PATH'],
  ['HOST_DATAPATH', 'HOST_DATA_PATH'],
  ['PROT', 'PORT'],
  ['PTOR', null],
  ['POR', 'PORT'],
  ['SOMETHING_ELSE', null],
])('the nearest name to %s is %s', (word, meant) => {
  expect(nearest(word, ['HOST_DATA_PATH', 'PORT', 'HOST'])).toBe(meant)
})

test('a very long word has no nearest name, and costs no time', () => {
  for (let times = 0; times < 100; times += 1) expect(nearest('a'.repeat(2 ** 20), ['HOST', 'PORT'])).toBeNull()
})
