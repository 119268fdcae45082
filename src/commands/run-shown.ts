import { onInterruption } from '../lib/on-interruption.ts'
import { printableLines } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { createProgressLine, type ProgressLine } from './progress-line.ts'

export type Shown = { line: ProgressLine; signal: AbortSignal }

/**
 * Runs a command that takes a while. It shows a line of progress, writes an error in one sentence with exit code 1, and ends on Ctrl-C
 * with `interrupted`; a second Ctrl-C ends the program at once. Prints the text that the work gives: people choose the names in it, and no
 * name may steer the terminal.
 */
export async function runShown(interrupted: string, work: (shown: Shown) => Promise<string>): Promise<void> {
  const interruption = new AbortController()
  const unhear = onInterruption(
    () => interruption.abort(new Error(interrupted)),
    () => process.exit(130),
  )
  const line = createProgressLine(process.stderr, () => performance.now())
  try {
    const text = await work({ line, signal: interruption.signal })
    line.end()
    process.stdout.write(printableLines(text))
  } catch (error) {
    line.end()
    process.stderr.write(`${reasonOf(error)}\n`)
    process.exitCode = 1
  } finally {
    unhear()
  }
}
