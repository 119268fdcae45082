import { parse } from 'dotenv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { setSetting, strayLines, writtenValue } from '../../../../src/domain/doctor/settings-file.ts'

const name = 'HOST_DATA_PATH'

describe('a change of a setting:', () => {
  test.each([
    ['its value', 'A=1\nHOST_DATA_PATH=/old\nB=2\n', 'A=1\nHOST_DATA_PATH=/new\nB=2\n'],
    ['an empty value', 'HOST_DATA_PATH=\nB=2\n', 'HOST_DATA_PATH=/new\nB=2\n'],
    ['a value of blanks', 'HOST_DATA_PATH=  \nB=2\n', 'HOST_DATA_PATH=/new  \nB=2\n'],
    ['lines with Windows line ends', 'A=1\r\nHOST_DATA_PATH=/old\r\nB=2\r\n', 'A=1\r\nHOST_DATA_PATH=/new\r\nB=2\r\n'],
    ['a file without a last line end', 'HOST_DATA_PATH=/old', 'HOST_DATA_PATH=/new'],
    ['blanks and a comment', 'HOST_DATA_PATH = /old  # ours\n', 'HOST_DATA_PATH = /new  # ours\n'],
    ['quotes', 'HOST_DATA_PATH="/old one" # ours\n', 'HOST_DATA_PATH=/new # ours\n'],
    ['export', 'export HOST_DATA_PATH=/old\n', 'export HOST_DATA_PATH=/new\n'],
    [
      'the last of two values, which counts',
      'HOST_DATA_PATH=/a\nHOST_DATA_PATH=/b\n',
      'HOST_DATA_PATH=/a\nHOST_DATA_PATH=/new\n',
    ],
    ['a setting in a comment', '# HOST_DATA_PATH=/old\nA=1\n', '# HOST_DATA_PATH=/old\nA=1\nHOST_DATA_PATH=/new\n'],
    ['another name with the same beginning', 'HOST_DATA_PATHS=/old\n', 'HOST_DATA_PATHS=/old\nHOST_DATA_PATH=/new\n'],
    ['a byte order mark', '\uFEFFHOST_DATA_PATH=/old\n', '\uFEFFHOST_DATA_PATH=/new\n'],
    [
      'a new setting in a file with Windows line ends, but none at its end',
      'A=1\r\nB=2',
      'A=1\r\nB=2\r\nHOST_DATA_PATH=/new\r\n',
    ],
    ['a new setting in an empty file', '', 'HOST_DATA_PATH=/new\n'],
    [
      'a setting that also stands in the value of another',
      'A="x\nHOST_DATA_PATH=/in\n"\nHOST_DATA_PATH=/old\n',
      'A="x\nHOST_DATA_PATH=/in\n"\nHOST_DATA_PATH=/new\n',
    ],
  ])('a setting is changed, and nothing else: %s', (_, before, after) => {
    expect(setSetting(before, name, '/new')).toBe(after)
    expect(parse(after)[name]).toBe('/new')
  })

  const blanks = fc.constantFrom('', ' ', '\t', '  ')
  const written = fc.oneof(
    fc.stringMatching(/^[a-z0-9/._-]*$/),
    fc.stringMatching(/^[a-z /]*$/).map((text) => `"${text}"`),
    fc.stringMatching(/^[a-z #$\n/]*$/).map((text) => `'${text}'`),
  )
  const line = fc.oneof(
    fc
      .tuple(
        blanks,
        fc.constantFrom('', 'export '),
        fc.constantFrom('A', 'B', name),
        fc.constantFrom('=', ' = ', '= '),
        written,
        fc.constantFrom('', ' # why', '  '),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('', '# HOST_DATA_PATH=/no', 'garbage', '=x', '###', 'A', 'voilà=1'),
  )
  const file = fc
    .tuple(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.constantFrom('', '\uFEFF'))
    .map(([lines, end, closed, mark]) => mark + lines.join(end) + (closed && lines.length > 0 ? end : ''))
  const value = fc.constantFrom('/srv/lab', '/srv/voilà/ai-lab-data', '/a', "'/srv/the lab #1'")

  // Trouble (doctor): the doctor changes a `production.env` of any shape
  test('after a change of any file, dotenv reads the new value and all others as before, and no other byte differs', () => {
    fc.assert(
      fc.property(file, value, (before, wanted) => {
        const after = setSetting(before, name, wanted)
        expect(parse(after)).toEqual({ ...parse(before), [name]: wanted.replaceAll("'", '') })
        const removed = removedOf(before, after).replaceAll(/['"]/g, '')
        expect(parse(before)[name] ?? '').toContain(removed)
      }),
      { numRuns: 2000 },
    )
  })
})

/** The part of `before` between the beginning and the end that both texts share. */
function removedOf(before: string, after: string): string {
  let from = 0
  while (from < before.length && before[from] === after[from]) from += 1
  let to = 0
  while (to < before.length - from && to < after.length - from && before.at(-1 - to) === after.at(-1 - to)) to += 1
  return before.slice(from, before.length - to)
}

test.each([
  ['/srv/ai-lab-data', '/srv/ai-lab-data'],
  ['/srv/Größe', '/srv/Größe'],
  ['/srv/the lab', "'/srv/the lab'"],
  ['/srv/lab#1', "'/srv/lab#1'"],
  ["/srv/o'lab", null],
  ['/srv/$lab', null],
  ['/srv/a\\b', null],
  ['/srv/a\nb', null],
  ['/srv/a ', null],
  ['/srv/"a"', null],
])('the value %j is written as %j, or not at all if its readers would differ', (value, written) => {
  expect(writtenValue(value)).toBe(written)
  if (written) expect(parse(`A=${written}\n`)).toEqual({ A: value })
})

test('strayLines gives the numbers of the lines that no program reads', () => {
  expect(strayLines('A=1\n# c\n\nHOST_DATA_PATH /srv\n=x\r\nB="a\nb"\nC\n')).toEqual([4, 5, 8])
  expect(strayLines('\uFEFF# c\nA=1')).toEqual([])
})
