import { styleText } from 'node:util'

type Column = { title: string; align?: 'left' | 'right' }

/** Prints aligned columns; numbers stand on the right. */
export function printTable(columns: Column[], rows: string[][]): void {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align))
      .join('   ')
      .trimEnd()
  console.log(`\n${paint('bold', line(columns.map(({ title }) => title)))}`)
  for (const row of rows) console.log(inColour(line(row)))
}

/** A paragraph about the figures. */
export function printNote(text: string): void {
  console.log(`\n${text}`)
}

function pad(cell: string, width: number, align: Column['align'] = 'left'): string {
  return align === 'right' ? cell.padStart(width) : cell.padEnd(width)
}

function inColour(line: string): string {
  return line.replace(/\bmet$/, paint('green', 'met')).replace(/\bmissed$/, paint('red', 'missed'))
}

/** Colours only on a terminal: pasted output stays plain. */
export function paint(style: 'bold' | 'green' | 'red' | 'yellow', text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text
}
