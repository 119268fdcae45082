import { randomBytes } from 'node:crypto'
import type { ContainerSpec } from '../../src/domain/environment/container-spec.ts'
import type { Address, Container } from '../../src/domain/environment/environment.ts'
import type { PullProgress } from '../../src/domain/environment/pull.ts'
import { labels, markerFile, targets } from '../../src/domain/names.ts'
import { Problem } from '../../src/domain/problem.ts'
import type { InsideSight } from '../../src/domain/proof/compare-mounts.ts'
import type { ContainerStats, Engine, EngineEvent, Errand, LogLine, OnOutput, Witness } from '../../src/ports/engine.ts'
import { container } from './container.ts'
import { Feed } from './engine-feed.ts'
import { idOfFile, isThere, sightOfFile, textOfFile } from './engine-files.ts'
import { FakeImages } from './fake-images.ts'

export type FakeEngineOptions = {
  /** Images that the engine has. */
  images?: string[]
  /** Images that can be pulled. */
  registry?: string[]
  /** The address of a running container. It replaces the container's port on this host, where no program listens. */
  addressOf?: (id: string) => Address
  /** The real place of a path of the engine's host, for tests without such a host. */
  realPath?: (hostPath: string) => string
  /** Milliseconds since the epoch, for the start of containers and for events. */
  now?: () => number
}

/** One call of the port; `id` names its container, image or probe. */
export type FakeCall = { name: keyof Engine; id: string }

/** The controls of the fake engine that only tests have. */
export type FakeEngineHandles = {
  /** If false, every call fails with engine-unavailable, streams of events end, and containers go on unchanged. */
  reachable: boolean
  /** Runs before each call: wait in it to hold a call up, throw in it to make one fail. */
  beforeCall: (call: FakeCall) => void | Promise<void>
  /** Runs in each pull of an image that the registry has: report progress, wait to hold it up, throw to break it off. */
  duringPull: (image: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal) => void | Promise<void>
  /** Does the work of each errand, and gives its exit code. */
  duringErrand: (
    errand: Errand,
    onLine: (line: LogLine) => void,
    signal: AbortSignal,
    onOutput?: OnOutput,
  ) => Promise<number>
  /** The errands that run now. */
  readonly errands: Map<string, Errand>
  /** Every call so far. */
  readonly calls: FakeCall[]
  /** Ports of the host that another program has. */
  readonly takenPorts: Set<number>
  /** Containers whose processes take a whole core. */
  readonly computing: Set<string>
  readonly images: Set<string>
  readonly registry: Set<string>
  /** Control of the images. */
  readonly imageStore: FakeImages
  /** Host path behind a mount of the container that "this process runs in". */
  readonly ownMounts: Map<string, string>
  readonly witnessVolumes: Map<string, Witness>
  /** The files that processes of a container see, if they differ from the mounts of its start. */
  readonly insights: Map<string, InsideSight>
  /** The arguments of `create` for an existing container. */
  specOf(id: string): ContainerSpec | undefined
  /** Copies a container without its mounts, as somebody does with `docker commit` and `docker run`. */
  copy(id: string, name: string): void
  /** Lets the container's main process end by itself. */
  exit(id: string, exitCode: number, options?: { outOfMemory?: boolean }): void
  /** Lets the kernel kill another process than the main one, because memory ran out. */
  killForMemory(id: string): void
  /** Lets the container write a line. */
  say(id: string, stream: LogLine['stream'], text: string): void
  /** Removes the container, as somebody does by hand. */
  vanish(id: string): void
}

type Kept = {
  spec: ContainerSpec
  seen: Container
  log: LogLine[]
  /** How many lines the log had at the last start. */
  linesBefore: number
  feed: Feed<LogLine>
  inside: InsideSight | null
  stoppedAt: number
}

/** A container engine in memory, held to the same contract as the real one (test/contract/engine.contract.ts). */
export function createFakeEngine({
  images = ['debian:trixie-slim'],
  registry = [],
  addressOf,
  realPath = (hostPath) => hostPath,
  now = Date.now,
}: FakeEngineOptions = {}): Engine & FakeEngineHandles {
  const containers = new Map<string, Kept>()
  const known = new FakeImages(images, registry)
  const events = new Feed<EngineEvent>()
  const killers = new Map<string, AbortController>()
  let reachable = true

  const handles: FakeEngineHandles = {
    get reachable() {
      return reachable
    },
    set reachable(value) {
      reachable = value
      if (!reachable) events.end()
    },
    beforeCall: () => {},
    duringPull: (_, onProgress) => {
      for (const bytes of [0, 50, 100]) onProgress(oneLayer(bytes))
    },
    duringErrand: async () => 0,
    errands: new Map(),
    calls: [],
    images: known.names,
    registry: known.registry,
    imageStore: known,
    ownMounts: new Map(),
    witnessVolumes: new Map(),
    insights: new Map(),
    takenPorts: new Set(),
    computing: new Set(),
    specOf: (id) => named(id)?.spec,
    copy: (id, name) => {
      const kept = found(id, 'copy')
      const seen = {
        ...kept.seen,
        ...created({ ...kept.spec, name, mounts: [] }, kept.seen.imageId),
        environmentId: kept.seen.environmentId,
      }
      containers.set(name, { ...kept, spec: { ...kept.spec, name }, seen })
    },
    exit: (id, exitCode, { outOfMemory = false } = {}) => {
      const kept = found(id, 'end')
      if (outOfMemory) emit(id, 'oom')
      end(kept, exitCode, outOfMemory)
    },
    killForMemory: (id) => emit(found(id, 'kill a process of').spec.name, 'oom'),
    say: (id, stream, text) => {
      const { log, feed } = found(id, 'write in')
      log.push({ stream, text })
      feed.push({ stream, text })
    },
    vanish: (id) => drop(id),
  }

  async function call(name: keyof Engine, id: string, options: { signal?: AbortSignal } | undefined): Promise<void> {
    options?.signal?.throwIfAborted()
    engine.calls.push({ name, id })
    await engine.beforeCall({ name, id })
    options?.signal?.throwIfAborted()
    if (!reachable)
      throw new Problem('engine-unavailable', `The container engine does not answer: could not ${name} ${id}.`)
  }

  function found(id: string, doing: string): Kept {
    const kept = containers.get(id)
    if (!kept) throw new Problem('engine-refused', `Could not ${doing} ${id}: No such container: ${id}.`)
    return kept
  }

  function change(kept: Kept, action: string, seen: Partial<Container>): void {
    kept.seen = { ...kept.seen, ...seen }
    emit(kept.spec.name, action)
  }

  function emit(environmentId: string, action: string): void {
    events.push({ environmentId, action, at: now() })
  }

  function end(kept: Kept, exitCode: number, outOfMemory = false): void {
    change(kept, 'die', { state: 'exited', exitCode, outOfMemory, address: null, finishedAt: now() })
    kept.feed.end()
  }

  function drop(id: string): void {
    const kept = named(id)
    if (!kept) return
    if (isUp(kept.seen)) end(kept, 137)
    containers.delete(kept.spec.name)
    emit(kept.spec.name, 'destroy')
  }

  /** Finds a container by its name, or by the engine's own id. */
  function named(id: string): Kept | undefined {
    return containers.get(id) ?? [...containers.values()].find(({ seen }) => seen.containerId === id)
  }

  /** A process keeps the mounts of its container's start, whatever takes their place later. */
  async function mountedNow({ mounts }: ContainerSpec): Promise<InsideSight> {
    const at = (target: string) => realPath(mounts.find((mount) => mount.target === target)?.source ?? '/nowhere')
    const [shared, data] = await Promise.all([idOfFile(at(targets.shared)), idOfFile(at(targets.data))])
    const rootId = (await textOfFile(`${at(targets.shared)}/${markerFile}`))?.trim() ?? null
    return { kind: 'seen', shared, data, rootId }
  }

  async function refuseMissingMounts(spec: Pick<Errand, 'name' | 'mounts'>, doing: string): Promise<void> {
    for (const { source } of spec.mounts) {
      if (await isThere(realPath(source))) continue
      throw new Problem(
        'data-root-not-proven',
        `Could not ${doing} ${spec.name}: a folder of the data root is not where the engine looks for it.`,
        { adminDetail: `bind source path does not exist: ${source}` },
      )
    }
  }

  function refuseTakenPort({ spec: { name, hostPort } }: Kept): void {
    if (hostPort === null) return
    const others = [...containers.values()].filter(({ spec, seen }) => spec.name !== name && isUp(seen))
    if (!handles.takenPorts.has(hostPort) && !others.some(({ spec }) => spec.hostPort === hostPort)) return
    throw new Problem('port-taken', `Could not start ${name}: its port ${hostPort} is taken.`)
  }

  const port: Engine = {
    sameMachine: true,

    async info(options) {
      await call('info', '', options)
      return { version: 'fake', apiVersion: '1.41' }
    },

    async cpus(options) {
      await call('cpus', '', options)
      return 2
    },

    async inspect(id, options) {
      await call('inspect', id, options)
      return named(id)?.seen ?? null
    },

    async list(options) {
      await call('list', '', options)
      return [...containers.values()].map(({ seen }) => ({
        ...seen,
        startedAt: null,
        finishedAt: null,
        outOfMemory: false,
      }))
    },

    async create(spec, options) {
      await call('create', spec.name, options)
      const taken = containers.get(spec.name)
      if (taken?.spec.labels[labels.environment] === spec.labels[labels.environment] && taken)
        return taken.seen.containerId
      if (taken) throw new Problem('engine-refused', `The name ${spec.name} is taken by a container that is not ours.`)
      const image = known.find(spec.image)
      if (!image) {
        throw new Problem('image-unavailable', `Could not create ${spec.name}: No such image: ${spec.image}.`)
      }
      await refuseMissingMounts(spec, 'create')
      const seen = created(spec, image.id)
      containers.set(spec.name, { spec, seen, log: [], linesBefore: 0, feed: new Feed(), inside: null, stoppedAt: 0 })
      emit(spec.name, 'create')
      return seen.containerId
    },

    async start(id, options) {
      await call('start', id, options)
      const kept = named(id) ?? found(id, 'start')
      if (kept.seen.state === 'running') return
      if (kept.seen.state === 'paused') {
        throw new Problem('engine-refused', `Could not start ${id}: cannot start a paused container.`)
      }
      await refuseMissingMounts(kept.spec, 'start')
      refuseTakenPort(kept)
      kept.inside = await mountedNow(kept.spec)
      kept.linesBefore = kept.log.length
      kept.stoppedAt = 0 // the next end may come within the same millisecond
      change(kept, 'start', {
        state: 'running',
        startedAt: now(),
        finishedAt: null,
        exitCode: null,
        outOfMemory: false,
        address: addressOf?.(kept.spec.name) ?? { host: '127.0.0.1', port: kept.spec.hostPort ?? 9 },
      })
    },

    async stop(id, _graceSeconds, options) {
      await call('stop', id, options)
      const kept = named(id)
      if (!kept || !isUp(kept.seen)) return
      end(kept, 137)
      kept.stoppedAt = now()
      emit(kept.spec.name, 'stop')
    },

    async pause(id, options) {
      await call('pause', id, options)
      const kept = named(id) ?? found(id, 'pause')
      if (kept.seen.state === 'paused') return
      if (kept.seen.state !== 'running')
        throw new Problem('engine-refused', `Could not pause ${id}: it is not running.`)
      change(kept, 'pause', { state: 'paused' })
    },

    async unpause(id, options) {
      await call('unpause', id, options)
      const kept = named(id) ?? found(id, 'resume')
      if (kept.seen.state === 'running') return
      if (kept.seen.state !== 'paused') throw new Problem('engine-refused', `Could not resume ${id}: it is not paused.`)
      change(kept, 'unpause', { state: 'running' })
    },

    async remove(id, options) {
      await call('remove', id, options)
      drop(id)
    },

    async findImage(reference, options) {
      await call('findImage', reference, options)
      return known.find(reference)
    },

    async namelessImages(label, options) {
      await call('namelessImages', label, options)
      return [] // its images have no labels
    },

    async pull(image, onProgress, options) {
      await call('pull', image, options)
      if (!known.has(image)) {
        throw new Problem('image-unavailable', `The image ${image} could not be pulled: manifest unknown.`)
      }
      await cutShort(options?.signal ?? never, (signal) => handles.duringPull(image, onProgress, signal))
      known.pull(image)
    },

    async logs(id, tail, options) {
      await call('logs', id, options)
      const kept = containers.get(id)
      const isOfThisRun = (options?.since ?? 0) >= (kept?.seen.startedAt ?? Number.POSITIVE_INFINITY)
      return kept ? { lines: lastOf(kept.log.slice(isOfThisRun ? kept.linesBefore : 0), tail), isCut: false } : null
    },

    async *followLogs(id, tail, { signal }) {
      if (signal.aborted) return
      await call('followLogs', id, undefined)
      const kept = containers.get(id)
      if (!kept) return
      const following = kept.feed.subscribe(signal)
      yield* lastOf(kept.log, tail)
      if (isUp(kept.seen)) yield* following
    },

    async stats(id, options) {
      await call('stats', id, options)
      const kept = containers.get(id)
      if (!kept || !isUp(kept.seen)) return null
      return { ...idle, memoryLimitBytes: kept.spec.resources.memoryBytes }
    },

    async cpuTimeMs(id, options) {
      await call('cpuTimeMs', id, options)
      const kept = containers.get(id)
      if (!kept || !isUp(kept.seen)) return null
      return handles.computing.has(id) ? now() : 1
    },

    async look(probe, files, options) {
      await call('look', probe.name, options)
      return await Promise.all(files.map((file) => sightOfFile(`${realPath(probe.hostPath)}/${file}`)))
    },

    async read(probe, file, options) {
      await call('read', probe.name, options)
      return await textOfFile(`${realPath(probe.hostPath)}/${file}`)
    },

    async seeInside(id, options) {
      await call('seeInside', id, options)
      const kept = named(id)
      const told = kept && handles.insights.get(kept.spec.name)
      if (told) return told
      if (kept?.seen.state === 'running' && kept.inside) return kept.inside
      if (kept?.seen.state !== 'paused') return { kind: 'ended' }
      return { kind: 'unverifiable', reason: 'it is paused', isFault: false }
    },

    async runErrand(errand, onLine, options) {
      await call('runErrand', errand.name, options)
      if (!known.find(errand.image)) {
        throw new Problem('image-unavailable', `Could not create ${errand.name}: No such image: ${errand.image}.`)
      }
      await refuseMissingMounts(errand, 'create')
      const killed = new AbortController()
      handles.errands.set(errand.name, errand)
      killers.set(errand.name, killed)
      try {
        const life = AbortSignal.any([options?.signal ?? never, killed.signal])
        return await cutShort(life, (signal) => handles.duringErrand(errand, onLine, signal, options?.onOutput))
      } catch (error) {
        options?.signal?.throwIfAborted()
        if (killed.signal.aborted) return 137
        throw error
      } finally {
        handles.errands.delete(errand.name)
      }
    },

    async endErrands({ name, value, except }, options) {
      await call('endErrands', value, options)
      for (const [id, errand] of handles.errands)
        if (errand.labels[name] === value && !except?.has(id)) killers.get(id)?.abort()
    },

    async importImage(name, tar, options) {
      await call('importImage', name, options)
      if (known.find(name)) return
      await tar()
      known.names.add(name)
    },

    async witnesses(options) {
      await call('witnesses', '', options)
      return [...handles.witnessVolumes.values()]
    },

    async keepWitness(witness, options) {
      await call('keepWitness', witness.name, options)
      if (!handles.witnessVolumes.has(witness.name)) handles.witnessVolumes.set(witness.name, witness)
    },

    async forgetWitness(name, options) {
      await call('forgetWitness', name, options)
      handles.witnessVolumes.delete(name)
    },

    async variable(id, name, options) {
      await call('variable', id, options)
      return named(id)?.spec.env[name] ?? null
    },

    async bridge(options) {
      await call('bridge', '', options)
      return 'lab-fake'
    },

    async removeNetwork(options) {
      await call('removeNetwork', '', options)
      return ![...containers.values()].some(({ seen }) => seen.state === 'running')
    },

    async dropProbe(name, options) {
      await call('dropProbe', name, options)
    },

    async containersMounting(hostPath, options) {
      await call('containersMounting', hostPath, options)
      const isBelow = ({ source }: { source: string }) => `${source}/`.startsWith(`${hostPath}/`)
      return [...containers.values()]
        .map(({ seen: { name, state, labels, mounts } }) => ({ id: name, name, state, labels, mounts }))
        .filter(({ mounts }) => mounts.some(isBelow))
    },

    async ownMountSource(target, options) {
      await call('ownMountSource', target, options)
      return handles.ownMounts.get(target) ?? null
    },

    async wasStopped(containerId, since, options) {
      await call('wasStopped', containerId, options)
      return (named(containerId)?.stoppedAt ?? 0) >= since
    },

    events({ signal }) {
      const subscription = events.subscribe(signal)
      return (async function* () {
        if (!signal.aborted) await call('events', '', undefined)
        yield* subscription
      })()
    },
  }

  // Not spread: `reachable` is an accessor, and tests may replace a method of the port.
  const engine = Object.defineProperties(handles, Object.getOwnPropertyDescriptors(port)) as Engine & FakeEngineHandles
  return engine
}

function created({ name, image, labels, mounts }: ContainerSpec, imageId: string): Container {
  const containerId = randomBytes(32).toString('hex')
  return container({ containerId, name, environmentId: name, state: 'created', image, imageId, labels, mounts })
}

function oneLayer(currentBytes: number): PullProgress {
  const phase = currentBytes < 100 ? 'downloading' : 'done'
  return { currentBytes, totalBytes: 100, layers: [{ id: 'a1b2c3', phase, currentBytes, totalBytes: 100 }] }
}

const never = new AbortController().signal

/** Waits for the work until the signal aborts, even if the work ignores the signal. */
async function cutShort<T>(signal: AbortSignal, work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work(signal), promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function isUp({ state }: Container): boolean {
  return state === 'running' || state === 'paused'
}

function lastOf<T>(lines: T[], tail: number): T[] {
  return tail > 0 ? lines.slice(-tail) : []
}

const idle: ContainerStats = {
  cpuPercent: 0.1,
  memoryBytes: 2 ** 20,
  memoryLimitBytes: 0,
  networkReceivedBytes: 0,
  networkSentBytes: 0,
  blockReadBytes: 0,
  blockWrittenBytes: 0,
  pids: 1,
}
