import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { drillFolder } from '../domain/backups/drill.ts'
import { labRecords } from '../domain/backups/records.ts'
import { Problem } from '../domain/problem.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { timeLimit } from '../lib/time-limit.ts'
import type { AskTrialService } from '../ports/drill-place.ts'

const program = fileURLToPath(new URL('../trial-service.ts', import.meta.url))
const limitMs = 300_000
const killedWithinMs = 10_000
const wordsTold = 1_000

/**
 * The trial service is a process of its own: it opens a second data root, and must not share memory, time or a lock with the living one.
 *
 * `dataRoot`: the living one. `settings`: what the trial service is told beside the place of its data root.
 */
export function createAskTrialService(dataRoot: string, settings: Record<string, string>): AskTrialService {
  return async (root, { signal }) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
    const asking = () => ask(`${dataRoot}/admin/${drillFolder}`, { root: `${dataRoot}/${root}`, settings }, limited)
    try {
      const answer = await timeLimit('a service on the restored lab', limitMs + killedWithinMs, asking)
      return labRecords.parse(JSON.parse(answer))
    } catch (error) {
      signal.throwIfAborted()
      const detail = `A service does not work on the restored lab: ${reasonOf(error)}`
      throw new Problem('drill-failed', detail, { cause: error })
    }
  }
}

/** Gives the line that it writes, once it has ended. Its input stays open as long as this process lives. */
function ask(folder: string, order: object, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    ...{ stdio: 'pipe', cwd: folder, signal, killSignal: 'SIGKILL' },
  })
  let [answer, words] = ['', '']
  let trouble: Error | null = null
  createInterface({ input: child.stdout }).on('line', (line) => {
    answer = line
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-wordsTold)
  })
  child.once('error', (error) => {
    trouble = error
    if (child.pid === undefined) reject(error)
  })
  child.once('close', (code) => {
    if (code === 0 && answer !== '') resolve(answer)
    else reject(trouble ?? new Error(words.trim() || `it ended with ${code ?? child.signalCode}`))
  })
  child.stdin.on('error', () => {}) // it has ended, and its end tells why
  child.stdin.write(`${JSON.stringify(order)}\n`)
  return promise
}
