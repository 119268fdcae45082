import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { project } from '../../e2e/support/service.ts'
import { freePort } from '../../support/free-port.ts'
import { createClient } from './request.ts'
import { until } from './until.ts'

const endLimitMs = 20_000

export type Started = AsyncDisposable & { pid: number; firstAnswerMs: number; healthyMs: number }

/** Starts a program that serves the API on that port; gives the times of the first answer at `path` and the first healthy one. */
export async function startProgram(
  command: string,
  args: string[],
  { port, path, env }: { port: number; path: string; env: Record<string, string> },
): Promise<Started> {
  const startedAt = performance.now()
  const child = spawn(command, args, {
    cwd: project,
    env: { ...process.env, NODE_OPTIONS: '', PORT: String(port), GATEWAY_PORT: String(await freePort()), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const stop = () => end(child)
  try {
    const client = createClient({ port })
    const asked = async (at: string, accepted: (status: number) => boolean) => {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}:\n${output}`)
      return client('GET', at).then(
        ({ status }) => accepted(status),
        () => false,
      )
    }
    await until(`${path} is answered`, () => asked(path, () => true), { everyMs: 2 })
    const firstAnswerMs = performance.now() - startedAt
    await until('the service is healthy', () => asked('/api/health', (status) => status === 200), { everyMs: 2 })
    const healthyMs = performance.now() - startedAt
    return { pid: child.pid ?? 0, firstAnswerMs, healthyMs, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const inTime = await Promise.race([ended.then(() => true), sleep(endLimitMs, false, { ref: false })])
  if (!inTime) throw new Error(`Process ${child.pid} did not end within ${endLimitMs} ms.`)
}

/** VmRSS of a process and of all its descendants, in MiB. */
export function residentMebibytesOfAll(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return children.reduce((sum, child) => sum + residentMebibytesOfAll(child), residentMebibytes(pid))
}

/** VmRSS of a process in MiB. */
export function residentMebibytes(pid: number): number {
  return mebibytesOf('VmRSS', pid)
}

/** The most memory that a process had while work was under way, in MiB. */
export async function peakMebibytes(pid: number, work: () => Promise<void>): Promise<number> {
  writeFileSync(`/proc/${pid}/clear_refs`, '5') // proc(5): VmHWM begins anew
  await work()
  return mebibytesOf('VmHWM', pid)
}

function mebibytesOf(field: string, pid: number): number {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (!kibibytes) throw new Error(`There is no ${field} of process ${pid}.`)
  return Number(kibibytes) / 1024
}
