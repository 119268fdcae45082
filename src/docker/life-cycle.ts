import type { ContainerSpec } from '../domain/environment/container-spec.ts'
import { labels } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import type { OneAtATime } from '../lib/one-at-a-time.ts'
import type { Engine } from '../ports/engine.ts'
import { type Call, type CallOptions, harmless } from './calls.ts'
import { containerConfig } from './container-config.ts'
import type { Docker, DockerContainer } from './dockerode.ts'
import { httpStatusOf } from './engine-problem.ts'
import type { Networks } from './network.ts'

type LifeCycle = Pick<Engine, 'create' | 'start' | 'stop' | 'pause' | 'unpause' | 'remove'>

/** Calls that change a container. Each may be repeated: if its work is done already, it changes nothing. */
export function createLifeCycle(
  docker: Docker,
  call: Call,
  networks: Networks,
  { slowLimitMs, oneAtATime }: { slowLimitMs: number; oneAtATime: OneAtATime },
): LifeCycle {
  const inspect = (id: string, abortSignal: AbortSignal) => docker.getContainer(id).inspect({ abortSignal })

  async function startOnce(id: string, options: CallOptions) {
    const start = (abortSignal: AbortSignal) => docker.getContainer(id).start({ abortSignal }).catch(harmless(304))
    await call(`start ${id}`, start, { ...options, limitMs: slowLimitMs })
  }

  return {
    async create(spec, options = {}) {
      await networks.ensure(spec.network, options)
      const create = (abortSignal: AbortSignal) => createOrFind(docker, spec, abortSignal)
      return await call(`create ${spec.name}`, create, { ...options, limitMs: slowLimitMs })
    },

    async start(id, options = {}) {
      try {
        await startOnce(id, options)
      } catch (error) {
        if (!(error instanceof Problem) || !/network \S+ not found/.test(error.adminDetail)) throw error
        // Somebody removed the network. An older container still asks for it by the old id.
        const { HostConfig } = await call(`inspect ${id}`, (abortSignal) => inspect(id, abortSignal), options)
        await networks.rejoin(HostConfig.NetworkMode, id, options)
        await startOnce(id, options)
      }
    },

    async stop(id, graceSeconds, options = {}) {
      const stop = (abortSignal: AbortSignal) =>
        docker.getContainer(id).stop({ t: graceSeconds, abortSignal }).catch(harmless(304, 404))
      await call(`stop ${id}`, stop, { ...options, limitMs: slowLimitMs + graceSeconds * 1000 })
    },

    async pause(id, options) {
      const pause = async (abortSignal: AbortSignal) => {
        await untilNoneStarts(docker, id, abortSignal)
        await docker
          .getContainer(id)
          .pause({ abortSignal })
          .catch(harmlessWhen(/already paused/))
      }
      await oneAtATime(id, () => call(`pause ${id}`, pause, options))
    },

    async unpause(id, options) {
      const unpause = async (abortSignal: AbortSignal) => {
        const error = await docker
          .getContainer(id)
          .unpause({ abortSignal })
          .then(
            () => null,
            (error: Error) => error,
          )
        // The engine says "not paused" of a running container and of a stopped one.
        if (error && !(/is not paused/.test(error.message) && (await inspect(id, abortSignal)).State.Running))
          throw error
      }
      await call(`resume ${id}`, unpause, options)
    },

    async remove(id, options = {}) {
      const remove = async (abortSignal: AbortSignal) => {
        const container = docker.getContainer(id)
        try {
          await container.remove({ force: true, v: true, abortSignal })
        } catch (error) {
          if (httpStatusOf(error) === 409 && /already in progress/.test(String(error)))
            await untilGone(container, abortSignal)
          else harmless(404)(error)
        }
      }
      await call(`remove ${id}`, remove, { ...options, limitMs: slowLimitMs })
    },
  }
}

/**
 * Waits while the engine starts a process in a container. If the process is frozen in its first moments, it never answers,
 * and the engine waits for it in every call about the container, its removal too (docs: docker-facts).
 */
async function untilNoneStarts(docker: Docker, id: string, abortSignal: AbortSignal): Promise<void> {
  for (;;) {
    const found = await docker.getContainer(id).inspect({ abortSignal }).catch(harmless(404))
    const execs = await Promise.all(
      (found?.ExecIDs ?? []).map((exec) => docker.getExec(exec).inspect({ abortSignal }).catch(harmless(404))),
    )
    if (!execs.some((exec) => exec?.Running && exec.Pid === 0)) return
    abortSignal.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function harmlessWhen(words: RegExp): (error: Error) => void {
  return (error) => {
    if (!words.test(error.message)) throw error
  }
}

async function untilGone(container: DockerContainer, abortSignal: AbortSignal): Promise<void> {
  await container.wait({ condition: 'removed', abortSignal }).catch(harmless(404))
}

async function createOrFind(docker: Docker, spec: ContainerSpec, abortSignal: AbortSignal): Promise<string> {
  try {
    const request = { _query: { name: spec.name }, _body: containerConfig(spec), abortSignal }
    return (await docker.createContainer(request)).id
  } catch (error) {
    if (httpStatusOf(error) !== 409) throw error
    const { Id, Config } = await docker
      .getContainer(spec.name)
      .inspect({ abortSignal })
      .catch(() => {
        throw new Problem(
          'engine-unavailable',
          `The engine is still busy with an earlier container named ${spec.name}.`,
        )
      })
    if (Config.Labels?.[labels.environment] === spec.labels[labels.environment]) return Id
    throw new Problem('engine-refused', `The name ${spec.name} is taken by a container that is not ours.`, {
      cause: error,
    })
  }
}
