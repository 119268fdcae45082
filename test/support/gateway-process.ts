import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const startLimitMs = 20_000

/** `ailab gateway`: the gateway in a process of its own. */
export type GatewayProcess = AsyncDisposable & {
  url: string
  port: number
  pid: number
  output(): string
}

/** Starts it, and waits until it answers; whether it lets anybody in depends on the data root. */
export async function startGatewayProcess(
  env: Record<string, string>,
  options: string[] = [],
): Promise<GatewayProcess> {
  const port = Number(env.GATEWAY_PORT ?? (await freePort()))
  const child = spawn(`${project}bin/ailab`, [...options, 'gateway'], {
    cwd: project,
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '', GATEWAY_PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + startLimitMs
  while (!(await fetch(`${url}/.ai-lab/health`).catch(() => null))) {
    if (child.exitCode !== null) throw new Error(`The gateway ended with ${child.exitCode}:\n${text}`)
    if (Date.now() > deadline) throw new Error(`The gateway did not answer:\n${text}`)
    await sleep(20)
  }
  return {
    url,
    port,
    pid: child.pid ?? 0, // bin/ailab becomes the gateway
    output: () => text,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}
