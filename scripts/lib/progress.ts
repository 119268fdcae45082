import { setInterval } from 'node:timers'

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const REMINDER_MS = 30_000

export type Report = (line: string) => void

/**
 * Shows one step while it lasts, with its seconds and its newest output: a moving line on a terminal; elsewhere, as in a CI
 * log, a line at the start, one each half minute and one at the end. It writes to standard error, and so leaves standard
 * output to the program.
 */
export async function step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`
  let at = ''
  const stopShowing = process.stderr.isTTY
    ? spin(() => `${title} … ${seconds()}  ${at}`)
    : remind(title, () => `  … ${title}: ${seconds()}  ${at}`)
  try {
    const result = await work((line) => {
      at = line.trim()
    })
    stopShowing()
    console.error(`✔ ${title} (${seconds()})`)
    return result
  } catch (error) {
    stopShowing()
    console.error(`✘ ${title} (${seconds()})`)
    throw error
  }
}

function spin(text: () => string): () => void {
  let frame = 0
  const timer = setInterval(() => {
    frame = (frame + 1) % FRAMES.length
    const line = `${FRAMES[frame]} ${text()}`.slice(0, (process.stderr.columns ?? 80) - 1)
    process.stderr.write(`\r\x1b[2K${line}`)
  }, 100)
  return () => {
    clearInterval(timer)
    process.stderr.write('\r\x1b[2K')
  }
}

function remind(title: string, text: () => string): () => void {
  console.error(`• ${title} …`)
  const timer = setInterval(() => console.error(text()), REMINDER_MS)
  return () => clearInterval(timer)
}
