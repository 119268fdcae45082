import type { Container } from '../domain/environment/environment.ts'
import { lastWords } from '../domain/environment/last-words.ts'
import { Problem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'

// The engine tells of an end first, and that somebody asked for it a moment later.
export const endSettlesAfterMs = 500
const lastLines = 10

// What somebody installed or changed in the container outside the data stays in it from start to start.
export const recreatingCures =
  'If each start ends so, recreate it: it gets a new container with the same data, without what was installed in this one.'

/** Why a container ended, as far as the engine tells, with its last words. `how` completes "It …". */
export async function endedProblem(engine: Pick<Engine, 'logs'>, container: Container, how: string): Promise<Problem> {
  if (container.outOfMemory) {
    return new Problem('environment-exited', `It ran out of memory and ${how}. More memory, or less in it, cures that.`)
  }
  const words = `It ${how}${codeOf(container)}. ${recreatingCures}`
  return new Problem('environment-exited', await wordsWithLog(words, engine, container))
}

/** A sentence with the last words of a container's present run after it, as far as there are any. */
export async function wordsWithLog(
  words: string,
  engine: Pick<Engine, 'logs'>,
  { name, startedAt }: Pick<Container, 'name' | 'startedAt'>,
): Promise<string> {
  // A log that cannot be read, as after a power cut, does not hide what happened.
  const tail = await engine.logs(name, lastLines, { since: startedAt }).catch(() => null)
  const log = lastWords((tail?.lines ?? []).map((line) => line.text))
  return log ? `${words} Its last words:\n${log}` : words
}

/** The same in a few words, for one that is started again. */
export function endedWords({ outOfMemory, exitCode }: Container): string {
  if (outOfMemory) return 'It ran out of memory.'
  return exitCode === null ? 'It ended by itself.' : `It ended by itself, with exit code ${exitCode}.`
}

function codeOf({ exitCode }: Container): string {
  return exitCode === null ? '' : ` (exit code ${exitCode})`
}
