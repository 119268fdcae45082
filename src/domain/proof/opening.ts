/**
 * Decides what to do with the folder that the service finds at its start: open it, begin a new data root in it, or
 * wait.
 */

import { byLikeness } from '../../lib/nearest.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { Container } from '../environment/environment.ts'
import { beginFile, below, labels, type MarkedFolder, markerFile } from '../names.ts'
import type { Finding, FindingCode } from './proof.ts'

/** With more roots in one message, the reader would not find the right one. */
const mostRootsTold = 3

/** The content of the folder. `path`: its real path, or the configured one if nothing is there. */
export type RootSight = {
  path: string
  markers: Record<MarkedFolder, string | null>
  hasDatabase: boolean
  /** An administrator has asked for a new root here (`.ai-lab-begin`). */
  isToBegin: boolean
}

/** A data root that the engine knows at a path of its host, by its witness or by containers that are on it. */
export type KnownRoot = { rootId: string; witness: string | null; containers: number }

/**
 * The data roots that an engine knows at a path: from its witnesses, and from containers that are on people's folders
 * there.
 */
export function rootsAt(
  hostPath: string,
  witnesses: readonly { name: string; rootId: string; hostPath: string }[],
  containers: readonly Pick<Container, 'labels' | 'mounts'>[],
): KnownRoot[] {
  const here = witnesses.filter((witness) => witness.hostPath === hostPath)
  const onIt = containers
    .filter(({ mounts }) => mounts.some(({ source }) => source.startsWith(below(hostPath, 'users/'))))
    .map((container) => container.labels[labels.root] ?? 'unknown')
  const rootIds = new Set([...here.map(({ rootId }) => rootId), ...onIt])
  // The engine lists in another order each time.
  return [...rootIds].sort().map((rootId) => ({
    rootId,
    witness: here.find((witness) => witness.rootId === rootId)?.name ?? null,
    containers: onIt.filter((id) => id === rootId).length,
  }))
}

/** The engine's memory of a path. `silent`: it gave no answer, so nothing may be concluded. */
export type EngineMemory =
  | {
      kind: 'known'
      hostPath: string
      /** Whether the engine mounted that path into the backend's own container as the folder. */
      isOwnMount: boolean
      roots: readonly KnownRoot[]
      markerThere: string | null
      /** Data roots that the engine knows at other paths. */
      elsewhere: readonly { rootId: string; hostPath: string }[]
    }
  | { kind: 'silent'; reason: string }

export type Opening =
  | { kind: 'open'; rootId: string }
  /** A first start. `rootId` is that of an earlier first start that was cut short; null if there was none. */
  | { kind: 'lay-out'; rootId: string | null }
  | { kind: 'wait'; finding: Finding }

/**
 * Decides as far as the folder alone allows it: a root, a root that lost something (or whose disk is not mounted), or
 * perhaps a new root. Only for the last one the engine's memory is needed.
 *
 * The service writes a root's own marker last. So a marker without a database, or the reverse, is a loss and no
 * beginning.
 */
export function openingOf(sight: RootSight): Opening | 'ask-the-engine' {
  const { path, hasDatabase } = sight
  const { '': root, ...parts } = sight.markers
  if (root !== null) {
    if (hasDatabase) return { kind: 'open', rootId: root }
    const what = `${path} has its marker, but its database ${path}/admin/ai-lab.db is gone or empty.`
    return wait(
      'database-missing',
      sight,
      '',
      what,
      'Is the disk of admin/ mounted? If it is, move every ai-lab.db-… that is left there elsewhere, and put the database back from a backup. Or make one from the labels of the containers: ailab rebuild',
    )
  }
  if (!hasDatabase) return 'ask-the-engine'
  if (Object.values(parts).includes(null)) {
    const what = `${path} has a database, but not its markers ${markerFile}.`
    return wait(
      'marker-missing',
      sight,
      '',
      what,
      'Is every disk of it mounted? If so, put the markers back from a backup.',
    )
  }
  return unfinished(sight)
}

/** The same for a folder that has neither a marker nor a database of its own. */
export function beginningOf(sight: RootSight, memory: EngineMemory): Opening {
  const { path } = sight
  if (memory.kind === 'silent') {
    const what = `${path} is no data root yet. Only the engine could tell whether it should be one, but it gave no answer: ${memory.reason}`
    return wait('data-root-missing', sight, '', what, 'Check the container engine; the service goes on by itself.')
  }
  const { hostPath, isOwnMount, roots, markerThere, elsewhere } = memory
  if (isOwnMount && markerThere !== null) {
    return wait(
      'data-root-replaced',
      sight,
      hostPath,
      `At ${hostPath} the engine finds root ${markerThere}. The backend's container has that path as ${path}, but still sees the earlier folder: the disk was mounted after the container was started.`,
      'The backend ends by itself. The engine then starts it again on the folder that is there now.',
    )
  }
  if (roots.length > 0) {
    const known = firstOf(roots.map(described))
    return wait(
      'data-root-missing',
      sight,
      hostPath,
      `The engine knows ${known} at ${hostPath}; ${path} holds no data root: is the disk mounted?`,
      'There are two ways on. Mount the disk: the service goes on by itself. Or, only if that root is gone for good and a new one is to begin there: ailab forget-root',
    )
  }
  if (markerThere !== null) {
    return wait(
      'engine-sees-another-root',
      sight,
      hostPath,
      `The backend finds no data root in ${path}, but the engine, asked for ${hostPath}, finds root ${markerThere} there.`,
      'Both have to be the same folder: correct HOST_DATA_PATH, or what is mounted into the backend. No second root is begun.',
    )
  }
  // In a container the mount follows HOST_DATA_PATH: with a wrong path the service would begin an empty lab beside the
  // one with the data.
  if (isOwnMount && elsewhere.length > 0 && !sight.isToBegin) {
    const known = likeliest(elsewhere, hostPath)
    return wait(
      'data-root-missing',
      sight,
      hostPath,
      `HOST_DATA_PATH is ${hostPath}, where there is no data root; the engine knows ${known}.`,
      `Is HOST_DATA_PATH right, and every disk mounted? If a second data root is to begin there: touch ${shellQuote(`${hostPath}/${beginFile}`)}`,
    )
  }
  return unfinished(sight)
}

// If there are markers below the root but none in it, a first start was cut short.
function unfinished(sight: RootSight): Opening {
  const { '': _, ...parts } = sight.markers
  const found = [...new Set(Object.values(parts).filter((id) => id !== null))]
  if (found.length <= 1) return { kind: 'lay-out', rootId: found[0] ?? null }
  const what = `The folders of ${sight.path} have markers of different roots: ${found.join(', ')}.`
  return wait('marker-foreign', sight, '', what, 'Put the right folders together, or mount the right disks.')
}

function described({ rootId, witness, containers }: KnownRoot): string {
  const by = [witness && `volume ${witness}`, containers > 0 && `containers on it: ${containers}`]
  return `root ${rootId} (${by.filter(Boolean).join(', ')})`
}

/** Names the roots whose paths are most like the given one, and counts the rest. */
function likeliest(roots: readonly { rootId: string; hostPath: string }[], hostPath: string): string {
  const inOneOrder = roots.toSorted((one, other) => (one.rootId < other.rootId ? -1 : 1))
  const sorted = byLikeness(inOneOrder, ({ hostPath: path }) => path, hostPath)
  return firstOf(sorted.map(({ rootId, hostPath: path }) => `root ${rootId} at ${path}`))
}

function firstOf(roots: readonly string[]): string {
  const rest = roots.length - mostRootsTold
  const more = rest > 0 ? `, and ${rest} more (docker volume ls --filter label=${labels.root})` : ''
  return roots.slice(0, mostRootsTold).join(', ') + more
}

function wait(code: FindingCode, { path }: RootSight, hostPath: string, detail: string, remedy: string): Opening {
  return {
    kind: 'wait',
    finding: { code, severity: 'error', environmentId: null, backendPath: path, hostPath, detail, remedy },
  }
}
