/** How busy the machine was in the last hours, for plots without Prometheus. */
import { cpus, freemem, totalmem } from 'node:os'
import { readText } from '../disk/read-text.ts'
import { memoryIn } from '../domain/machine.ts'
import { machineRoute } from '../http/routes/machine.ts'
import { keepSampling, type Measured } from '../machine/keep-sampling.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { EnvironmentsPart } from './environments.ts'

export function assembleMachine(
  { machineRecords: store, dataRoot, clock, onError }: Base,
  { reconciler }: Pick<EnvironmentsPart, 'reconciler'>,
): Capability {
  const uses = { measure, room: dataRoot.room, census: reconciler.census, store, clock, onError }
  return {
    routes: { administrators: (app) => machineRoute(app, { store, clock }) },
    work: (signal) => keepSampling(uses, { signal }),
  }
}

async function measure(): Promise<Measured> {
  const times = cpus().map(({ times }) => times)
  const idle = times.reduce((sum, each) => sum + each.idle, 0)
  const busy = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0)
  const memory = memoryIn((await readText('/proc/meminfo')) ?? '')
  return { cpu: { busy, idle }, memory: memory ?? { usedBytes: totalmem() - freemem(), totalBytes: totalmem() } }
}
