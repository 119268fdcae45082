import { markerPath, probeName } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import {
  beginningOf,
  type EngineMemory,
  type Opening,
  openingOf,
  type RootSight,
  rootsAt,
} from '../domain/proof/opening.ts'
import { type Finding, findingsText } from '../domain/proof/proof.ts'
import type { Engine } from '../ports/engine.ts'

/** The data root cannot be opened yet. That may change once its disk is mounted, or the engine answers. */
export class DataRootNotThere extends Error {
  override name = 'DataRootNotThere'
  readonly finding: Finding

  constructor(finding: Finding) {
    super(findingsText([finding]))
    this.finding = finding
  }
}

/**
 * Decides what to do with the folder of the data root at the service's start.
 * @throws DataRootNotThere when it has to wait
 */
export async function decideOpening(deps: {
  dataDir: string
  look: () => Promise<RootSight>
  engine: Engine
  hostDataPath: string | null
}): Promise<Exclude<Opening, { kind: 'wait' }>> {
  const { dataDir, look, engine, hostDataPath } = deps
  const sight = await look().catch((error: Error) => {
    throw new DataRootNotThere({
      code: 'data-root-unreadable',
      severity: 'error',
      environmentId: null,
      backendPath: dataDir,
      hostPath: '',
      detail: `The data root ${dataDir} cannot be read: ${error.message}.`,
      remedy:
        'Check the disk that holds it, or put the file with that name back from a backup; the service goes on by itself.',
    })
  })
  const decided = openingOf(sight)
  const opening = decided === 'ask-the-engine' ? beginningOf(sight, await recall(engine, sight, hostDataPath)) : decided
  if (opening.kind === 'wait') throw new DataRootNotThere(opening.finding)
  return opening
}

/** The engine's memory of a folder's path. */
export async function recall(engine: Engine, { path }: RootSight, hostDataPath: string | null): Promise<EngineMemory> {
  try {
    const ownSource = await engine.ownMountSource(path)
    const hostPath = hostDataPath ?? ownSource ?? path
    const isOwnMount = ownSource === hostPath
    const [witnesses, containers] = await Promise.all([engine.witnesses(), engine.list()])
    const roots = rootsAt(hostPath, witnesses, containers)
    const elsewhere = witnesses.filter((witness) => witness.hostPath !== hostPath)
    const markerThere = isOwnMount || roots.length === 0 ? await markerAt(engine, hostPath) : null
    return { kind: 'known', hostPath, isOwnMount, roots, markerThere, elsewhere }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { kind: 'silent', reason: error.adminDetail }
  }
}

/** The marker that the engine finds at a path of its host; null if there is none. */
export async function markerAt(engine: Engine, hostPath: string): Promise<string | null> {
  const probe = { name: probeName('undecided', hostPath), hostPath }
  try {
    return (await engine.read(probe, markerPath('')))?.trim() ?? null
  } finally {
    await engine.dropProbe(probe.name)
  }
}
