/** Parts 4 and 5 of the proof, for one environment: what it sees from inside, and which mounts are recorded for it. */
import type { Container, Mount } from '../environment/environment.ts'
import { targets } from '../names.ts'
import type { Finding, FindingCode, Severity } from './proof.ts'

/** Identifies a file on one machine. */
export type FileId = { device: string; inode: string }

/** A look from inside the environment: what a process there sees at each path; null if nothing is there. */
export type InsideSight =
  | { kind: 'seen'; shared: FileId | null; data: FileId | null; rootId: string | null }
  /** `isFault`: the look should have worked. */
  | { kind: 'unverifiable'; reason: string; isFault: boolean }
  /** The environment ended before or during the look: there is nothing to judge. */
  | { kind: 'ended' }

/** The right answer: the folders of the data root, as the backend sees them; null if one is not there. */
export type ExpectedInside = { rootId: string; shared: FileId | null; data: FileId | null }

export type EnvironmentPaths = { environmentId: string; wanted: readonly Mount[]; backendPaths: Record<Target, string> }

type Target = keyof typeof targets

/**
 * Part 4. `sameMachine`: the device numbers are those of the backend's own kernel. On another machine (network file
 * systems) only the inode and the marker tell.
 */
export function insideFindings(
  sight: Exclude<InsideSight, { kind: 'ended' }>,
  expected: ExpectedInside,
  { sameMachine, ...paths }: EnvironmentPaths & { sameMachine: boolean },
): Finding[] {
  if (sight.kind === 'unverifiable') {
    const detail = `The service could not look into ${paths.environmentId}: ${sight.reason}.`
    const remedy = sight.isFault ? 'If it stays so, restart the environment.' : 'You need to do nothing.'
    return [finding('inside-unverifiable', sight.isFault ? 'warning' : 'note', 'data', paths, detail, remedy)]
  }
  const foreignMarker = sight.rootId !== null && sight.rootId !== expected.rootId
  return (['shared', 'data'] as const).flatMap((target) => {
    const [inside, here] = [sight[target], expected[target]]
    if (here !== null && isSame(inside, here, sameMachine) && !(target === 'shared' && foreignMarker)) return []
    return [stale(target, inside, here, paths)]
  })
}

/** Part 4, if the backend itself cannot read the folders that the environment should see. */
export function unreadableFinding(reason: string, paths: EnvironmentPaths): Finding {
  const detail = `The service could not compare the folders of ${paths.environmentId} with its own: ${reason}`
  return finding('inside-unverifiable', 'warning', 'data', paths, detail, 'See to that folder, or to its disk.')
}

/** Part 5: compares the recorded mounts with those that the container should have. */
export function recordedFindings({ mounts }: Pick<Container, 'mounts'>, paths: EnvironmentPaths): Finding[] {
  const { wanted, environmentId } = paths
  const drifted = wanted.flatMap(({ source, target, readOnly }) => {
    const name = target === targets.shared ? 'shared' : 'data'
    const found = mounts.find((mount) => mount.target === target)
    const remedy = recreating(environmentId)
    if (found?.source !== source) {
      const detail = `${environmentId} mounts ${found?.source ?? 'nothing'} at ${target}; from this data root it would be ${source}.`
      return [finding('mount-drift', 'error', name, paths, detail, remedy)]
    }
    if (found.readOnly === readOnly) return []
    const detail = `${environmentId} has ${target} ${mode(found.readOnly)}; with today's settings it would be ${mode(readOnly)}.`
    return [finding('mount-mode', 'warning', name, paths, detail, remedy)]
  })
  const extra = mounts.filter((mount) => !wanted.some(({ target }) => target === mount.target))
  return drifted.concat(
    extra.map(({ source, target }) => {
      const detail = `${environmentId} mounts ${source} at ${target}, which the service did not ask for.`
      return finding('mount-drift', 'error', 'data', paths, detail, recreating(environmentId))
    }),
  )
}

function isSame(inside: FileId | null, here: FileId, sameMachine: boolean): boolean {
  return inside?.inode === here.inode && (!sameMachine || inside.device === here.device)
}

function stale(target: Target, inside: FileId | null, here: FileId | null, paths: EnvironmentPaths): Finding {
  const { environmentId, backendPaths } = paths
  const recreate = `Its newer files are in the folder that was there before: save them. Then ${recreating(environmentId)}`
  return finding(
    'stale-mount',
    'error',
    target,
    paths,
    `${environmentId} does not see ${backendPaths[target]} at ${targets[target]} but another folder (${describe(inside)}, the data root has ${describe(here)}): ` +
      'the folder was renamed, restored or mounted anew while the environment ran.',
    here === null
      ? `Is the folder's disk mounted? Mount it, or put the folder back. If it is lost: ${recreate}`
      : recreate,
  )
}

function recreating(environmentId: string): string {
  return `POST /api/environments/${environmentId}/recreate: a new container, the same data.`
}

function describe(id: FileId | null): string {
  return id ? `device ${id.device} inode ${id.inode}` : 'nothing'
}

function mode(readOnly: boolean): string {
  return readOnly ? 'read-only' : 'writable'
}

function finding(
  code: FindingCode,
  severity: Severity,
  target: Target,
  { environmentId, wanted, backendPaths }: EnvironmentPaths,
  detail: string,
  remedy: string,
): Finding {
  const hostPath = wanted.find((mount) => mount.target === targets[target])?.source ?? ''
  return { code, severity, environmentId, backendPath: backendPaths[target], hostPath, detail, remedy }
}
