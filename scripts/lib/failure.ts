/** A fault that a person must set right. Its message says what and how; a stack trace would not help. */
export class Failure extends Error {
  override name = 'Failure'
}

/** For the end of a script: prints a Failure as its sentence, anything else with its stack; gives the exit code. */
export function explain(error: unknown): number {
  if (error instanceof Error && error.name === 'AbortError') return 130
  console.error(`\n${error instanceof Failure ? error.message : error instanceof Error ? error.stack : String(error)}`)
  return 1
}
