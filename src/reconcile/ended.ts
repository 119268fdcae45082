import type { Container, Environment } from '../domain/environment/environment.ts'
import { lastWords } from '../domain/environment/last-words.ts'
import { endedForMemory, limitWords } from '../domain/environment/out-of-memory.ts'
import { Problem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'
import type { MemoryLimitOf } from './explain-memory.ts'

// The engine reports an end first, and a moment later that somebody asked for it.
export const endSettlesAfterMs = 500
const lastLines = 10

// Packages or settings of its owner may have broken it, in data/ or in the container itself.
export const safeStartCures = `If each start ends so, start it with {"safe": true}: a new container with the same data, without its owner's packages and settings.`

/** Why a container ended, as far as the engine tells, with its last words. `how` completes "It …". */
export async function endedProblem(
  { engine, memoryLimit }: { engine: Pick<Engine, 'logs'>; memoryLimit: MemoryLimitOf },
  environment: Environment,
  container: Container,
  how: string,
): Promise<Problem> {
  if (endedForMemory(container)) {
    const words = `It ran out of memory and ${how}. ${limitWords(await memoryLimit(environment))}`
    return new Problem('environment-exited', words)
  }
  const words = `It ${how}${codeOf(container)}. ${safeStartCures}`
  return new Problem('environment-exited', await wordsWithLog(words, engine, container))
}

/** Adds the last words of a container's present run to a sentence, if there are any. */
export async function wordsWithLog(
  words: string,
  engine: Pick<Engine, 'logs'>,
  { name, startedAt }: Pick<Container, 'name' | 'startedAt'>,
): Promise<string> {
  // If the log cannot be read, for example after a power cut, still tell what happened.
  const tail = await engine.logs(name, lastLines, { since: startedAt }).catch(() => null)
  const log = lastWords((tail?.lines ?? []).map((line) => line.text))
  return log ? `${words} Its last words:\n${log}` : words
}

/** The same in a few words, for an environment that is started again. */
export function endedWords(container: Container): string {
  if (endedForMemory(container)) return 'It ran out of memory.'
  const { exitCode } = container
  return exitCode === null ? 'It ended by itself.' : `It ended by itself, with exit code ${exitCode}.`
}

function codeOf({ exitCode }: Container): string {
  return exitCode === null ? '' : ` (exit code ${exitCode})`
}
