/** A notebook (nbformat 3 and 4) as texts and pictures. No HTML, script or SVG of it gets any further than here. Pure. */
import { cutText, withoutEscapes } from './text.ts'

export type Output =
  | { kind: 'text' | 'error'; text: string; more: number }
  | { kind: 'image'; type: 'image/png' | 'image/jpeg'; base64: string }
  /** Something that is not shown, by its type. */
  | { kind: 'other'; type: string }

export type Cell = {
  kind: 'code' | 'markdown' | 'raw'
  source: { text: string; more: number }
  outputs: Output[]
  count: number | null
}
export type Notebook = { cells: Cell[]; moreCells: number; language: string }
export type NotebookFault = 'notJson' | 'noCells'

const cellsAtMost = 400
const outputsAtMost = 50
const charactersAtMost = 20_000
const imageCharactersAtMost = 14_000_000
const imagesAtMost = 100
const base64 = /^[A-Za-z0-9+/]+={0,2}$/
const pictureTypes = ['image/png', 'image/jpeg'] as const

type Fields = Record<string, unknown>
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

export function notebookOf(text: string): Notebook | NotebookFault {
  let whole: Fields
  try {
    whole = fieldsOf(JSON.parse(text))
  } catch {
    return 'notJson'
  }
  const cells = Array.isArray(whole.cells)
    ? whole.cells
    : listOf(whole.worksheets).flatMap((sheet) => listOf(fieldsOf(sheet).cells))
  if (cells.length === 0 && !Array.isArray(whole.cells)) return 'noCells'
  const images = { left: imagesAtMost }
  const metadata = fieldsOf(whole.metadata)
  const language = fieldsOf(metadata.language_info).name
  return {
    cells: cells.slice(0, cellsAtMost).map((cell) => cellOf(fieldsOf(cell), images)),
    moreCells: Math.max(0, cells.length - cellsAtMost),
    language: typeof language === 'string' ? cutText(language, 40).text : '',
  }
}

function cellOf(cell: Fields, images: { left: number }): Cell {
  const { cell_type: type, execution_count: count, prompt_number } = cell
  const number = count ?? prompt_number
  const outputs = listOf(cell.outputs)
  const shown = outputs.slice(0, outputsAtMost).flatMap((output) => outputsOf(fieldsOf(output), images))
  return {
    kind: type === 'code' || type === 'raw' ? type : 'markdown',
    source: cutText(textIn(cell.source ?? cell.input), charactersAtMost),
    outputs: type === 'code' ? shown : [],
    count: typeof number === 'number' && Number.isSafeInteger(number) ? number : null,
  }
}

function outputsOf(output: Fields, images: { left: number }): Output[] {
  const type = output.output_type
  if (type === 'stream') return [plain('text', textIn(output.text))]
  if (type === 'error' || type === 'pyerr') {
    const trace = listOf(output.traceback).map(textIn).join('\n')
    return [plain('error', trace || `${textIn(output.ename)}: ${textIn(output.evalue)}`)]
  }
  return [shownOf(dataOf(output), images)]
}

/** The forms of one output, by media type; nbformat 3 has them beside its other fields. */
function dataOf(output: Fields): Fields {
  if (output.data !== undefined) return fieldsOf(output.data)
  return {
    ...(output.png !== undefined && { 'image/png': output.png }),
    ...(output.jpeg !== undefined && { 'image/jpeg': output.jpeg }),
    ...(output.text !== undefined && { 'text/plain': output.text }),
    ...(output.html !== undefined && { 'text/html': output.html }),
  }
}

/** The best form that is safe: a picture, or else text. */
function shownOf(data: Fields, images: { left: number }): Output {
  for (const type of pictureTypes) {
    const content = images.left > 0 ? textIn(data[type]) : ''
    const packed = content.length <= imageCharactersAtMost ? content.replace(/\s/g, '') : ''
    if (base64.test(packed)) {
      images.left -= 1
      return { kind: 'image', type, base64: packed }
    }
  }
  if (data['text/plain'] !== undefined) return plain('text', textIn(data['text/plain']))
  return { kind: 'other', type: cutText(Object.keys(data)[0] ?? '?', 80).text }
}

function plain(kind: 'text' | 'error', text: string): Output {
  return { kind, ...cutText(withoutEscapes(text), charactersAtMost) }
}

/** nbformat has a text as one string, or as its lines. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : ''
}
