/** Rows for a table, out of what somebody else's file says. Pure. */
import { cutText } from './text.ts'

export type Rows = {
  /** Each as long as the first. */
  rows: string[][]
  columns: number
  /** How many columns there are in all. */
  allColumns: number
  /** Whether these are all rows. */
  isAll: boolean
}

export const rowsAtMost = 200
export const columnsAtMost = 100
const cellCharacters = 300

/** The first rows and columns, each cell cut. `isCut`: the last row may not be whole. */
export function boundedRows(given: readonly (readonly string[])[], isCut: boolean): Rows {
  const whole = isCut && given.length > 1 ? given.slice(0, -1) : given
  const taken = whole.slice(0, rowsAtMost)
  let allColumns = 0
  for (const row of taken) allColumns = Math.max(allColumns, row.length)
  const columns = Math.min(allColumns, columnsAtMost)
  const rows = taken.map((row) => Array.from({ length: columns }, (_, at) => oneLine(row[at] ?? '')))
  return { rows, columns, allColumns, isAll: !isCut && taken.length === given.length }
}

function oneLine(text: string): string {
  const { text: cut, more } = cutText(text, cellCharacters)
  return more > 0 ? `${cut}…` : cut
}

/** A value of a parquet file as text. It may be a date, bytes, a number of 64 bits, or a tree of others. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  if (value instanceof Uint8Array) return `${hex(value.subarray(0, 32))}${value.length > 32 ? '…' : ''}`
  if (typeof value === 'object') return jsonOf(value)
  return String(value)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const stepsAtMost = 2_000

/** JSON of a tree that may be as large as memory: it ends after some steps. */
function jsonOf(value: object): string {
  let steps = 0
  const bounded = (_key: string, each: unknown): unknown => {
    steps += 1
    if (steps > stepsAtMost) return undefined
    if (typeof each === 'bigint') return each.toString()
    if (each instanceof Uint8Array) return hex(each.subarray(0, 32))
    return Array.isArray(each) || ArrayBuffer.isView(each) ? Array.from(each as ArrayLike<unknown>).slice(0, 100) : each
  }
  return JSON.stringify(value, bounded) ?? ''
}
