import type { Finding } from '../domain/proof/proof.ts'
import { printable } from '../lib/printable.ts'
import { typedByHand } from '../lib/typed-by-hand.ts'
import { wrap } from '../lib/wrap.ts'

const width = 100

export type WaitingFor = Pick<Finding, 'code' | 'detail' | 'remedy'>

/** The text in the terminal of a person who started the service by hand, while it waits. */
export function waitingNotice({ code, detail, remedy }: WaitingFor): string {
  const paragraphs = [
    code === 'cannot-start'
      ? 'The AI Lab backend waits. It cannot start yet, so it serves nothing.'
      : 'The AI Lab backend waits. It cannot use its data root, so it serves nothing, and begins no new one.',
    `Seen:  ${detail}`,
    ...(code === 'data-root-missing' ? [why] : []),
    `To do: ${typedByHand(remedy)}`,
    'Ctrl-C stops the service.',
  ]
  const told = paragraphs.map((text) => wrap(printable(text), width).map((line) => `  ${line}\n`))
  return `\n${told.map((lines) => lines.join('')).join('\n')}\n`
}

const why =
  'Why:   The engine remembers each data root that it served. So a disk that is not mounted is not taken for a new, empty lab.'
