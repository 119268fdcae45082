import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allTroubles, tablesOf, troublesIn, withTables } from '../../../scripts/lib/troubles.ts'

const folder = join(import.meta.dirname, '../..')

describe('Comments above tests:', () => {
  test.each([
    ["test('one', () => {})", 'one'],
    ['it("it\'s one", () => {})', "it's one"],
    ["test.each([['(', ')'], [')']])('%s is one', () => {})", '%s is one'],
    ["test.skipIf(x)(\n  'one',\n  () => {})", 'one'],
    ["test.each([1, 2])(\n  // two of them\n  'not read'", null],
    ['test(`one, or \\`two\\``, () => {})', 'one, or `two`'],
    ["test.each<[string, number]>([['a', 1]])('one', () => {})", 'one'],
    ["// And why.\ntest('one', () => {})", 'one'],
    ["const x = 1\ntest('one', () => {})", null],
  ])('the comment belongs to the test in %j', (text, title) => {
    const source = `// Trouble (input): a slip\n${text}`
    if (title === null) expect(() => troublesIn('a.test.ts', source)).toThrow(/no test directly below "a slip"/)
    else expect(troublesIn('a.test.ts', source)).toMatchObject([{ section: 'input', trouble: 'a slip', title }])
  })

  test('the title of a trouble has the groups around the test', () => {
    const source = [
      "describe('Other', () => {",
      "  test('x', () => {})",
      '})',
      "describe.each(all)('The engine', () => {",
      "  describe('in trouble', () => {",
      '    // Trouble (worst): it hangs',
      '    // Trouble (input): it is away',
      "    test('says so', () => {})",
      '  })',
      '})',
    ].join('\n')
    expect(troublesIn('a.test.ts', source)).toEqual([
      { section: 'worst', trouble: 'it hangs', file: 'a.test.ts', title: 'The engine in trouble says so' },
      { section: 'input', trouble: 'it is away', file: 'a.test.ts', title: 'The engine in trouble says so' },
    ])
  })

  test('a comment must name an existing section', () => {
    expect(() => troublesIn('a.test.ts', "// Trouble (inptu): x\ntest('y')")).toThrow(
      'a.test.ts: there is no section "inptu" for "x"',
    )
  })
})

test('a trouble of two tests stands once, and a bar does not end a cell', () => {
  const row = { section: 'input', trouble: 'a|b', file: 'a.test.ts', title: 'one' } as const
  expect(tablesOf([row, { ...row, title: 'two' }])).toContain(
    '| a\\|b | `a.test.ts` | one |\n|  | `a.test.ts` | two |\n',
  )
})

test('a document without the two markers is left alone', () => {
  expect(() => withTables('# Tests\n', '')).toThrow('The document lacks')
})

test('test/README.md has the troubles of all tests (npm run troubles writes it)', () => {
  const document = readFileSync(join(folder, 'README.md'), 'utf8')
  expect(plain(withTables(document, tablesOf(allTroubles(folder))))).toBe(plain(document))
})

/** The formatter aligns the cells of tables. */
function plain(markdown: string): string {
  return markdown.replace(/-{3,}/g, '---').replace(/ +/g, ' ')
}
