import type { Finding } from '../domain/proof/proof.ts'
import { printable } from '../lib/printable.ts'
import { typedByHand } from '../lib/typed-by-hand.ts'

/** The findings of a log line for a person at a terminal: a finding alone by its code, since the line itself says the rest. */
export function findingsInWords(logged: unknown): string {
  if (!Array.isArray(logged)) return (logged as Finding).code
  return (logged as Finding[]).map(inWords).join('')
}

/** Lines are not broken here: a command with a blank in a path could not be copied then. */
function inWords({ code, detail, remedy }: Finding): string {
  return `\n      ${code}: ${printable(detail)}\n      ${printable(typedByHand(remedy))}`
}
