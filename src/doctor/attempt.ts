import { Problem } from '../domain/problem.ts'
import { TimeLimitError, timeLimit } from '../lib/time-limit.ts'

/** The result of a look, or why there is none. `hangs`: no answer came in time, and the call was abandoned. */
export type Sight<T> = { kind: 'seen'; value: T } | { kind: 'unseen'; reason: string; hangs: boolean }

/** Looks for at most `limitMs`, and never rejects. `what` is the beginning of the sentence "… does not answer". */
export async function attempt<T>(
  what: string,
  limitMs: number,
  look: (signal: AbortSignal) => Promise<T>,
): Promise<Sight<T>> {
  try {
    return { kind: 'seen', value: await timeLimit(what, limitMs, look) }
  } catch (error) {
    const hangs = error instanceof TimeLimitError
    return {
      kind: 'unseen',
      reason: hangs ? `${what} does not answer within ${limitMs / 1000} s` : adminReason(error),
      hangs,
    }
  }
}

export function seen<T>(value: T): Sight<T> {
  return { kind: 'seen', value }
}

export function unseen(reason: string): Sight<never> {
  return { kind: 'unseen', reason, hangs: false }
}

/** The result of a look; null if the look failed. */
export function seenOf<T>(sight: Sight<T>): T | null {
  return sight.kind === 'seen' ? sight.value : null
}

function adminReason(error: unknown): string {
  if (error instanceof Problem) return error.adminDetail
  return error instanceof Error ? error.message : String(error)
}
