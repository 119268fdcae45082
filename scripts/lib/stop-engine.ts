import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './run.ts'

/**
 * An engine that was started here: the unit of systemd, or the process of dockerd as `<process id>:<start time>`. The kernel
 * reuses the numbers of processes, so the number alone could name a foreign process.
 */
export type StartedEngine = 'systemd' | `${number}:${string}`

const STOP_LIMIT_MS = 60_000
const LOOK_EVERY_MS = 50

/** Stops the engine, and waits until it has ended. No signal cuts this short: half a stop would leave containers in doubt. */
export async function stopEngine(engine: StartedEngine): Promise<void> {
  if (engine === 'systemd') return stopWithSystemd()
  if (!isRunning(engine)) return
  console.error(
    'Stopping the Docker engine that was started here. Environments stay in it, and run again at the next start.',
  )
  const pid = Number.parseInt(engine, 10)
  process.kill(pid, 'SIGTERM')
  const deadline = performance.now() + STOP_LIMIT_MS
  while (isRunning(engine)) {
    if (performance.now() > deadline) {
      console.error(`dockerd (process ${pid}) still runs ${STOP_LIMIT_MS / 1000} s after it was told to stop.`)
      return
    }
    await sleep(LOOK_EVERY_MS)
  }
}

async function stopWithSystemd() {
  const { signal } = new AbortController()
  // The socket unit would start the engine again at the next call.
  await run('systemctl', ['stop', 'docker.service', 'docker.socket'], { signal })
}

/** The process that has this id now. */
export function processOf(pid: number): StartedEngine {
  return `${pid}:${startOf(pid) ?? 'ended'}`
}

export function isRunning(engine: StartedEngine): boolean {
  const [pid, startedAt] = engine.split(':')
  return startOf(Number(pid)) === startedAt
}

/** When a process was started, in ticks of the kernel; null if there is none. A process that has ended stays listed, in state Z. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? null : (rest[18] ?? null)
  } catch {
    return null
  }
}
