import { Refusal } from '../api/refusal.ts'

/**
 * Whether a wish made nothing and never will, so that the next one needs a key of its own. While the service is away, or busy with this
 * wish, the same key keeps a second press from making a second environment. Pure.
 */
export function isOver(error: unknown): boolean {
  if (!(error instanceof Refusal)) return false
  return error.status < 500 && error.status !== 429 && error.code !== 'wrong-state'
}
