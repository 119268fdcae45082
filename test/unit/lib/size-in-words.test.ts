import { expect, test } from 'vitest'
import { sizeInWords } from '../../../src/lib/size-in-words.ts'

const GiB = 2 ** 30

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [8 * GiB, '8 GiB'],
  [9.96 * GiB, '10 GiB'],
  [10.4 * GiB, '10 GiB'],
])('%d bytes are %s', (bytes, words) => expect(sizeInWords(bytes)).toBe(words))
