import { timeLimit } from '../lib/time-limit.ts'
import { engineProblem, httpStatusOf } from './engine-problem.ts'

export type CallOptions = { signal?: AbortSignal | undefined; limitMs?: number }

/**
 * Runs one call to the engine. `doing` completes "could not …".
 * @throws Problem when it fails or takes too long; the caller's own abort rejects with the signal's reason
 */
export type Call = <T>(
  doing: string,
  work: (abortSignal: AbortSignal) => Promise<T>,
  options?: CallOptions,
) => Promise<T>

/** `adviceOn` may know more about an error than it says itself. */
export function createCall(
  defaultLimitMs: number,
  adviceOn: (error: unknown) => Promise<string | null> = async () => null,
): Call {
  return async (doing, work, { signal, limitMs = defaultLimitMs } = {}) => {
    try {
      return await timeLimit(`The engine, asked to ${doing},`, limitMs, work, { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw engineProblem(error, doing, await adviceOn(error))
    }
  }
}

/** Takes the engine's answer that there is no such thing for null. */
export function nullWhenMissing(error: unknown): null {
  if (httpStatusOf(error) === 404) return null
  throw error
}

/** Takes errors of one kind for success: with them the engine says that there was nothing left to do. */
export function harmless(...statuses: number[]): (error: unknown) => void {
  return (error) => {
    if (statuses.includes(httpStatusOf(error) ?? 0)) return
    throw error
  }
}
