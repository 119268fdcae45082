import { availableParallelism, cpus, loadavg } from 'node:os'
import { engineClient } from './bare-engine.ts'
import { expectStatus } from './request.ts'

/** One line about the machine on which the figures were measured. */
export async function describeMachine(): Promise<string> {
  const engine = await expectStatus(engineClient('GET', '/version'), 200)
  const load = loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')
  return [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`,
    `Node ${process.version}`,
    `engine ${engine.Version}`,
    new Date().toISOString(),
    `load ${load}`,
  ].join(' · ')
}
