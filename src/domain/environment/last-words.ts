import { printable } from '../../lib/printable.ts'

const lineAtMost = 500
const altogetherAtMost = 2_000

/**
 * The last lines of a log, for whoever asks why a program ended. People write what they like into it: what is told is
 * bounded, keeps the end, where the reason stands, and steers no terminal.
 */
export function lastWords(lines: readonly string[]): string {
  const told: string[] = []
  let left = altogetherAtMost
  for (const line of lines.toReversed()) {
    const words = endOf(line)
    left -= words.length
    if (left < 0) break
    told.unshift(words)
  }
  return told.join('\n')
}

/** Cut before it is made printable too: that makes it up to ten times as long. */
function endOf(line: string): string {
  const words = printable(line.slice(-lineAtMost).replaceAll('\t', '  '))
  return line.length > lineAtMost || words.length > lineAtMost ? `…${words.slice(1 - lineAtMost)}` : words
}
