import { spawn } from 'node:child_process'
import { wrk } from '../../../scripts/lib/wrk.ts'
import { median } from './statistics.ts'

export type Load = { url: string; headers?: Record<string, string> }
export type Rate = { perSecond: number; p99Ms: number }

const connections = 20
// Node accepts one connection for each round of its event loop: the last of 500 new ones waits for seconds.
const timeout = '20s'
const warmUpSeconds = 2
const roundSeconds = 6
const rounds = 3

/** Requests a second and the 99th percentile of the latency, each the median of three rounds. Any failed request is an error. */
export async function measureRate(load: Load, signal: AbortSignal): Promise<Rate> {
  await measureRound(load, { seconds: warmUpSeconds, connections }, signal)
  const results: Rate[] = []
  for (let count = 0; count < rounds; count += 1)
    results.push(await measureRound(load, { seconds: roundSeconds, connections }, signal))
  return {
    perSecond: median(results.map(({ perSecond }) => perSecond)),
    p99Ms: median(results.map(({ p99Ms }) => p99Ms)),
  }
}

/** One round. Any failed request is an error. */
export async function measureRound(
  { url, headers = {} }: Load,
  { seconds, connections }: { seconds: number; connections: number },
  signal: AbortSignal,
): Promise<Rate> {
  const flags = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const output = await run(
    ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', timeout, ...flags, url],
    signal,
  )
  const failures = /Non-2xx.*|Socket errors.*/.exec(output)
  if (failures) throw new Error(`Requests to ${url} failed: ${failures[0]}`)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
    p99Ms: toMs(/^\s+99%\s+(\S+)/m.exec(output)?.[1] ?? ''),
  }
}

function run(args: string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(wrk, args, { signal, timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`wrk ended with ${code}: ${output}`)),
    )
  })
}

/** wrk writes `640.00us`, `7.31ms`, `1.20s`. */
function toMs(text: string): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? []
  if (!value || !unit) throw new Error(`wrk printed a latency that cannot be read: "${text}"`)
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's']
}
