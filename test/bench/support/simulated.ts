import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const startLimitMs = 300_000

/** Starts the service on an engine in memory with so many running environments; it ends when this is disposed. */
export async function startSimulated(
  environments: number,
  signal: AbortSignal,
): Promise<{ url: string; token: string } & AsyncDisposable> {
  const child = fork(fileURLToPath(new URL('./simulated-service.ts', import.meta.url)), [String(environments)])
  const within = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)])
  const early = once(child, 'exit', { signal: within }).then(([code]) => {
    throw new Error(`The simulated service ended with ${code}.`)
  })
  try {
    const [ready] = await Promise.race([once(child, 'message', { signal: within }), early])
    early.catch(() => {})
    return {
      ...(ready as { url: string; token: string }),
      async [Symbol.asyncDispose]() {
        child.disconnect()
        if (child.exitCode === null) await once(child, 'exit')
      },
    }
  } catch (error) {
    child.kill()
    throw error
  }
}
