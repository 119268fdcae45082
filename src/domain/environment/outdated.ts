/** Finds the environments that were made from another image than the one that its name stands for now. Pure. */
import type { Container } from './environment.ts'
import { recordIn } from './orphan.ts'

export type Outdated = { id: string; image: string }

/** The name of the image that an environment was created with; null if its container does not tell. */
export function imageNameOf(container: Pick<Container, 'labels'>): string | null {
  return recordIn(container)?.launch.image ?? null
}

/** `idOf` gives the id of the image that a name stands for in the engine now; null or nothing if it has none under that name. */
export function outdatedOf(containers: readonly Container[], idOf: ReadonlyMap<string, string | null>): Outdated[] {
  return containers.flatMap((container) => {
    const image = imageNameOf(container)
    const newest = image === null ? null : (idOf.get(image) ?? null)
    if (image === null || newest === null || newest === container.imageId) return []
    return [{ id: container.environmentId, image }]
  })
}
