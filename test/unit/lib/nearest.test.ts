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
