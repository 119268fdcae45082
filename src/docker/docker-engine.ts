import type { TlsKeys } from '../domain/engine-address.ts'
import { labels, networkName } from '../domain/names.ts'
import { createOneAtATime } from '../lib/one-at-a-time.ts'
import type { Engine } from '../ports/engine.ts'
import { type CallOptions, createCall, nullWhenMissing } from './calls.ts'
import { createClient } from './client.ts'
import type { Listing } from './dockerode.ts'
import { createErrands } from './errands.ts'
import { createEvents, createWasStopped } from './events.ts'
import { createInside, type LookThroughProcess } from './inside.ts'
import { createLifeCycle } from './life-cycle.ts'
import { createLogs } from './logs.ts'
import { createContainersMounting } from './mounting.ts'
import { createNamelessImages } from './nameless-images.ts'
import { bridgeOf, createNetworks, removeNetwork } from './network.ts'
import { fromInspection, fromListing } from './observed.ts'
import { createProbe } from './probe.ts'
import { createPull } from './pull.ts'
import { createOwnMountSource, type ReadText } from './self.ts'
import { createSocketAdvice, type GroupOf } from './socket-advice.ts'
import { createStats } from './stats.ts'
import { createOpenStream } from './streams.ts'
import { createWitnesses } from './witnesses.ts'

export type DockerEngineOptions = {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock` or `tcp://host:port`. */
  socket: string
  tls?: TlsKeys | null
  /** Reads a small text file of this process's own system; null when there is none. */
  readText: ReadText
  lookThroughProcess: LookThroughProcess
  /** Without it, the advice about a socket that may not be opened has no group's number. */
  groupOf?: GroupOf
  callLimitMs?: number
  /** For calls that move processes or disks: create, start, stop (plus its grace), remove. */
  slowCallLimitMs?: number
  /** How long a pull may go without any news. */
  pullStallLimitMs?: number
  /** How long a look into a running container may take. */
  insideLimitMs?: number
}

/** The Engine port on one Docker host. Opens nothing until the first call; dispose it to close its connections. */
export function createDockerEngine({
  socket,
  tls = null,
  readText,
  lookThroughProcess,
  groupOf = async () => null,
  callLimitMs = 10_000,
  slowCallLimitMs = 60_000,
  pullStallLimitMs = 120_000,
  insideLimitMs = 5_000,
}: DockerEngineOptions): Engine & Disposable {
  const { docker, agent } = createClient({ socket, tls })
  const newcomer = createClient({ socket, tls }, { keepAlive: false })
  const call = createCall(callLimitMs, createSocketAdvice(socket, { readText, groupOf }))
  const openStream = createOpenStream(call)
  const oneAtATime = createOneAtATime()
  const inspect = (nameOrId: string) => (abortSignal: AbortSignal) =>
    docker.getContainer(nameOrId).inspect({ abortSignal }).catch(nullWhenMissing)

  function list(label: string[], options?: CallOptions): Promise<Listing[]> {
    const ask = (abortSignal: AbortSignal) => docker.listContainers({ all: true, filters: { label }, abortSignal })
    return call('list its containers', ask, options)
  }

  return {
    sameMachine: !/^(tcp|https?):/.test(socket),

    async info(options) {
      const answer = await call('tell its version', (abortSignal) => docker.version({ abortSignal }), options)
      return { version: answer.Version, apiVersion: answer.ApiVersion }
    },

    async cpus(options) {
      const { NCPU } = await call('tell how many CPUs it has', (abortSignal) => docker.info({ abortSignal }), options)
      return NCPU
    },

    async inspect(id, options) {
      const info = await call(`inspect ${id}`, inspect(id), options)
      if (info) return fromInspection(info)
      const [renamed] = await list([`${labels.environment}=${id}`], options)
      const found = renamed && (await call(`inspect ${id}`, inspect(renamed.Id), options))
      return found ? fromInspection(found) : null
    },

    list: async (options) => (await list([labels.environment], options)).map(fromListing),

    bridge: (options) =>
      call('inspect the network of the environments', (signal) => bridgeOf(docker, networkName, signal), options),

    removeNetwork: (options) =>
      call('remove the network of the environments', (signal) => removeNetwork(docker, networkName, signal), options),

    async variable(id, name, options) {
      const info = await call(`inspect ${id}`, inspect(id), options)
      const entry = info?.Config.Env?.find((each) => each.startsWith(`${name}=`))
      return entry?.slice(name.length + 1) ?? null
    },

    async findImage(reference, options) {
      const inspect = (abortSignal: AbortSignal) =>
        docker.getImage(reference).inspect({ abortSignal }).catch(nullWhenMissing)
      const info = await call(`look for the image ${reference}`, inspect, options)
      return info && { id: info.Id, digests: info.RepoDigests ?? [], bytes: info.Size }
    },

    ...createLifeCycle(docker, call, createNetworks(docker, call), { slowLimitMs: slowCallLimitMs, oneAtATime }),
    ...createLogs(docker, call, openStream),
    // A look takes 2 ms, but on a hanging disk it would never end.
    ...createProbe(docker, call, Math.min(callLimitMs, 5_000)),
    ...createWitnesses(docker, call),
    ...createErrands(docker, call, { openStream, slowLimitMs: slowCallLimitMs }),
    seeInside: createInside(docker, call, { lookThroughProcess, limitMs: insideLimitMs, oneAtATime }),
    pull: createPull(docker, openStream, pullStallLimitMs),
    ...createStats(docker, call),
    events: createEvents(docker, openStream),
    wasStopped: createWasStopped(newcomer.docker, call),
    containersMounting: createContainersMounting(docker, call),
    namelessImages: createNamelessImages(docker, call),
    ownMountSource: createOwnMountSource(docker, call, readText),
    [Symbol.dispose]() {
      agent.destroy()
      newcomer.agent.destroy()
    },
  }
}
