import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './run.ts'

/** An engine that was started here: the process id of dockerd, or a unit of systemd. */
export type StartedEngine = number | 'systemd'

const STOP_LIMIT_MS = 60_000
const LOOK_EVERY_MS = 50

/** Stops the engine, and waits until it has ended. No signal cuts this short: half a stop would leave containers in doubt. */
export async function stopEngine(engine: StartedEngine): Promise<void> {
  if (engine === 'systemd') return stopWithSystemd()
  if (!isRunning(engine)) return
  console.error(
    'Stopping the Docker engine that was started here. Environments stay in it, and run again at the next start.',
  )
  process.kill(engine, 'SIGTERM')
  const deadline = performance.now() + STOP_LIMIT_MS
  while (isRunning(engine)) {
    if (performance.now() > deadline) {
      console.error(`dockerd (process ${engine}) still runs ${STOP_LIMIT_MS / 1000} s after it was told to stop.`)
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

/** A process that has ended stays in the table, in state Z, until its parent asks for its exit code. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
  } catch {
    return false
  }
}
