/**
 * Finds the container of each environment. Several containers may have one environment's label: `docker commit` keeps
 * the labels of a container, and `docker run` of that image makes another container with them.
 */
import type { Container } from './environment.ts'

/** By environment: the container whose name is the id, else the first with its label (somebody renamed it). */
export function ownContainers(containers: readonly Container[]): Map<string, Container> {
  const own = new Map<string, Container>()
  for (const container of containers) {
    const { name, environmentId } = container
    if (name === environmentId || !own.has(environmentId)) own.set(environmentId, container)
  }
  return own
}

/** Containers that belong to no recorded environment. */
export function straysOf(
  containers: readonly Container[],
  own: ReadonlyMap<string, Container>,
  recorded: ReadonlySet<string>,
): Container[] {
  return containers.filter((each) => !recorded.has(each.environmentId) || own.get(each.environmentId) !== each)
}
