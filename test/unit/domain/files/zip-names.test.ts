import { expect, test } from 'vitest'
import { zipNames } from '../../../../src/domain/files/zip-names.ts'
import { octetsOf } from '../../../../src/lib/octets.ts'

const namesOf = (...names: string[]) => [...zipNames(names).values()]

test('a name of UTF-8 is kept as it is', () => {
  expect(namesOf(octetsOf('データ.txt'), '100%', '..a', 'ab:c')).toEqual(['データ.txt', '100%', '..a', 'ab:c'])
})

test('octets that are not UTF-8, control characters, backslashes and the colons of drives become a percent sign and two digits', () => {
  expect(namesOf('\xfff\xfe', '..\\x', 'C:', 'c:x', 'a\nb')).toEqual(['%FFf%FE', '..%5Cx', 'C%3A', 'c%3Ax', 'a%0Ab'])
})

test('no two entries of a folder get one name', () => {
  expect(zipNames(['a\\b', 'a%5Cb', 'a%5Cb~2'])).toEqual(
    new Map([
      ['a%5Cb', 'a%5Cb'],
      ['a%5Cb~2', 'a%5Cb~2'],
      ['a\\b', 'a%5Cb~3'],
    ]),
  )
})
