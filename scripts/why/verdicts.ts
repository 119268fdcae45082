/** Verdicts on this service's answers. */
import type { Verdict } from './fault.ts'
import type { Ours } from './ours.ts'
import type { Sight } from './sight.ts'
import { filesOf, findingsOf, inSeconds, phrase, together } from './words.ts'

/** Asks for an environment that the service should refuse. `made` looks for anything that it should not have written. */
export async function refused(
  ours: Ours,
  made: () => Promise<string | null>,
  found: Ours['findings'] = ours.findings,
): Promise<Verdict> {
  const answer = answerOf('is', await ours.create())
  return together(answer, findingsOf(await found()), nothingRuns(await ours.containers()), nothingMade(await made()))
}

/** Whether the service refused the environment. */
export function answerOf(verb: string, { status, isAccepted }: { status: number; isAccepted: boolean }): Verdict {
  return { words: `${verb} ${isAccepted ? 'accepted' : 'refused'}, ${status}`, isGood: !isAccepted }
}

export function nothingRuns(containers: readonly string[]): Verdict {
  const running = containers.filter((line) => line.includes(' Up '))
  return { words: running.length === 0 ? 'nothing started' : `${running.length} started`, isGood: running.length === 0 }
}

export function nothingMade(made: string | null): Verdict {
  return { words: made === null ? 'nothing written' : `there is ${made}`, isGood: made === null }
}

/** How long after `event` the environment ran again, and on which files. */
export function ranAgain({ ms, inside }: { ms: number; inside: Sight }, event: string, lab: Sight): Verdict {
  return phrase(`${inSeconds(ms)} after ${event} it runs on`, filesOf(inside, lab))
}
