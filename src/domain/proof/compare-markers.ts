/**
 * Parts 1 to 3 of the proof: the root's identity, what is declared, and what the engine sees.
 *
 * The backend touches the marker of each folder, and the engine must see that touch through a bind of the host path. A
 * copy of a data root (`cp -a`) has the same marker, but not the touch of a moment ago.
 */
import { below, type MarkedFolder, markerFile } from '../names.ts'
import type { Finding, FindingCode } from './proof.ts'

/** One marker, as one side sees it. `touchedAt` is the modification time in nanoseconds, as text. */
export type MarkerSight =
  | { kind: 'seen'; rootId: string | null; touchedAt: string }
  | { kind: 'missing' }
  | { kind: 'unreadable'; reason: string }

/** The engine's side is never `unreadable`: if the engine cannot be asked, the proof ends before the comparison. */
export type EngineSight = Exclude<MarkerSight, { kind: 'unreadable' }>

/** One marker, from both sides. */
export type MarkerSights = { folder: MarkedFolder; backend: MarkerSight; engine: EngineSight }

/**
 * Whether the service still works on the root that it opened. `missing`: its database is not in the folder any more.
 * `replaced`: another database is there. `unreadable`: the service could not look, and why.
 */
export type RootState = 'same' | 'replaced' | 'missing' | { unreadable: string }

/**
 * `rootId`: the root that the service runs on. `ownSource`: the path that its own container mounts there; null if it
 * runs in no container.
 */
export type RootPaths = { rootId: string; backendPath: string; hostPath: string; ownSource: string | null }

/** Compares what both sides saw. */
export function rootFindings(sights: readonly MarkerSights[], state: RootState, paths: RootPaths): Finding[] {
  const ofRoot = sights.flatMap((sight) => (sight.folder === '' ? (markerFinding(sight, paths) ?? []) : []))
  const ofParts = sights.flatMap((sight) => (sight.folder === '' ? [] : (markerFinding(sight, paths) ?? [])))
  // A fault of the root is also a fault of the folders in it: tell it once.
  const told = new Set<FindingCode>(ofRoot.flatMap(({ code }) => [code, ...(alsoOfParts[code] ?? [])]))
  const found = [...ofRoot, ...ofParts.filter(({ code }) => !told.has(code))]
  const changed = ofRoot.some(({ code }) => !code.startsWith('engine-')) ? [] : (stateFinding(state, paths) ?? [])
  return [found, changed, declaredFinding(paths, found) ?? []].flat()
}

const alsoOfParts: Partial<Record<FindingCode, FindingCode[]>> = {
  'data-root-missing': ['marker-missing'],
  'data-root-replaced': ['engine-sees-another-root', 'engine-sees-no-marker'],
}

function markerFinding({ folder, backend, engine }: MarkerSights, paths: RootPaths): Finding | null {
  const { rootId } = paths
  const here = below(paths.backendPath, folder)
  const there = below(paths.hostPath, folder)
  const finding = (code: FindingCode, detail: string, remedy: string) => error(code, [here, there], detail, remedy)
  if (backend.kind === 'unreadable') {
    return finding(
      'data-root-unreadable',
      `The backend cannot touch ${below(here, markerFile)}: ${backend.reason}.`,
      'Check the disk that holds the data root.',
    )
  }
  if (backend.kind === 'missing') {
    return finding(
      folder === '' ? 'data-root-missing' : 'marker-missing',
      `The backend finds no marker ${below(here, markerFile)}, though it was there before.`,
      `Is the disk mounted? Mount it; the service heals by itself. If only the marker was deleted, put it back: ${restoring(there, rootId)}`,
    )
  }
  if (backend.rootId !== rootId) {
    return finding(
      'marker-foreign',
      `The marker ${below(here, markerFile)} names root ${backend.rootId}, the service runs on root ${rootId}.`,
      'Somebody put another data root in its place, or mounted its disk here. Put the right data root back, or restart the service to work on this one.',
    )
  }
  if (engine.kind === 'missing') {
    return finding(
      'engine-sees-no-marker',
      `The backend's data root is ${here}; the engine, asked for ${there}, finds no marker there.`,
      isDeclaredSo(paths)
        ? 'The path is right: is the disk mounted there? Mount it, or put the folder back.'
        : "Set HOST_DATA_PATH to the path of the data root on the engine's host, or mount the disk there.",
    )
  }
  if (engine.touchedAt === backend.touchedAt && (engine.rootId === null || engine.rootId === rootId)) return null
  if (folder === '' && paths.ownSource !== null && isDeclaredSo(paths) && engine.rootId === rootId) {
    return finding(
      'data-root-replaced',
      `At ${there} the engine finds another folder of this data root than the backend's container has mounted: it was replaced, or mounted anew.`,
      'The backend ends by itself. The engine then starts it again on the folder that is there now.',
    )
  }
  return finding(
    'engine-sees-another-root',
    `The backend's data root is ${here}; the engine, asked for ${there}, finds other files there: ${describe(engine, rootId)}.`,
    `Set HOST_DATA_PATH to the path of the data root on the engine's host.`,
  )
}

function stateFinding(state: RootState, { backendPath, hostPath }: RootPaths): Finding | null {
  if (typeof state === 'object') {
    return error(
      'data-root-unreadable',
      [`${backendPath}/admin`, hostPath],
      `The backend cannot look at its database ${backendPath}/admin/ai-lab.db: ${state.unreadable}.`,
      'Check the disk that holds admin/; the service heals by itself.',
    )
  }
  switch (state) {
    case 'same':
      return null
    case 'missing':
      return error(
        'database-missing',
        [`${backendPath}/admin`, hostPath],
        `The database ${backendPath}/admin/ai-lab.db is not there any more. The service still holds the one that it opened.`,
        'Is the disk of admin/ mounted? Mount it, or put the folder back; the service heals by itself.',
      )
    case 'replaced':
      return error(
        'data-root-replaced',
        [backendPath, hostPath],
        `The service opened another folder than the one that is at ${backendPath} now: a backup or another disk has taken its place.`,
        'The service opens it anew by itself, in a few seconds.',
      )
  }
}

/** Two paths to one folder (a symbolic link) are no fault, if the engine sees the root there. */
function declaredFinding({ hostPath, ownSource, backendPath }: RootPaths, found: Finding[]): Finding | null {
  if (ownSource === null || ownSource === hostPath) return null
  const sameFiles = !found.some(({ code }) => code.startsWith('engine-'))
  return {
    ...error(
      'declared-otherwise',
      [backendPath, hostPath],
      `HOST_DATA_PATH is ${hostPath}, but the engine mounted ${ownSource} into the backend's container as ${backendPath}.`,
      sameFiles
        ? 'Both lead to the same files at this moment. Write the same path at both places.'
        : `Set HOST_DATA_PATH=${ownSource}, or leave it out; or mount ${hostPath} into the backend. Then start the backend again.`,
    ),
    severity: sameFiles ? 'note' : 'error',
  }
}

/**
 * Whether the declared path is the one that the engine mounted into the backend itself. In no container: the backend's
 * own.
 */
function isDeclaredSo({ hostPath, ownSource, backendPath }: RootPaths): boolean {
  return hostPath === (ownSource ?? backendPath)
}

function describe(engine: { rootId: string | null }, rootId: string): string {
  if (engine.rootId === rootId) return 'a copy of this data root, not the root itself'
  return engine.rootId === null ? 'a marker that is not the one just touched' : `root ${engine.rootId}`
}

function restoring(folder: string, rootId: string): string {
  const file = below(folder, markerFile)
  return `echo ${rootId} > '${file}' && chown --reference='${folder}' '${file}'`
}

function error(code: FindingCode, [backendPath, hostPath]: [string, string], detail: string, remedy: string): Finding {
  return { code, severity: 'error', environmentId: null, backendPath, hostPath, detail, remedy }
}
