import { labels } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import { type Call, type CallOptions, harmless, nullWhenMissing } from './calls.ts'
import type { Docker } from './dockerode.ts'
import { httpStatusOf } from './engine-problem.ts'

/** The mount point of the host path in a probe. */
export const mountPoint = '/data-root'

const image = { repo: 'ai-lab/probe', tag: '1' }
const emptyTar = Buffer.alloc(1024)

type Probe = { name: string; hostPath: string }

export type Probes = {
  /** The container behind a probe, made if there is none. Gives its id, not its name: an id stands for one mount forever. */
  idOf(probe: Probe, options?: CallOptions): Promise<string>
  forget(name: string): void
  /** Removes the container behind a probe, if this process has used one. */
  drop(name: string, options?: CallOptions): Promise<void>
}

/** Containers that are never started, of an empty image, each with one host path mounted read-only. */
export function createProbes(docker: Docker, call: Call): Probes {
  const known = new Map<string, { hostPath: string; id: Promise<string> }>()
  return {
    idOf(probe, { signal } = {}) {
      signal?.throwIfAborted()
      const made = known.get(probe.name)
      if (made?.hostPath === probe.hostPath) return made.id
      const id = call('make the probe of the data root', (abortSignal) => ensureProbe(docker, probe, abortSignal))
      known.set(probe.name, { hostPath: probe.hostPath, id })
      id.catch(() => known.get(probe.name)?.id === id && known.delete(probe.name))
      return id
    },
    forget: (name) => known.delete(name),
    async drop(name, options) {
      const id = await known.get(name)?.id.catch(() => null)
      known.delete(name)
      if (!id) return
      const remove = (abortSignal: AbortSignal) =>
        docker.getContainer(id).remove({ force: true, v: true, abortSignal }).catch(harmless(404))
      await call('remove the probe of the data root', remove, options)
    },
  }
}

async function ensureProbe(docker: Docker, probe: Probe, abortSignal: AbortSignal): Promise<string> {
  try {
    return await createProbe(docker, probe, abortSignal)
  } catch (error) {
    if (httpStatusOf(error) === 404) await importEmptyImage(docker, abortSignal)
    else if (httpStatusOf(error) !== 409) throw error
    return (await adopt(docker, probe, abortSignal)) ?? (await createProbe(docker, probe, abortSignal))
  }
}

async function createProbe(docker: Docker, { name, hostPath }: Probe, abortSignal: AbortSignal): Promise<string> {
  const config = {
    Image: `${image.repo}:${image.tag}`,
    Cmd: ['never-started'],
    Labels: { [labels.probe]: '1' },
    HostConfig: {
      NetworkMode: 'none',
      Mounts: [{ Type: 'bind', Source: hostPath, Target: mountPoint, ReadOnly: true }],
    },
  }
  const request = { _query: { name }, _body: config, abortSignal }
  return (await docker.createContainer(request)).id
}

/** The probe that has the name already, if it also has this mount. A probe with another mount is removed. */
async function adopt(docker: Docker, { name, hostPath }: Probe, abortSignal: AbortSignal): Promise<string | null> {
  const container = docker.getContainer(name)
  const found = await container.inspect({ abortSignal }).catch(nullWhenMissing)
  if (found === null) return null
  if (found.Config.Labels?.[labels.probe] !== '1') {
    throw new Problem('engine-refused', `The name ${name} is taken by a container that is not ours.`)
  }
  if (found.HostConfig.Mounts?.[0]?.Source === hostPath) return found.Id
  await container.remove({ force: true, v: true, abortSignal })
  return null
}

async function importEmptyImage(docker: Docker, abortSignal: AbortSignal): Promise<void> {
  const answer = await docker.importImage(emptyTar, { ...image, abortSignal })
  for await (const _ of answer);
}
