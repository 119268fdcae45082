import { type AsyncBuffer, parquetMetadataAsync, parquetRead, parquetSchema, type SchemaTree } from 'hyparquet'
import { boundedRows, cellText, columnsAtMost, type Rows } from './rows.ts'
import { cutText } from './text.ts'

export type ParquetColumn = { name: string; type: string }
export type Parquet = {
  columns: ParquetColumn[]
  allColumns: number
  rowCount: number
  /** The first rows, or why there are none. `codec`: how they are compressed, in a way that this page cannot undo. */
  rows: Rows | { fault: string } | { codec: string }
}

const firstRows = 50
/** So much is read at most: pages of a column are read whole, however few rows are shown. */
const budgetBytes = 32 * 2 ** 20

/** The columns and first rows of a parquet file of which only parts are read. @throws Error if it is none */
export async function parquetOf(
  read: (start: number, end: number) => Promise<ArrayBuffer>,
  sizeBytes: number,
): Promise<Parquet> {
  const file = withinBudget(read, sizeBytes)
  const metadata = await parquetMetadataAsync(file)
  const { children } = parquetSchema(metadata)
  const columns = children.slice(0, columnsAtMost).map((child) => ({ name: child.element.name, type: typeOf(child) }))
  const rowCount = Math.max(0, Number(metadata.num_rows))
  const names = columns.map(({ name }) => name)
  const codec = foreignCodec(metadata)
  const rows = codec
    ? { codec }
    : await rowsOf(file, metadata, names, rowCount).catch((error: unknown) => ({ fault: wordsOf(error) }))
  return { columns: columns.map(shortened), allColumns: children.length, rowCount, rows }
}

const nameCharacters = 300

function shortened({ name, type }: ParquetColumn): ParquetColumn {
  const { text, more } = cutText(name, nameCharacters)
  return { name: more > 0 ? `${text}…` : text, type: cutText(type, nameCharacters).text }
}

type Metadata = Awaited<ReturnType<typeof parquetMetadataAsync>>

const codecsRead: readonly unknown[] = ['UNCOMPRESSED', 'SNAPPY', undefined]

/** The first way of compression that cannot be undone here; null if there is none. */
function foreignCodec({ row_groups }: Pick<Metadata, 'row_groups'>): string | null {
  const codecs = row_groups[0]?.columns.map(({ meta_data }) => meta_data?.codec) ?? []
  return codecs.find((codec) => !codecsRead.includes(codec)) ?? null
}

async function rowsOf(file: AsyncBuffer, metadata: Metadata, columns: string[], rowCount: number): Promise<Rows> {
  let read: unknown[][] = []
  const rowEnd = Math.min(firstRows, rowCount)
  if (rowEnd > 0) {
    const onComplete = (rows: unknown[][]) => {
      read = rows
    }
    await parquetRead({ file, metadata, columns, rowStart: 0, rowEnd, useOffsetIndex: true, onComplete })
  }
  return boundedRows(
    read.slice(0, firstRows).map((row) => row.map(cellText)),
    false,
  )
}

/** A file says itself how much of it is to be read: what says too much is not read. */
function withinBudget(read: (start: number, end: number) => Promise<ArrayBuffer>, byteLength: number): AsyncBuffer {
  let left = budgetBytes
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const from = start < 0 ? byteLength + start : start
      const to = Math.min(end < 0 ? byteLength + end : end, byteLength)
      if (!(from >= 0 && to >= from)) throw new Error('a part of it lies outside of the file.')
      left -= to - from
      if (left < 0) throw new Error(`more than ${budgetBytes / 2 ** 20} MiB would have to be read.`)
      return to === from ? new ArrayBuffer(0) : await read(from, to)
    },
  }
}

function typeOf({ element, children }: SchemaTree): string {
  if (children.length > 0) return element.converted_type?.toLowerCase() ?? 'struct'
  const type = element.logical_type?.type ?? element.converted_type ?? element.type ?? '?'
  return String(type).toLowerCase()
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : String(error)
}
