import { expect, test } from 'vitest'
import { csvRows } from '../src/previews/csv.ts'
import { notebookOf } from '../src/previews/notebook.ts'
import { parquetOf } from '../src/previews/parquet.ts'
import { pictureType, previewOf } from '../src/previews/preview-of.ts'
import { boundedRows, cellText, columnsAtMost, rowsAtMost } from '../src/previews/rows.ts'
import { cutText, textOf, withoutEscapes } from '../src/previews/text.ts'
import { smallParquet } from './support/small-parquet.ts'

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer

test('the end of a name decides on its preview, and an unknown one has none', () => {
  const names = [
    'a.PNG',
    'a.ipynb',
    'a.tsv',
    'a.parquet',
    'a.py',
    'Makefile',
    'a.bin',
    'a',
    'a.constructor',
    'a.__proto__',
  ]
  expect(names.map(previewOf)).toEqual([
    'image',
    'notebook',
    'csv',
    'parquet',
    'text',
    'text',
    'none',
    'none',
    'none',
    'none',
  ])
  expect([pictureType('a.svg'), pictureType('a.html'), pictureType('a.constructor')]).toEqual([
    'image/svg+xml',
    'image/png',
    'image/png',
  ])
})

test('bytes with a zero are no text, and a character that is cut at the end is left out', () => {
  expect(textOf(new Uint8Array([80, 0, 75]).buffer, true)).toBeNull()
  expect(textOf(bytes('naïve').slice(0, 3), false)).toBe('na')
  expect(textOf(bytes('naïve'), true)).toBe('naïve')
})

test('escape sequences of terminals are taken out of a text', () => {
  expect(withoutEscapes('\x1b[31mred\x1b[0m \x1b]0;title\x07plain \x1b[2J\x1b[Hend')).toBe('red plain end')
})

test('a text is cut between characters', () => {
  expect(cutText('ab😀cd', 3)).toEqual({ text: 'ab', more: 4 })
  expect(cutText('ab', 3)).toEqual({ text: 'ab', more: 0 })
})

test('a table has its first rows and columns, of 1,000,000 columns too', () => {
  const wide = csvRows(Array.from({ length: 1_000_000 }, (_, at) => at).join(','), false)
  expect(wide).toMatchObject({ columns: columnsAtMost, allColumns: expect.any(Number) })
  expect(wide.rows[0]).toHaveLength(columnsAtMost)
  const long = csvRows('a;b\n'.repeat(5_000), false)
  expect(long.rows).toHaveLength(rowsAtMost)
  expect(long).toMatchObject({ columns: 2, isAll: false })
})

test('a line of 100 MB is shown as its start, at once', () => {
  const before = performance.now()
  const { rows } = csvRows('x'.repeat(100_000_000), true)
  expect(rows).toHaveLength(1)
  expect(rows[0]?.[0]?.length).toBeLessThan(400)
  expect(performance.now() - before).toBeLessThan(2_000)
})

test('an open quote eats the rest of the file, and is still only one cell', () => {
  const { rows } = csvRows(`a,b\n1,"${'x\n'.repeat(300_000)}`, true)
  expect(rows.length).toBeLessThanOrEqual(2)
})

test('the last row of a part of a file is left out: it may be cut', () => {
  expect(csvRows('a,b\n1,2\n3,', true).rows).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ])
  expect(csvRows('a,b\n1,2\n3,4', false)).toMatchObject({ isAll: true, rows: { length: 3 } })
  expect(csvRows('', false)).toMatchObject({ rows: [], columns: 0 })
})

test('rows of different lengths are made equally long', () => {
  expect(boundedRows([['a'], ['b', 'c']], false).rows).toEqual([
    ['a', ''],
    ['b', 'c'],
  ])
})

test('any value of a parquet file becomes a short text', () => {
  const deep: Record<string, unknown> = {}
  deep.list = Array.from({ length: 10_000 }, (_, at) => BigInt(at))
  expect(cellText(null)).toBe('')
  expect(cellText(12n)).toBe('12')
  expect(cellText(new Date(Number.NaN))).toBe('')
  expect(cellText(new Uint8Array([1, 255]))).toBe('01ff')
  expect(cellText(deep).length).toBeLessThan(2_000)
  expect(cellText({ a: new Uint8Array(1_000_000) }).length).toBeLessThan(2_000)
})

test('a notebook becomes texts and pictures', () => {
  const text = JSON.stringify({
    metadata: { language_info: { name: 'python' } },
    cells: [
      { cell_type: 'markdown', source: ['# A\n', 'b'] },
      {
        cell_type: 'code',
        execution_count: 3,
        source: '1',
        outputs: [
          { output_type: 'stream', text: ['\x1b[31mred\x1b[0m'] },
          { output_type: 'display_data', data: { 'image/png': 'iVBO\nRw==', 'text/html': '<b>' } },
          { output_type: 'error', traceback: ['a', 'b'] },
        ],
      },
    ],
  })
  expect(notebookOf(text)).toEqual({
    language: 'python',
    moreCells: 0,
    cells: [
      { kind: 'markdown', source: { text: '# A\nb', more: 0 }, outputs: [], count: null },
      {
        kind: 'code',
        source: { text: '1', more: 0 },
        count: 3,
        outputs: [
          { kind: 'text', text: 'red', more: 0 },
          { kind: 'image', type: 'image/png', base64: 'iVBORw==' },
          { kind: 'error', text: 'a\nb', more: 0 },
        ],
      },
    ],
  })
})

test('of HTML, scripts and SVG in a notebook only the type is told', () => {
  const types = ['text/html', 'application/javascript', 'image/svg+xml', 'text/latex']
  const outputs = types.map((type) => ({ output_type: 'display_data', data: { [type]: '<script>alert(1)</script>' } }))
  const notebook = notebookOf(JSON.stringify({ cells: [{ cell_type: 'code', source: '', outputs }] }))
  expect(notebook).toMatchObject({ cells: [{ outputs: types.map((type) => ({ kind: 'other', type })) }] })
  expect(JSON.stringify(notebook)).not.toContain('script>')
})

test.each([
  ['{', 'notJson'],
  ['[]', 'noCells'],
  ['null', 'noCells'],
  ['{"cells": 3}', 'noCells'],
  ['{"worksheets": [3, {"cells": "x"}]}', 'noCells'],
])('%s is no notebook: %s', (text, fault) => {
  expect(notebookOf(text)).toBe(fault)
})

test('a notebook with the wrong things in the right places is shown without them', () => {
  const cells = [
    null,
    7,
    { cell_type: { a: 1 }, source: { b: 2 } },
    { cell_type: 'code', source: [1, 'x', null], execution_count: 'five', outputs: 'many' },
    { cell_type: 'code', outputs: [null, { output_type: 'display_data', data: { 'image/png': ['not base64!'] } }] },
  ]
  expect(notebookOf(JSON.stringify({ cells }))).toMatchObject({ cells: { length: 5 } })
})

test('a notebook of 100,000 cells, and one of a single huge text, are cut', () => {
  const many = notebookOf(
    JSON.stringify({ cells: Array.from({ length: 100_000 }, () => ({ cell_type: 'raw', source: 'x' })) }),
  )
  expect(many).toMatchObject({ moreCells: 99_600 })
  const huge = notebookOf(JSON.stringify({ cells: [{ cell_type: 'code', source: 'x'.repeat(10_000_000) }] }))
  expect(huge).toMatchObject({ cells: [{ source: { more: 9_980_000 } }] })
})

const parquetPart = (content: ArrayBuffer) => async (start: number, end: number) => content.slice(start, end)

test.each([
  ['no parquet at all', bytes('x'.repeat(100))],
  [
    'a footer that is longer than the file',
    new Uint8Array([...new Array(20).fill(0), 255, 255, 255, 127, 80, 65, 82, 49]).buffer,
  ],
  ['four bytes', bytes('PAR1')],
])('%s is refused with an error', async (_, content) => {
  await expect(parquetOf(parquetPart(content), content.byteLength)).rejects.toThrow()
})

test('a parquet file that asks for more than 32 MiB of itself is not read', async () => {
  const size = 2 ** 32
  let asked = 0
  const read = async (start: number, end: number) => {
    asked += end - start
    const part = new Uint8Array(end - start)
    if (end === size) part.set([0, 0, 0, 96, 80, 65, 82, 49], part.length - 8) // a footer of 1.5 GiB
    return part.buffer
  }
  await expect(parquetOf(read, size)).rejects.toThrow('32 MiB')
  expect(asked).toBeLessThan(2 ** 20)
})

test('a parquet file that is compressed in another way shows its columns, and says how it is compressed', async () => {
  const content = smallParquet.slice(0)
  const octets = new Uint8Array(content)
  const snappy = [0x15, 0x02, 0x16, 0x06] // the codec of a column, and the next field
  const at = octets.findIndex((_, from) => snappy.every((octet, n) => octets[from + n] === octet))
  octets[at + 1] = 0x0c
  expect(await parquetOf(parquetPart(content), content.byteLength)).toMatchObject({
    columns: [{ name: 'station' }, { name: 'mm' }, { name: 'at' }],
    rows: { codec: 'ZSTD' },
  })
})

test('a parquet file shows its columns and first rows', async () => {
  const content = smallParquet
  expect(await parquetOf(parquetPart(content), content.byteLength)).toMatchObject({
    rowCount: 3,
    allColumns: 3,
    columns: [{ name: 'station' }, { name: 'mm', type: expect.any(String) }, { name: 'at' }],
    rows: {
      rows: [
        ['S1', '12', '1970-01-01T00:00:00.000Z'],
        ['S2', '7', '1970-01-02T00:00:00.000Z'],
        ['S3', '0', ''],
      ],
    },
  })
})

test('a parquet file whose pages are spoilt still shows its columns', async () => {
  const content = new Uint8Array(smallParquet.slice(0))
  content.fill(255, 4, 120)
  const shown = await parquetOf(parquetPart(content.buffer), content.byteLength)
  expect(shown).toMatchObject({ columns: { length: 3 }, rows: { fault: expect.any(String) } })
})

test('a megabyte of spaces with a wrong end is read at once, and is no picture', () => {
  const hostile = { output_type: 'display_data', data: { 'image/png': `A${' '.repeat(2 ** 20)}!` } }
  const before = performance.now()
  const notebook = notebookOf(JSON.stringify({ cells: [{ cell_type: 'code', outputs: [hostile] }] }))
  expect(performance.now() - before).toBeLessThan(1_000)
  expect(notebook).toMatchObject({ cells: [{ outputs: [{ kind: 'other', type: 'image/png' }] }] })
})
