import * as apt from './apt.ts'
import { Failure } from './failure.ts'
import { run } from './run.ts'

export const wrk = 'wrk'

/** Provides wrk, which asks faster than any client written in JavaScript. */
export async function ensureWrk(signal: AbortSignal): Promise<void> {
  // wrk has no call that does nothing: without arguments it prints its usage and fails.
  if ((await run(wrk, [], { signal, timeoutMs: 10_000 })).output.includes('Usage: wrk')) return
  if (!apt.canInstall()) throw new Failure('wrk is missing: on Debian or Ubuntu `sudo apt-get install wrk`.')
  await apt.install(['wrk'], signal)
}
