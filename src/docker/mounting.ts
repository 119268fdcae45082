import { labels } from '../domain/names.ts'
import type { Engine } from '../ports/engine.ts'
import type { Call } from './calls.ts'
import type { Docker, Listing } from './dockerode.ts'
import { fromListing } from './observed.ts'

/** Finds containers by their mounts, also without our labels: containers of an earlier platform have none. */
export function createContainersMounting(docker: Docker, call: Call): Engine['containersMounting'] {
  return async (hostPath, options) => {
    const list = (abortSignal: AbortSignal) => docker.listContainers({ all: true, abortSignal })
    const listing = await call(`list the containers that mount ${hostPath}`, list, options)
    const others = listing.filter(({ Labels }) => !(labels.command in Labels)) // the command's own container
    return others.filter((each) => hasBindBelow(each, hostPath)).map(mountingOf)
  }
}

/** A volume has a source on the host too, but is the engine's own. */
function hasBindBelow({ Mounts }: Listing, hostPath: string): boolean {
  return Mounts.some(({ Type, Source }) => Type === 'bind' && `${Source}/`.startsWith(`${hostPath}/`))
}

function mountingOf(listing: Listing) {
  const { name, state, labels: own, mounts } = fromListing(listing)
  return { id: listing.Id, name, state, labels: own, mounts }
}
