import { expect, test } from 'vitest'
import { nearest } from '../../../src/lib/nearest.ts'

test.each([
  ['HOST_DATA_PAHT', 'HOST_DATA_PATH'],
  ['HOST_DATAPATH', 'HOST_DATA_PATH'],
  ['PROT', 'PORT'],
  ['PTOR', null],
  ['POR', 'PORT'],
  ['SOMETHING_ELSE', null],
])('%s is meant as %s', (word, meant) => {
  expect(nearest(word, ['HOST_DATA_PATH', 'PORT', 'HOST'])).toBe(meant)
})

test('a word that is far too long to be a typing mistake costs nothing', () => {
  for (let times = 0; times < 100; times += 1) expect(nearest('a'.repeat(2 ** 20), ['HOST', 'PORT'])).toBeNull()
})
