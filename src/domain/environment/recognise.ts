import { labels } from '../names.ts'
import type { Container, Mount, Observation } from './environment.ts'

/**
 * Whether the container found is really this environment's, on the folders that it should have today. If not, the
 * service leaves it alone: it may be a stranger's, or another service's on a copy of the data root.
 */
export function recognise(
  found: Container | null,
  id: string,
  wanted: readonly Pick<Mount, 'source' | 'target'>[],
): Observation {
  if (!found) return { kind: 'absent' }
  if (found.labels[labels.environment] !== id) {
    return foreign(found, `The container named ${id} is not the platform's. The service leaves it alone.`)
  }
  if (found.name !== id) {
    return foreign(
      found,
      `There is no container of its name, but ${found.name} has its label: it was renamed, or is a copy (docker commit). An administrator can rename it back: docker rename ${found.name} ${id}. Or remove a copy: docker rm --force ${found.name}`,
    )
  }
  const moved = wanted.find(({ source, target }) => sourceOf(found, target) !== source)
  if (!moved) return found
  return foreign(
    found,
    'Its container is on another folder than this data root, so the service does not start it. Recreate it to get a container on the right folder.',
    `Its container mounts ${sourceOf(found, moved.target)} at ${moved.target}; from this data root it would be ${moved.source}. ` +
      `If the data root was moved, POST /api/environments/${id}/recreate: the container is made anew, on the files that are here now. ` +
      'If another service runs on the other folder, the container belongs to that service.',
  )
}

function sourceOf({ mounts }: Container, target: string): string | undefined {
  return mounts.find((mount) => mount.target === target)?.source
}

function foreign(container: Container, detail: string, adminDetail = detail): Observation {
  return { kind: 'foreign', container, detail, adminDetail }
}
