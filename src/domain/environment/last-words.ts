import { printable } from '../../lib/printable.ts'

const lineAtMost = 500
const altogetherAtMost = 2_000

/**
 * The last lines of a log, to show why a program ended. A program may log anything, so the text is bounded and steers
 * no terminal. A line that is too long keeps its end, where the reason stands.
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

/** Cut the line before making it printable too: that can make it ten times as long. */
function endOf(line: string): string {
  const words = printable(line.slice(-lineAtMost).replaceAll('\t', '  '))
  return line.length > lineAtMost || words.length > lineAtMost ? `…${words.slice(1 - lineAtMost)}` : words
}
