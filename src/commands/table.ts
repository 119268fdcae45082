/** An examination for people: a table of all checks, then the words and commands of what a person may have to do. */
import { type Check, type CheckStatus, statuses, titles } from '../domain/doctor/check.ts'
import { printableLines } from '../lib/printable.ts'
import { wrap } from '../lib/wrap.ts'

export type Style = {
  /** The terminal's width, in characters. */
  width: number
  paint: (as: CheckStatus | 'title' | 'command', text: string) => string
}

const symbols: Record<CheckStatus, string> = { ok: '✓', note: 'i', 'not-checked': '-', warning: '!', problem: '✗' }
const titleWidth = Math.max(...Object.values(titles).map((title) => title.length))
const indent = ' '.repeat(titleWidth + 5)
const mostRows = 5
const mostExplained = 10

/** All checks, one row for each result, the worst first; a long list of one check is cut short. */
export function table(checks: readonly Check[], style: Style): string {
  const groups = Map.groupBy(checks, ({ id }) => id)
  return Array.from(groups.values(), (group) => rowsOf(group, style)).join('\n')
}

function rowsOf(group: readonly Check[], { width, paint }: Style): string {
  const sorted = group.toSorted((one, two) => statuses.indexOf(two.status) - statuses.indexOf(one.status))
  const shown = group.length > mostRows + 1 ? sorted.slice(0, mostRows) : sorted
  const rows = shown.flatMap(({ id, status, summary }, index) => {
    const [first = '', ...others] = cell(summary, width - indent.length)
    const title = paint('title', (index === 0 ? titles[id] : '').padEnd(titleWidth))
    return [`${paint(status, symbols[status])}  ${title}  ${first}`, ...others.map((line) => indent + line)]
  })
  const more = group.length - shown.length
  return [...rows, ...(more > 0 ? [`${indent}… and ${more} more`] : [])].join('\n')
}

/** The lines of a cell; cuts a word that is longer than the cell. */
function cell(text: string, width: number): string[] {
  const lines = wrap(printableLines(text).replaceAll('\n', ' '), width)
  return lines.flatMap((line) => line.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])
}

/**
 * The full words of each problem, then of each warning, then of each note with a command that only a person can run: `--fix` offers
 * the other notes itself. Results with the same cure are together.
 */
export function explanations(checks: readonly Check[], style: Style): string {
  const explained = (['problem', 'warning', 'note'] as const).flatMap((status) =>
    checks.filter((check) => check.status === status && (status !== 'note' || isForPerson(check))),
  )
  const groups = Map.groupBy(explained, ({ id, status, remedy }) => [status, id, remedy].join('\n'))
  return Array.from(groups.values(), (group) => explanationOf(group as [Check, ...Check[]], style)).join('\n\n')
}

function isForPerson({ command, fixes }: Check): boolean {
  return command !== null && fixes.length === 0
}

/** Keeps a command on one line, however long, so that it can be copied. */
function explanationOf(group: readonly [Check, ...Check[]], { width, paint }: Style): string {
  const [{ id, status, summary, remedy }] = group
  const shown = group.slice(0, mostExplained)
  const more = group.length - shown.length
  const head = group.length === 1 ? summary : `${group.length} of one kind.`
  const words = [
    ...shown.map(({ detail }) => detail).filter((detail) => detail !== head),
    ...(more > 0 ? [`… and ${more} more; --json tells all.`] : []),
    ...(remedy ? [remedy] : []),
  ]
  const commands = new Set(shown.flatMap(({ command }) => command ?? []))
  return [
    ...wrap(`${symbols[status]}  ${titles[id]}: ${printableLines(head)}`, width).map((line) => paint(status, line)),
    ...words.flatMap((text) => wrap(printableLines(text), width - 3).map((line) => `   ${line}`)),
    ...Array.from(
      commands,
      (command, index) => `${index === 0 ? '\n' : ''}     ${paint('command', printableLines(command))}`,
    ),
  ].join('\n')
}
