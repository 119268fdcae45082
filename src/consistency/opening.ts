import { below, labels as labelNames, markerPath, probeName } from '../domain/names.ts'
import {
  beginningOf,
  type EngineMemory,
  type KnownRoot,
  type Opening,
  openingOf,
  type RootSight,
} from '../domain/opening.ts'
import { Problem } from '../domain/problem.ts'
import { type Finding, wordsOf } from '../domain/proof.ts'
import type { Engine } from '../ports/engine.ts'

/** The data root cannot be opened yet: it may be once its disk is mounted, or the engine answers. */
export class DataRootNotThere extends Error {
  override name = 'DataRootNotThere'
  readonly finding: Finding

  constructor(finding: Finding) {
    super(wordsOf([finding]))
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
      detail: `The data root ${dataDir} cannot be looked at: ${error.message}.`,
      remedy: 'See to the disk that holds it; the service goes on by itself.',
    })
  })
  const decided = openingOf(sight)
  const opening = decided === 'ask-the-engine' ? beginningOf(sight, await recall(engine, sight, hostDataPath)) : decided
  if (opening.kind === 'wait') throw new DataRootNotThere(opening.finding)
  return opening
}

async function recall(engine: Engine, { path }: RootSight, hostDataPath: string | null): Promise<EngineMemory> {
  try {
    const ownSource = await engine.ownMountSource(path)
    const hostPath = hostDataPath ?? ownSource ?? path
    const isOwnMount = ownSource === hostPath
    const [roots, witnesses] = await Promise.all([knownRoots(engine, hostPath), engine.witnesses()])
    const elsewhere = witnesses.filter((witness) => witness.hostPath !== hostPath)
    const markerThere = isOwnMount || roots.length === 0 ? await markerAt(engine, hostPath) : null
    return { kind: 'known', hostPath, isOwnMount, roots, markerThere, elsewhere }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { kind: 'silent', reason: error.adminDetail }
  }
}

/** What the engine keeps of data roots at a path: its witnesses, and containers that are on their folders. */
async function knownRoots(engine: Engine, hostPath: string): Promise<KnownRoot[]> {
  const [witnesses, containers] = await Promise.all([engine.witnesses(), engine.list()])
  const here = witnesses.filter((witness) => witness.hostPath === hostPath)
  const onIt = containers
    .filter(({ mounts }) => mounts.some(({ source }) => source.startsWith(below(hostPath, 'users/'))))
    .map(({ labels }) => labels[labelNames.root] ?? 'unknown')
  const rootIds = new Set([...here.map(({ rootId }) => rootId), ...onIt])
  return Array.from(rootIds, (rootId) => ({
    rootId,
    witness: here.find((witness) => witness.rootId === rootId)?.name ?? null,
    containers: onIt.filter((id) => id === rootId).length,
  }))
}

async function markerAt(engine: Engine, hostPath: string): Promise<string | null> {
  const probe = { name: probeName('undecided', hostPath), hostPath }
  try {
    return (await engine.read(probe, markerPath('')))?.trim() ?? null
  } finally {
    await engine.dropProbe(probe.name)
  }
}
