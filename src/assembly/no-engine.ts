import { Problem } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'

async function refuse(): Promise<never> {
  throw new Problem('engine-unavailable', 'A service on a restored lab has no container engine.')
}

function refuseAll(): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: refuse }) }
}

/** In the place of an engine: it refuses every call, so a service that has it can do nothing to any container. */
export const noEngine: Engine = {
  sameMachine: false,
  info: refuse,
  cpus: refuse,
  inspect: refuse,
  list: refuse,
  create: refuse,
  start: refuse,
  stop: refuse,
  pause: refuse,
  unpause: refuse,
  remove: refuse,
  findImage: refuse,
  namelessImages: refuse,
  pull: refuse,
  logs: refuse,
  followLogs: refuseAll,
  stats: refuse,
  cpuTimeMs: refuse,
  look: refuse,
  read: refuse,
  seeInside: refuse,
  runErrand: refuse,
  endErrands: refuse,
  importImage: refuse,
  witnesses: refuse,
  keepWitness: refuse,
  forgetWitness: refuse,
  variable: refuse,
  bridge: refuse,
  removeNetwork: refuse,
  dropProbe: refuse,
  ownMountSource: refuse,
  containersMounting: refuse,
  wasStopped: refuse,
  events: refuseAll,
}
