import type { Container, Environment } from '../domain/environment/environment.ts'
import { withSecret } from '../domain/environment/launch.ts'
import { Problem } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import { endedProblem, endSettlesAfterMs, safeStartCures, wordsWithLog } from './ended.ts'
import type { MemoryLimitOf } from './explain-memory.ts'
import { Overtaken } from './overtaken.ts'

/** The HTTP status that a URL answers with; null when nobody answers. */
export type Probe = (
  url: string,
  options: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<number | null>

type SteadyClock = Pick<Clock, 'steady' | 'sleep'>

// Often enough that nobody waits for the probe, seldom enough that it takes no time from the server that starts. Poll
// every 1 % of the time waited so far: otherwise many servers that never get ready would keep the service busy.
const probeEveryMs = 10
const probeAtLeastEveryMs = 250
const inspectEveryMs = 500
const probeLimitMs = 2_000

/**
 * Waits until an environment's own server answers.
 *
 * @returns its container as it was seen last; null if it was removed meanwhile
 * @throws Problem environment-exited with the exit code and the last log lines; not-ready-in-time with the answer of
 * its port, and the log too; not-answering, if the service did not start it but found it running (a busy server is no
 * failure, and the service leaves it alone); engine-unavailable
 * @throws Overtaken if somebody stopped it by hand
 */
export async function awaitReady(
  environment: Environment,
  deps: {
    engine: Pick<Engine, 'inspect' | 'logs' | 'wasStopped'>
    probe: Probe
    clock: SteadyClock
    memoryLimit: MemoryLimitOf
  },
  { startedHere, signal }: { startedHere: boolean; signal: AbortSignal },
): Promise<Container | null> {
  const { id, launch, token } = environment
  const { engine, probe, clock } = deps
  const beganAt = clock.steady()
  const deadline = beganAt + launch.readyWithinMs
  const headers = { authorization: `token ${token}` }
  let container: Container | null = null
  let inspectedAt = Number.NEGATIVE_INFINITY
  let status: number | null = null
  for (;;) {
    signal.throwIfAborted()
    if (!container?.address || clock.steady() - inspectedAt >= inspectEveryMs) {
      container = await engine.inspect(id, { signal })
      inspectedAt = clock.steady()
      if (!container) return null
      if (container.state === 'exited' || container.state === 'dead') {
        await clock.sleep(endSettlesAfterMs, { signal })
        signal.throwIfAborted()
        if (await wasStopped(engine, container)) throw new Overtaken(`Somebody stopped ${id}`)
        throw await endedProblem(deps, environment, container, 'ended before it was ready')
      }
    }
    if (container.address) {
      const { host, port } = container.address
      const limit = AbortSignal.any([signal, AbortSignal.timeout(probeLimitMs)])
      status = await probe(`http://${host}:${port}${withSecret(launch.readyPath, token)}`, { headers, signal: limit })
      if (status !== null && status < 400) return container
    }
    if (clock.steady() >= deadline)
      throw startedHere ? await notReady(engine, { launch, container, status }) : notAnswering()
    const hundredthMs = (clock.steady() - beganAt) / 100
    await clock.sleep(Math.min(Math.max(probeEveryMs, hundredthMs), probeAtLeastEveryMs), { signal })
  }
}

/**
 * Whether somebody stopped it. An engine that shuts down ends all containers and cannot answer this: then nothing has
 * failed.
 */
async function wasStopped(
  engine: Pick<Engine, 'wasStopped'>,
  { containerId, finishedAt }: Container,
): Promise<boolean> {
  return finishedAt !== null && (await engine.wasStopped(containerId, finishedAt))
}

type Waited = { launch: Environment['launch']; container: Container; status: number | null }

async function notReady(
  engine: Pick<Engine, 'logs'>,
  { launch: { port, readyWithinMs }, container, status }: Waited,
): Promise<Problem> {
  const answer = status === null ? 'nothing answered' : `its server answered with status ${status}`
  const words = `It was not ready within ${readyWithinMs / 1000} s after its start: ${answer} on its port ${port}. ${safeStartCures}`
  return new Problem('not-ready-in-time', await wordsWithLog(words, engine, container))
}

function notAnswering(): Problem {
  return new Problem('not-answering', 'Its container runs, but its server does not answer. It may be busy.')
}
