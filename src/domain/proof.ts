/**
 * The proof that the engine sees the backend's own data root, in its first form: part 3, "seen by the engine".
 *
 * The backend touches the marker of each folder, and the touch must be seen through a bind of the host path. A copy
 * of a data root (`cp -a`) has the same marker in it, but not the touch of a moment ago.
 */
import { below, type MarkedFolder, markerFile } from './names.ts'
import { Problem } from './problem.ts'

/** What is known of one marker. `touchedAt` is the modification time in nanoseconds, as text. */
export type MarkerSight =
  | { kind: 'seen'; rootId: string | null; touchedAt: string }
  | { kind: 'missing' }
  | { kind: 'unreadable'; reason: string }

/** An engine that cannot be asked ends the proof before there is anything to compare. */
export type EngineSight = Exclude<MarkerSight, { kind: 'unreadable' }>

/** One marker, from both sides. */
export type MarkerSights = { folder: MarkedFolder; backend: MarkerSight; engine: EngineSight }

export type FindingCode =
  | 'data-root-missing'
  | 'marker-missing'
  | 'marker-foreign'
  | 'engine-sees-no-marker'
  | 'engine-sees-another-root'
  | 'proof-unfinished'

/** One thing that is wrong: in words, with both paths, and what to do. For administrators: it names host paths. */
export type Finding = {
  code: FindingCode
  severity: 'error'
  backendPath: string
  hostPath: string
  detail: string
  remedy: string
}

export type Proof = { status: 'proven' | 'unproven'; findings: Finding[]; checkedAt: number }

/** Compares what both sides saw. `rootId` is the root that the service runs on. */
export function findingsOf(
  sights: readonly MarkerSights[],
  paths: { rootId: string; backendPath: string; hostPath: string },
): Finding[] {
  return sights.flatMap((sight) => findingOf(sight, paths) ?? [])
}

function findingOf(
  { folder, backend, engine }: MarkerSights,
  { rootId, backendPath, hostPath }: { rootId: string; backendPath: string; hostPath: string },
): Finding | null {
  const here = below(backendPath, folder)
  const there = below(hostPath, folder)
  const finding = (code: FindingCode, detail: string, remedy: string): Finding => ({
    code,
    severity: 'error',
    backendPath: here,
    hostPath: there,
    detail,
    remedy,
  })
  if (backend.kind === 'unreadable') {
    return finding(
      'proof-unfinished',
      `The backend cannot touch ${below(here, markerFile)}: ${backend.reason}.`,
      'See to the disk that holds the data root.',
    )
  }
  if (backend.kind === 'missing') {
    return finding(
      folder === '' ? 'data-root-missing' : 'marker-missing',
      `The backend finds no marker ${below(here, markerFile)}, though it was there when the service started.`,
      'Is the disk mounted? Mount it; the service heals by itself. If the marker was deleted, put it back from a backup.',
    )
  }
  if (backend.rootId !== rootId) {
    return finding(
      'marker-foreign',
      `The marker ${below(here, markerFile)} names root ${backend.rootId}, the service runs on root ${rootId}.`,
      'Another data root was put in its place. Put the right one back, or restart the service to work on this one.',
    )
  }
  if (engine.kind === 'missing') {
    return finding(
      'engine-sees-no-marker',
      `The backend's data root is ${here}; the engine, asked for ${there}, finds no marker there.`,
      `Set HOST_DATA_PATH to the path of the data root on the engine's host, or mount the disk there.`,
    )
  }
  if (engine.touchedAt === backend.touchedAt && (engine.rootId === null || engine.rootId === rootId)) return null
  return finding(
    'engine-sees-another-root',
    `The backend's data root is ${here}; the engine, asked for ${there}, finds other files there: ${describe(engine, rootId)}.`,
    `Set HOST_DATA_PATH to the path of the data root on the engine's host.`,
  )
}

function describe(engine: { rootId: string | null }, rootId: string): string {
  if (engine.rootId === rootId) return 'a copy of this data root, not the root itself'
  return engine.rootId === null ? 'a marker that is not the one just touched' : `root ${engine.rootId}`
}

/** The finding that stands for a proof that could not be finished, and why. */
export function unfinishedFinding(backendPath: string, reason: string): Finding {
  return {
    code: 'proof-unfinished',
    severity: 'error',
    backendPath,
    hostPath: '',
    detail: `It could not be shown that the engine sees ${backendPath}: ${reason}`,
    remedy: 'See to the container engine; the service heals by itself.',
  }
}

/** The problem that stands for a proof that does not hold. Host paths are in the administrators' words only. */
export function notProven(proof: Proof): Problem {
  return new Problem(
    'data-root-not-proven',
    'The service cannot show that environments would see the same files as it does, so it starts none. An administrator has to look.',
    { adminDetail: proof.findings.map(({ detail, remedy }) => `${detail} ${remedy}`).join('\n') },
  )
}
