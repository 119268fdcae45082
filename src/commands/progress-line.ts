import { printable } from '../lib/printable.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import { countOf, durationInWords } from './words.ts'

export type Output = { isTTY?: boolean | undefined; columns?: number; write(text: string): unknown }

const redrawMs = 100
const lineMs = 10_000
const barWidth = 20
const columnsForBar = 60

/** `percent`: how much is done, 0 to 100; null while that is not known. */
export type News = { words: string; percent: number | null }

type Amount = { files: number; bytes: number }

export type ProgressLine = {
  /** Reports news; redraws only now and then. */
  update(news: () => News): void
  /** Removes the line. */
  end(): void
}

/** Progress for people: on a terminal one line that is redrawn, with a bar, elsewhere a new line every ten seconds. */
export function createProgressLine(output: Output, now: () => number): ProgressLine {
  let lastAt = output.isTTY ? 0 : now()
  let drawn = false
  return {
    update(news) {
      if (now() - lastAt < (output.isTTY ? redrawMs : lineMs)) return
      lastAt = now()
      const columns = output.columns ?? 80
      output.write(output.isTTY ? `\r\x1b[K${withBar(news(), columns).slice(0, columns - 1)}` : `${inWords(news())}\n`)
      drawn = true
    },
    end() {
      if (output.isTTY && drawn) output.write('\r\x1b[K')
    },
  }
}

/** `[#########-----------]  45 %  Copy a to b` */
function withBar({ words, percent }: News, columns: number): string {
  if (percent === null) return printable(words)
  const done = Math.floor((percent / 100) * barWidth)
  const bar = columns < columnsForBar ? '' : `[${'#'.repeat(done)}${'-'.repeat(barWidth - done)}] `
  return `${bar}${String(percent).padStart(3)} %  ${printable(words)}`
}

function inWords({ words, percent }: News): string {
  return printable(percent === null ? words : `${percent} %  ${words}`)
}

/** `12,000 of 100,000 files, 1.2 of 10 GiB, 80 MiB/s, 2 min left` */
export function progressInWords(done: Amount, total: Amount, elapsedMs: number): string {
  const bytes = Math.min(done.bytes, total.bytes)
  const words = [
    `${done.files.toLocaleString('en')} of ${countOf(total.files, 'file')}`,
    `${sizeInWords(bytes)} of ${sizeInWords(total.bytes)}`,
  ]
  if (elapsedMs > 1000) words.push(`${sizeInWords((bytes / elapsedMs) * 1000)}/s`)
  const share = shareDone(done, total)
  if (elapsedMs > 1000 && share > 0) words.push(`${durationInWords((elapsedMs / share) * (1 - share))} left`)
  return words.join(', ')
}

/** The same as a percentage; null if there is nothing to do. */
export function percentDone(done: Amount, total: Amount): number | null {
  return effortOf(total) === 0 ? null : Math.floor(shareDone(done, total) * 100)
}

function shareDone(done: Amount, total: Amount): number {
  return Math.min(1, effortOf({ ...done, bytes: Math.min(done.bytes, total.bytes) }) / effortOf(total))
}

// Copying a file costs as much time as this many bytes: 0.36 ms for a tiny file, at 400 MiB/s for large ones (measured).
const fileEffortBytes = 2 ** 17

function effortOf({ files, bytes }: Amount): number {
  return files * fileEffortBytes + bytes
}
