/** Whether an engine may forget the data roots that it knows at a path. */
import { labels } from '../names.ts'
import type { EngineMemory, RootSight } from './opening.ts'

export type Forgetting = { kind: 'may' } | { kind: 'refused'; reason: string }

/**
 * Only if the root is nowhere to be seen, and no container is on it. Otherwise root and containers would lose the link
 * between them.
 */
export function forgettingOf(
  { path, markers, hasDatabase }: RootSight,
  { hostPath, markerThere, roots }: Extract<EngineMemory, { kind: 'known' }>,
): Forgetting {
  const marker = Object.values(markers).find((id) => id !== null)
  if (marker !== undefined) return refused(`${path} holds the marker of root ${marker}: that root is there.`)
  if (hasDatabase) return refused(`${path} holds a database: a data root is there, though its markers are not.`)
  if (markerThere !== null) return refused(`At ${hostPath} the engine finds root ${markerThere}: that root is there.`)
  const used = roots.filter(({ containers }) => containers > 0)
  if (used.length === 0) return { kind: 'may' }
  const counts = used.map(({ rootId, containers }) => `root ${rootId}: ${containers}`).join(', ')
  const commands = used.map(
    ({ rootId }) => `docker rm --force $(docker ps -aq --filter label=${labels.root}=${rootId})`,
  )
  return refused(
    `The engine still has containers on ${hostPath} (${counts}). If their people do not need them any more, remove them, and run this again:\n\n${commands.map((each) => `    ${each}`).join('\n')}`,
  )
}

function refused(reason: string): Forgetting {
  return { kind: 'refused', reason: `Nothing is forgotten. ${reason}` }
}
