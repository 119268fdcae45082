import { describe, expect, test } from 'vitest'
import { commandsOf, printedBlocks, readDocuments } from '../support/printed.ts'

const all = readDocuments().flatMap(({ document, text }) =>
  printedBlocks(text).map((block) => ({ document, ...block })),
)

test('each printed block of commands either runs in a test or says why not', () => {
  const unmarked = all.filter(({ setting, notRun }) => setting === null && notRun === null)
  expect(unmarked.map(({ document, line }) => `${document}:${line}`)).toEqual([])
})

test('each mark in a document belongs to a block of commands', () => {
  const marks = readDocuments().flatMap(({ text }) => text.match(/^ *<!-- (not )?run\b.*-->$/gm) ?? [])
  expect(marks.length).toBe(all.filter(({ setting, notRun }) => setting !== null || notRun !== null).length)
})

describe('The blocks of a document:', () => {
  const read = (...lines: string[]) => printedBlocks(lines.join('\n'))

  test('a mark says where a block runs, and the block keeps its line', () => {
    expect(read('# Title', '', '<!-- run: lab -->', '```sh', 'a', 'b', '```')).toEqual([
      { language: 'sh', line: 4, setting: 'lab', notRun: null, lines: ['a', 'b'] },
    ])
  })

  test('a block in a list has its mark and its lines indented', () => {
    expect(read('1. First', '', '   <!-- not run: it is long -->', '   ```sh', '   a |', '     b', '   ```')).toEqual([
      { language: 'sh', line: 4, setting: null, notRun: 'it is long', lines: ['a |', '  b'] },
    ])
  })

  test.each([
    ['no mark', '```sh'],
    ['a mark with an unknown setting', '<!-- run: lap -->'],
    ['a mark without a reason', '<!-- not run: -->'],
    ['a mark two lines above', '<!-- run: lab -->\n'],
  ])('a block with %s is unmarked', (_, above) => {
    const lines = above === '```sh' ? [above] : [above, '```sh']
    expect(read(...lines, 'a', '```')).toMatchObject([{ setting: null, notRun: null, lines: ['a'] }])
  })

  test('other languages are no commands', () => {
    expect(read('```json', '{}', '```', '```', 'a', '```')).toEqual([])
  })

  test('a transcript has commands with their output', () => {
    const [block] = read('<!-- run: lab -->', '```console', '$ a', '1', '2', '$ b', '$ c', '3', '```')
    expect(block && commandsOf(block)).toEqual([
      { line: 3, text: 'a', output: '1\n2' },
      { line: 6, text: 'b', output: '' },
      { line: 7, text: 'c', output: '3' },
    ])
  })
})
