import { printable } from '../lib/printable.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import { countOf, durationInWords } from './words.ts'

export type Output = { isTTY?: boolean | undefined; columns?: number; write(text: string): unknown }

const redrawMs = 100
const lineMs = 10_000

export type ProgressLine = {
  /** Reports news; redraws only now and then. */
  update(words: () => string): void
  /** Removes the line. */
  end(): void
}

/** Progress for people: on a terminal one line that is redrawn, elsewhere a new line every ten seconds. */
export function createProgressLine(output: Output, now: () => number): ProgressLine {
  let lastAt = output.isTTY ? 0 : now()
  let drawn = false
  return {
    update(words) {
      if (now() - lastAt < (output.isTTY ? redrawMs : lineMs)) return
      lastAt = now()
      const text = printable(words())
      output.write(output.isTTY ? `\r\x1b[K${text.slice(0, (output.columns ?? 80) - 1)}` : `${text}\n`)
      drawn = true
    },
    end() {
      if (output.isTTY && drawn) output.write('\r\x1b[K')
    },
  }
}

/** `12,000 of 100,000 files, 1.2 of 10 GiB, 80 MiB/s, 2 min left` */
export function progressInWords(
  done: { files: number; bytes: number },
  total: { files: number; bytes: number },
  elapsedMs: number,
): string {
  const bytes = Math.min(done.bytes, total.bytes)
  const words = [
    `${done.files.toLocaleString('en')} of ${countOf(total.files, 'file')}`,
    `${sizeInWords(bytes)} of ${sizeInWords(total.bytes)}`,
  ]
  if (elapsedMs > 1000) words.push(`${sizeInWords((bytes / elapsedMs) * 1000)}/s`)
  const share = effortOf({ ...done, bytes }) / effortOf(total)
  if (elapsedMs > 1000 && share > 0) words.push(`${durationInWords((elapsedMs / share) * (1 - share))} left`)
  return words.join(', ')
}

// Copying a file costs as much time as this many bytes: 0.36 ms for a tiny file, at 400 MiB/s for large ones (measured).
const fileEffortBytes = 2 ** 17

function effortOf({ files, bytes }: { files: number; bytes: number }): number {
  return files * fileEffortBytes + bytes
}
