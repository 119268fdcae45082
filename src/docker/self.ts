import { hostname } from 'node:os'
import { below } from '../domain/names.ts'
import type { Engine } from '../ports/engine.ts'
import { type Call, nullWhenMissing } from './calls.ts'
import type { Docker, Mounted } from './dockerode.ts'

export type ReadText = (path: string) => Promise<string | null>

/** Finds the container that this process runs in, and the mounts that the engine gave it. */
export function createOwnMountSource(docker: Docker, call: Call, readText: ReadText): Engine['ownMountSource'] {
  return async (target, options) => {
    const [mounts, cgroups] = await Promise.all([readText('/proc/self/mountinfo'), readText('/proc/self/cgroup')])
    const id = containerIdOf(mounts ?? '', cgroups ?? '') ?? likelyId(hostname())
    if (!id) return null
    const info = await call(
      'inspect its own container',
      (abortSignal) => docker.getContainer(id).inspect({ abortSignal }).catch(nullWhenMissing),
      options,
    )
    return info && sourceOf(info.Mounts, target)
  }
}

/** A container's host name is the beginning of its id, unless somebody chose another one: that may be any container's name. */
function likelyId(host: string): string | null {
  return /^[0-9a-f]{12}$/.test(host) ? host : null
}

/**
 * The id of this process's container, from the files of /proc; null outside of a container. The engine mounts `hostname`,
 * `hosts` and `resolv.conf` from a folder named after the id. cgroup v1 has the id too, cgroup v2 in its own namespace
 * does not. Pure.
 */
export function containerIdOf(mountinfo: string, cgroup: string): string | null {
  const mounted = /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf) \/etc\//.exec(mountinfo)
  const grouped = /^\d+:[^:]*:\/.*?([0-9a-f]{64})(?:\.scope)?$/m.exec(cgroup)
  return mounted?.[1] ?? grouped?.[1] ?? null
}

/** The host path behind a path in the container: that of its bind, or of the longest one above it. Pure. */
export function sourceOf(mounts: readonly Mounted[], target: string): string | null {
  const above = mounts
    .filter(({ Destination }) => `${target}/`.startsWith(`${Destination}/`))
    .sort((one, other) => other.Destination.length - one.Destination.length)[0]
  return above?.Type === 'bind' ? below(above.Source, target.slice(above.Destination.length + 1)) : null
}
