import { Problem } from '../domain/problem.ts'
import { sha256 } from '../lib/sha256.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { Call, CallOptions } from './calls.ts'
import type { Docker } from './dockerode.ts'
import { httpStatusOf } from './engine-problem.ts'

const icc = 'com.docker.network.bridge.enable_icc'
const bridgeName = 'com.docker.network.bridge.name'

export type Networks = {
  /** Makes the network if it is missing, once for this process. */
  ensure(name: string, options: CallOptions): Promise<void>
  /** Makes the network again, and puts a container on it whose network was removed. */
  rejoin(name: string, container: string, options: CallOptions): Promise<void>
}

/** The interface of a bridge network. If the network is not made yet: the name that `make` will give it. */
export async function bridgeOf(docker: Docker, name: string, abortSignal: AbortSignal): Promise<string> {
  try {
    const { Id, Options } = await docker.getNetwork(name).inspect({ abortSignal })
    return Options?.[bridgeName] ?? `br-${Id.slice(0, 12)}`
  } catch (error) {
    if (httpStatusOf(error) === 404) return newBridgeOf(name)
    throw error
  }
}

function newBridgeOf(network: string): string {
  return `lab-${sha256(network).slice(0, 11)}`
}

/** Removes a network, unless running containers are on it. Gives whether it is gone. */
export async function removeNetwork(docker: Docker, name: string, abortSignal: AbortSignal): Promise<boolean> {
  try {
    await docker.getNetwork(name).remove({ abortSignal })
  } catch (error) {
    if (/active endpoints/.test(String(error))) return false
    if (httpStatusOf(error) !== 404) throw error
  }
  return true
}

/** Networks whose containers cannot reach each other: bridges with inter-container communication off. */
export function createNetworks(docker: Docker, call: Call): Networks {
  const ensured = new Map<string, Promise<void>>()

  function ensure(name: string, { signal }: CallOptions): Promise<void> {
    const known = ensured.get(name)
    if (known) return known
    // Without the caller's signal: others may wait for the same network.
    const making = call('make the network of the environments', (abortSignal) =>
      ensureNetwork(docker, name, abortSignal),
    )
    ensured.set(name, making)
    making.catch(() => ensured.delete(name))
    signal?.throwIfAborted()
    return making
  }

  return {
    ensure,
    async rejoin(name, container, options) {
      ensured.delete(name)
      await ensure(name, options)
      await call(
        `put ${container} on the network of the environments`,
        (abortSignal) => docker.getNetwork(name).connect({ Container: container, abortSignal }),
        options,
      )
    },
  }
}

async function ensureNetwork(docker: Docker, name: string, abortSignal: AbortSignal): Promise<void> {
  while (!abortSignal.aborted) {
    if (await isThere(docker, name, abortSignal)) return
    try {
      return await make(docker, name, abortSignal)
    } catch (error) {
      // Another process was quicker; its network may become visible only a moment later.
      if (!/already exists|same bridge name/.test(String(error))) throw error
      await systemClock.sleep(20, { signal: abortSignal })
    }
  }
}

async function isThere(docker: Docker, name: string, abortSignal: AbortSignal): Promise<boolean> {
  try {
    const { Driver, Options } = await docker.getNetwork(name).inspect({ abortSignal })
    if (Driver === 'bridge' && Options?.[icc] === 'false') return true
  } catch (error) {
    if (httpStatusOf(error) === 404) return false
    throw error
  }
  throw new Problem(
    'engine-refused',
    `The engine has a network named ${name} on which environments could reach each other, so none is put on it.`,
    {
      adminDetail: `The network ${name} exists, but not as a bridge with ${icc}=false. Remove it (docker network rm ${name}): the service makes the right one.`,
    },
  )
}

/**
 * The engine checks names without a lock: six creations at one instant made six networks of one name (20.10, even with
 * CheckDuplicate). It does lock the names of bridges. So we derive the bridge's name from the network's, and only one
 * creation wins.
 */
async function make(docker: Docker, name: string, abortSignal: AbortSignal): Promise<void> {
  await docker.createNetwork({
    Name: name,
    CheckDuplicate: true,
    Driver: 'bridge',
    Options: { [icc]: 'false', [bridgeName]: newBridgeOf(name) },
    abortSignal,
  })
}
