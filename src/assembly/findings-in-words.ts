import type { Finding } from '../domain/proof/proof.ts'
import { printable } from '../lib/printable.ts'
import { typedByHand } from '../lib/typed-by-hand.ts'
import { wrap } from '../lib/wrap.ts'

const width = 100

/** The findings of a log line for a person at a terminal: a finding alone by its code, since the line itself says the rest. */
export function findingsInWords(logged: unknown): string {
  if (!Array.isArray(logged)) return (logged as Finding).code
  return (logged as Finding[]).map(inWords).join('')
}

function inWords({ code, detail, remedy }: Finding): string {
  const lines = [`${code}: ${detail}`, remedy].flatMap((text) => wrap(printable(typedByHand(text)), width))
  return `\n${lines.map((line) => `      ${line}`).join('\n')}`
}
