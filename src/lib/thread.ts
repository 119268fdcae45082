import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createOneAtATime } from './one-at-a-time.ts'
import { reasonOf } from './reason-of.ts'
import { timeLimit } from './time-limit.ts'
import { startTimer } from './timer.ts'

const unusedForMs = 10_000

export type Thread<Input, Output> = AsyncDisposable & {
  /** Calls wait for each other. @throws Error if the work fails, takes too long or takes too much memory */
  call(input: Input): Promise<Output>
}

/**
 * A thread for work that would hold up everybody else. `program` answers each message with one. A call over a limit ends the
 * thread, and the next call makes another one. A thread that nobody calls any more ends by itself. `what` names the work in the words
 * of a call that takes too long.
 */
export function createThread<Input, Output>(
  program: URL,
  { what, limitMs, memoryMebibytes }: { what: string; limitMs: number; memoryMebibytes: number },
): Thread<Input, Output> {
  const inTurn = createOneAtATime()
  let worker: Worker | null = null
  let keepOn = () => {}
  let isDisposed = false

  function begin(): Worker {
    const made = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: memoryMebibytes } })
    made.on('error', () => {}) // the call that waits learns of it
    made.once('exit', () => {
      if (worker === made) worker = null
    })
    return made
  }

  async function end(): Promise<void> {
    keepOn()
    const ended = worker
    worker = null
    await ended?.terminate()
  }

  async function answer(input: Input): Promise<Output> {
    if (isDisposed) throw new Error('The thread is closed.')
    keepOn()
    worker ??= begin()
    const used = worker
    used.ref()
    try {
      used.postMessage(input)
      const [output] = await timeLimit(what, limitMs, (signal) => once(used, 'message', { signal }))
      used.unref()
      keepOn = startTimer(unusedForMs, () => void end(), { unref: true })
      return output
    } catch (error) {
      await end()
      throw new Error(reasonOf(error), { cause: error })
    }
  }

  return {
    call: (input) => inTurn('', () => answer(input)),
    async [Symbol.asyncDispose]() {
      isDisposed = true // else the calls that wait would begin threads anew
      await end()
    },
  }
}
