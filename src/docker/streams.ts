import type { IncomingMessage } from 'node:http'
import type { Call, CallOptions } from './calls.ts'
import { engineProblem } from './engine-problem.ts'

export type OpenStream = (
  doing: string,
  open: (abortSignal: AbortSignal) => Promise<IncomingMessage>,
  options: CallOptions,
) => Promise<AsyncIterable<Uint8Array>>

/**
 * Opens a long answer. The call's time limit holds until the engine begins to answer; after that the stream lives until
 * its end, the abort of `signal`, or the consumer's break, each of which closes the connection. A slow consumer slows
 * the engine down: nothing is read ahead of it.
 */
export function createOpenStream(call: Call): OpenStream {
  return async (doing, open, options) => {
    const { signal } = options
    const given = new AbortController()
    const life = signal ? AbortSignal.any([signal, given.signal]) : given.signal
    try {
      const answer = await call(doing, () => open(life), options)
      return chunksOf(answer, doing, signal)
    } catch (error) {
      given.abort()
      throw error
    }
  }
}

async function* chunksOf(answer: IncomingMessage, doing: string, signal: AbortSignal | undefined) {
  try {
    for await (const chunk of answer) yield chunk as Uint8Array
  } catch (error) {
    signal?.throwIfAborted()
    throw engineProblem(error, doing)
  } finally {
    answer.destroy()
  }
}
