import type { Engine } from '../ports/engine.ts'
import type { Call } from './calls.ts'
import type { Docker } from './dockerode.ts'

/** An image loses its name when another one is built or pulled under it. The engine keeps it, and calls it dangling. */
export function createNamelessImages(docker: Docker, call: Call): Engine['namelessImages'] {
  return async (label, options) => {
    const filters = { dangling: ['true'], label: [label] }
    const images = await call('list its images', (abortSignal) => docker.listImages({ filters, abortSignal }), options)
    const list = (abortSignal: AbortSignal) => docker.listContainers({ all: true, abortSignal })
    const containers = await call('list its containers', list, options)
    const used = new Set(containers.map(({ ImageID }) => ImageID))
    return images.filter(({ Id }) => !used.has(Id)).map(({ Id, Size }) => ({ id: Id, bytes: Size }))
  }
}
