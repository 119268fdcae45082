/** Verdicts on what the script saw. Pure. */
import type { Verdict } from './fault.ts'
import type { Sight } from './sight.ts'

/** Which files a container is on, compared with those that it should be on. */
export function filesOf(inside: Sight, lab: Sight): Verdict {
  if (inside === null) return { words: 'no folder', isGood: false }
  if (inside.id === lab?.id) return { words: 'the right files', isGood: true }
  return { words: inside.files.length === 0 ? 'an empty folder' : 'other files', isGood: false }
}

/** The same in a phrase: `runs on other files`. */
export function phrase(verb: string, { words, isGood }: Verdict): Verdict {
  return { words: `${verb} ${words}`, isGood }
}

/** The outcome of a start. `made`: owner and mode of a folder that the start made unasked. */
export type Start = { exitCode: number | null; inside: Sight; made?: string | null }

/** `who` is empty, or `another `. */
export function startOf(who: string, verb: string, { exitCode, inside, made = null }: Start, lab: Sight): Verdict {
  const files = filesOf(inside, lab)
  const start = exitCode === 0 ? `${verb} on ${files.words}` : `is refused, exit ${exitCode}`
  const folder = made === null ? '' : `, made just then (${made})`
  return { words: `${who}${start}${folder}`, isGood: made === null && (exitCode !== 0 || files.isGood) }
}

/** Several outcomes of one fault: good only if each is. */
export function together(...verdicts: Verdict[]): Verdict {
  const words = verdicts.map((each) => each.words).filter((text) => text !== '')
  return { words: words.join('; '), isGood: verdicts.every(({ isGood }) => isGood) }
}

/** The codes of findings, each with a link to its explanation. Without findings nobody is told, which is bad. */
export function findingsOf(codes: readonly string[]): Verdict {
  const words = [...new Set(codes)].map((code) => `[${code}](problems.md#${code})`).join(', ')
  return { words: words || 'nothing is found', isGood: codes.length > 0 }
}

/** The words of `docker ps` about a container on wrong files. */
export function toldByPs(status: string): string {
  return `\`docker ps\` says ${status.split(' ')[0] || 'nothing'}`
}

export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
