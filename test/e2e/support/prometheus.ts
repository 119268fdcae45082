import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../../support/free-port.ts'
import { type Json, project } from './service.ts'

const startLimitMs = 20_000

/** Debian's Prometheus in a process and a folder of its own. */
export type Prometheus = AsyncDisposable & {
  /** A GET of its HTTP API, for example `targets`. */
  api(path: string): Promise<Json>
  /** The present value of a query; null if there is none. */
  value(query: string): Promise<number | null>
}

/** Starts Prometheus with monitoring/prometheus.yml, but with the address `target`, that token and intervals of a second. */
export async function startPrometheus(target: string, token: string, config: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-prometheus-'))
  await copyFile(join(project, 'monitoring/alerts.yml'), join(folder, 'alerts.yml'))
  await writeFile(join(folder, 'token'), token)
  await writeFile(
    join(folder, 'prometheus.yml'),
    withTokenIn(folder, config)
      .replace('127.0.0.1:5555', target)
      .replace(/(_interval): 15s/g, '$1: 1s'),
  )
  const address = `127.0.0.1:${await freePort()}`
  const flags = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${address}`,
  ]
  const child = spawn('prometheus', flags, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk) => (log += chunk))
  const api = async (path: string) => {
    const response = await fetch(`http://${address}/api/v1/${path}`)
    const { status, data, error } = (await response.json()) as Json
    if (status !== 'success') throw new Error(`Prometheus refused ${path}: ${error}`)
    return data
  }
  const end = async () => {
    await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(`http://${address}/-/ready`, child)
  } catch (error) {
    await end()
    throw new Error(`Prometheus did not start:\n${log}`, { cause: error })
  }
  return {
    api,
    async value(query) {
      const { result } = await api(`query?query=${encodeURIComponent(query)}`)
      return result.length === 0 ? null : Number(result[0].value[1])
    },
    [Symbol.asyncDispose]: end,
  }
}

/** The configuration with its token in the file `token` of that folder. */
export function withTokenIn(folder: string, config: string): string {
  return config.replace('/etc/prometheus/ai-lab-token', join(folder, 'token'))
}

/** Gives the output of promtool; rejects with that output if promtool finds a fault. */
export async function promtool(args: string[], input = ''): Promise<string> {
  const running = promisify(execFile)('promtool', args, { cwd: project })
  running.child.stdin?.end(input)
  const { stdout, stderr } = await running
  return stdout + stderr
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startLimitMs
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${url} is not answered`)
    await sleep(50)
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
