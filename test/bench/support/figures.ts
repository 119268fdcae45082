import { printTable } from './table.ts'

/** One measured figure, with its target if there is one. */
export type Figure = {
  name: string
  value: number
  /** How to write the value, for example `write.ms`. */
  write: (value: number) => string
  target?: { atMost: number } | { atLeast: number }
  /** Spread, p99 and the like. */
  remark?: string
}

export const write = {
  ms: (value: number) => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`,
  mebibytes: (value: number) => `${value.toFixed(1)} MiB`,
  perSecond: (value: number) => `${Math.round(value).toLocaleString('en')}/s`,
  ratio: (value: number) => value.toFixed(3),
}

/** Prints each figure with its target and whether it is met. A missed target is shown, but does not fail the bench. */
export function printFigures(figures: Figure[]): void {
  printTable(
    [
      { title: 'figure' },
      { title: 'measured', align: 'right' },
      { title: 'remark' },
      { title: 'target', align: 'right' },
      { title: '' },
    ],
    figures.map(({ name, value, write, target, remark = '' }) => [
      name,
      write(value),
      remark,
      target ? aimOf(target, write) : '',
      target ? (isMet(value, target) ? 'met' : 'missed') : '',
    ]),
  )
}

function aimOf(target: NonNullable<Figure['target']>, write: Figure['write']): string {
  return 'atMost' in target ? `<= ${write(target.atMost)}` : `>= ${write(target.atLeast)}`
}

function isMet(value: number, target: NonNullable<Figure['target']>): boolean {
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}
