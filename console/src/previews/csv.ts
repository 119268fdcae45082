import Papa from 'papaparse'
import { boundedRows, type Rows, rowsAtMost } from './rows.ts'

const longestLine = 256 * 1024

/** The first rows of a table in text; `isCut`: the file goes on. Pure. */
export function csvRows(text: string, isCut: boolean): Rows {
  const { text: given, isShorter } = withoutEndlessLine(text)
  const { data, meta } = Papa.parse<string[]>(given, {
    preview: rowsAtMost + 1,
    skipEmptyLines: 'greedy',
    delimitersToGuess,
  })
  const isLastCut = isShorter || (isCut && !meta.truncated)
  return boundedRows(data, isLastCut)
}

const delimitersToGuess = [',', '\t', ';', '|']

/** A line without an end is most likely no table: its start is enough to see that. */
function withoutEndlessLine(text: string): { text: string; isShorter: boolean } {
  const first = text.indexOf('\n')
  const isEndless = text.length > longestLine && (first < 0 || first > longestLine)
  return isEndless ? { text: text.slice(0, longestLine), isShorter: true } : { text, isShorter: false }
}
