/** The only place that changes the engine. Each step has one executor; a missing one does not compile. */
import { startsAtMost, startsWithinMs } from '../domain/environment/backoff.ts'
import { callOff } from '../domain/environment/change-on-failure.ts'
import { containerSpec, type LabSettings } from '../domain/environment/container-spec.ts'
import type { Environment } from '../domain/environment/environment.ts'
import { freeHostPort } from '../domain/environment/host-port.ts'
import type { Step } from '../domain/environment/plan.ts'
import { isSameUpstream, upstreamOf } from '../domain/environment/upstream.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { notProven, type Proof } from '../domain/proof/proof.ts'
import { randomSecret } from '../lib/random.ts'
import type { Clock } from '../ports/clock.ts'
import type { DataRoot } from '../ports/data-root.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import { awaitReady, type Probe } from './await-ready.ts'
import { endedProblem } from './ended.ts'
import type { MemoryLimitOf } from './explain-memory.ts'
import { forgetUpstream } from './forget-upstream.ts'
import { fetchImage, imageOfContainer, recordImage } from './images.ts'
import { Overtaken, onContainer, onImage } from './overtaken.ts'
import type { Pulls } from './pulls.ts'
import type { Task } from './task.ts'
import { unlessUnwritable } from './unless-unwritable.ts'

export type Actors = {
  engine: Engine
  store: EnvironmentStore
  /** `ensureUserFolder` makes each person's folder only once. */
  folders: Pick<DataRoot, 'ensureUserFolder' | 'requireUserFolder'>
  lab: () => Promise<LabSettings>
  proveWithin: (maxAgeMs: number) => Promise<Proof>
  pulls: Pulls
  probe: Probe
  clock: Clock
  memoryLimit: MemoryLimitOf
}

export type Executors = Record<Step['kind'], (task: Task) => Promise<void>>

// The request, the creation and the start follow each other within milliseconds: they share a proof.
const proofMaxAgeMs = 250
// How long an environment has to end by itself before it is killed.
const stopGraceSeconds = 10

export function createExecutors(actors: Actors): Executors {
  const { engine, store, folders, lab, proveWithin, pulls, clock } = actors

  async function requireProof(): Promise<void> {
    const proof = await proveWithin(proofMaxAgeMs)
    if (proof.status !== 'proven') throw notProven(proof)
  }

  async function ensureFolder({ environment }: Task): Promise<void> {
    await requireProof()
    await folders.ensureUserFolder(environment.userId)
  }

  return {
    async hold() {
      await requireProof()
    },

    async 'record-image'(task) {
      await recordImage(store, task, await imageOfContainer(engine, task))
    },

    'ensure-folder': ensureFolder,

    async 'fetch-image'(task) {
      const { environment, signal, tell, tellPull } = task
      task.image = await fetchImage(engine, environment, async (reference) => {
        tell('pulling')
        await pulls.pull(reference, { signal, onState: tellPull })
      }).catch((error: unknown) => {
        throw asFailure(error, task)
      })
    },

    async create(task) {
      task.tell('creating')
      await ensureFolder(task)
      if (task.image) await recordImage(store, task, task.image)
      const { environment } = task
      const hostPort = environment.hostPort ?? (await claimHostPort(store, environment))
      const spec = containerSpec({ ...environment, token: randomSecret(), hostPort }, await lab())
      task.container = await onImage(engine, spec.image, () => engine.create(spec))
    },

    async start(task) {
      const { environment, track, container, tell } = task
      tell('starting')
      if (track.starts.length >= startsAtMost) throw await endsAgainAndAgain(actors, task)
      await requireProof()
      await folders.requireUserFolder(environment.userId)
      forgetStart(track)
      task.environment = await forgetUpstream(store, environment)
      await onHostPort({ engine, store }, environment, () =>
        onContainer(engine, container, ['created', 'exited'], () => engine.start(container)),
      )
      track.starts.push(clock.steady())
      // This restart is done, whatever the clocks say. A request that came meanwhile is for another restart.
      if (environment.restartRequestedAt !== null) {
        await store.change(environment.id, { restartRequestedAt: null }, { as: environment })
      }
    },

    async 'await-ready'(task) {
      const { track, signal, tell } = task
      tell('awaiting-ready')
      const environment = await withOwnSecret({ engine, store }, task)
      track.seenUp = task.container // should it end, the next look asks who ended it
      const startedHere = track.starts.length > 0
      const container = await awaitReady(environment, actors, { startedHere, signal })
      if (!container) return // it was removed meanwhile: the next pass sees that
      const upstream = upstreamOf(container)
      if (!isSameUpstream(upstream, environment.upstream)) await store.change(environment.id, { upstream })
      track.readyFor = container.startedAt
      track.seen = { observation: container, ready: true }
      track.lookedAt = clock.steady()
    },

    async pause({ environment, container }) {
      try {
        await onContainer(engine, container, ['running'], () => engine.pause(container))
      } catch (error) {
        // A backup alone pauses an environment that is to run. If the engine refuses that, the environment runs on.
        if (environment.desired === 'paused' || !isProblem(error, 'engine-refused')) throw error
      }
    },

    async unpause({ container }) {
      await onContainer(engine, container, ['paused'], () => engine.unpause(container))
    },

    async stop(task) {
      task.tell('stopping')
      task.track.seenUp = null // our own stop must not look like a manual one
      await recordEnd(store, task)
      // A start that follows in this pass carries out the recorded restart, whatever the clocks say.
      task.environment = { ...task.environment, restartRequestedAt: task.startedAt }
      await engine.stop(task.container, stopGraceSeconds)
    },

    async remove({ container, tell }) {
      tell('stopping')
      await engine.remove(container)
    },

    async 'settle-as-stopped'({ environment, track, container, startedAt }) {
      track.seenUp = container // until it is recorded, each look asks again
      const change = { desired: 'stopped', restartRequestedAt: startedAt } as const
      if (await store.change(environment.id, change, { as: environment })) track.seenUp = null
    },

    async forget({ environment }) {
      await store.forget(environment.id)
    },
  }
}

/** An environment waits for room for its image, except if it has a container to go on with. */
function asFailure(error: unknown, { environment, track }: Task): unknown {
  if (!isProblem(error, 'no-room') || !callOff(environment, track.seen?.observation)) return error
  return new Problem('image-unavailable', error.detail, { adminDetail: error.adminDetail, cause: error })
}

/**
 * This observation predates the start: clear its start time, so that a restart requested now applies to the new run.
 */
function forgetStart(track: Task['track']): void {
  const observation = track.seen?.observation
  if (observation?.kind === 'container') track.seen = { observation: { ...observation, startedAt: null }, ready: false }
}

/**
 * Records the stop before making it: if the service is killed while it waits for the end, this stop must not look like
 * a manual one that overrules a later start.
 */
async function recordEnd(store: EnvironmentStore, { environment, startedAt }: Task): Promise<void> {
  await unlessUnwritable(store.change(environment.id, { restartRequestedAt: startedAt })) // stop it all the same
}

function claimHostPort(store: EnvironmentStore, { id }: Environment): Promise<number | null> {
  return store.claimHostPort(id, (given) => freeHostPort(given, Math.random()))
}

/**
 * Takes the secret of the container over into the record. The two differ if the service was killed right after the
 * creation, never got the engine's answer, or has records from a backup.
 */
async function withOwnSecret(
  { engine, store }: { engine: Engine; store: EnvironmentStore },
  { environment, container }: Task,
): Promise<Environment> {
  const token = await engine.variable(container, 'JUPYTER_TOKEN')
  if (!token || token === environment.token) return environment
  await store.change(environment.id, { token })
  return { ...environment, token }
}

/**
 * Starts a container. If its port is taken, a container that has never run is made anew on another port. A container
 * that has run may hold what people installed in it, so they decide.
 */
async function onHostPort(
  { engine, store }: { engine: Engine; store: EnvironmentStore },
  { id }: Environment,
  start: () => Promise<void>,
): Promise<void> {
  try {
    await start()
  } catch (error) {
    if (!isProblem(error, 'port-taken')) throw error
    const container = await engine.inspect(id)
    if (container && container.startedAt !== null) throw error
    if (container) await store.change(id, { hostPort: null, replaceContainer: container.containerId })
    throw new Overtaken(`The port of ${id} was taken`, { cause: error })
  }
}

function endsAgainAndAgain(actors: Actors, { environment, track: { seen } }: Task): Problem | Promise<Problem> {
  const how = `ended by itself ${startsAtMost} times in ${startsWithinMs / 60_000} minutes; it is not started again on its own`
  if (seen?.observation.kind === 'container') return endedProblem(actors, environment, seen.observation, how)
  return new Problem('environment-exited', `It ${how}.`)
}
