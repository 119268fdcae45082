import { type MarkedFolder, markedFolders, markerPath, probeName } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import { type MarkerSights, type RootState, rootFindings } from '../domain/proof/compare-markers.ts'
import { type Proof, proofOf, unfinishedFinding } from '../domain/proof/proof.ts'
import { Fresh } from '../lib/fresh.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { DataRoot } from '../ports/data-root.ts'
import type { Engine } from '../ports/engine.ts'

export type Prover = {
  /** A proof that begins after this call. Callers at one time share one proof. */
  prove(): Promise<Proof>
  /** The newest proof if it holds and is at most `maxAgeMs` old, else a new one. */
  proveWithin(maxAgeMs: number): Promise<Proof>
  /**
   * The same, but makes a new proof also if the service itself does not see its data root any more. For frequent looks.
   */
  watch(maxAgeMs: number): Promise<Proof>
  /** The newest proof; null before the first. */
  latest(): Proof | null
}

/**
 * Proves that the engine sees this data root, parts 1 to 3: touches each marker, and looks for the touch through the
 * engine. `ownSource`: the path that the engine mounted into the backend's own container as the data root; null if it
 * runs in none.
 *
 * `onProof` gets every proof, and whether it ceased to hold or holds again. If the engine does not answer, nothing is
 * proven: `prove` rejects, and the newest proof says why it was not finished.
 */
export function createProver(deps: {
  engine: Engine
  dataRoot: DataRoot
  hostDataPath: () => Promise<string>
  ownSource: () => Promise<string | null>
  clock: Clock
  onProof: (proof: Proof, turned: boolean) => void
}): Prover {
  const { engine, dataRoot, hostDataPath, ownSource, clock, onProof } = deps
  let latest: Proof | null = null
  let settledAt = 0
  const fresh = new Fresh(proveNow)
  const prove = () => fresh.run()

  async function proveNow(): Promise<Proof> {
    try {
      const [hostPath, own] = await Promise.all([hostDataPath(), ownSource()])
      const [sights, state] = await Promise.all([look(hostPath), stateOf(dataRoot)])
      const paths = { rootId: dataRoot.rootId, backendPath: dataRoot.path, hostPath, ownSource: own }
      return settle(rootFindings(sights, state, paths))
    } catch (error) {
      settle([unfinishedFinding(dataRoot.path, error instanceof Problem ? error.adminDetail : String(error))])
      throw error
    }
  }

  function settle(found: Proof['findings']): Proof {
    const before = latest?.status ?? 'proven'
    latest = proofOf(found, clock.now())
    settledAt = clock.steady()
    onProof(latest, latest.status !== before)
    return latest
  }

  async function look(hostPath: string): Promise<MarkerSights[]> {
    const probe = { name: probeName(dataRoot.rootId, hostPath), hostPath }
    const ours = await Promise.all(
      markedFolders.map(async (folder) => ({ folder, backend: await dataRoot.touchMarker(folder) })),
    )
    // Do not ask the engine for a marker that the backend itself does not see: the engine might hang on the same disk.
    const touched = ours.filter(({ backend }) => backend.kind === 'seen')
    const paths = touched.map(({ folder }) => markerPath(folder))
    const theirs = await engine.look(probe, paths).catch((error: unknown) => {
      // The backend misses a folder, so the proof fails anyway. The engine may hang on the same disk, from an earlier look.
      if (touched.length < ours.length) return null
      throw error
    })
    const seen = new Map(touched.map(({ folder }, index) => [folder, theirs?.[index] ?? null]))
    return Promise.all(
      (theirs ? ours : ours.filter(({ backend }) => backend.kind !== 'seen')).map(
        async ({ folder, backend }): Promise<MarkerSights> => {
          const sight = seen.get(folder)
          if (!sight) return { folder, backend, engine: { kind: 'missing' } }
          return backend.kind === 'seen' && backend.touchedAt === sight.modifiedNs
            ? { folder, backend, engine: { kind: 'seen', rootId: backend.rootId, touchedAt: sight.modifiedNs } }
            : lookAgain(probe, folder)
        },
      ),
    )
  }

  /**
   * The engine did not see the touch. Another prover of this root (the command line's) may have touched the marker in
   * between, so touch and look once more. To tell which root is there instead takes a slower call, made only here.
   */
  async function lookAgain(probe: { name: string; hostPath: string }, folder: MarkedFolder): Promise<MarkerSights> {
    const backend = await dataRoot.touchMarker(folder)
    const [sight] = await engine.look(probe, [markerPath(folder)])
    if (!sight) return { folder, backend, engine: { kind: 'missing' } }
    const rootId = (await engine.read(probe, markerPath(folder)))?.trim() ?? null
    return { folder, backend, engine: { kind: 'seen', rootId, touchedAt: sight.modifiedNs } }
  }

  function proveWithin(maxAgeMs: number): Promise<Proof> {
    if (latest?.status !== 'proven') return prove()
    // If the time of day has jumped, people and alerts read a wrong time of this proof: make a new one.
    const ageMs = Math.max(clock.steady() - settledAt, Math.abs(clock.now() - latest.checkedAt))
    return ageMs < maxAgeMs ? Promise.resolve(latest) : prove()
  }

  return {
    prove,
    proveWithin,
    watch: async (maxAgeMs) => ((await seesRoot(dataRoot)) ? proveWithin(maxAgeMs) : prove()),
    latest: () => latest,
  }
}

/** The cheap half of the proof: whether the service's own side is in order, without the engine. */
async function seesRoot(dataRoot: DataRoot): Promise<boolean> {
  const { rootId } = dataRoot
  const sights = await Promise.all(markedFolders.map((folder) => dataRoot.seeMarker(folder)))
  const isOurs = sights.every((sight) => sight.kind === 'seen' && sight.rootId === rootId)
  return isOurs && (await stateOf(dataRoot)) === 'same'
}

/** If the service cannot tell whether the root is the same, it does not take it for the same. */
function stateOf(dataRoot: DataRoot): Promise<RootState> {
  return dataRoot.state().catch((error: unknown) => ({ unreadable: reasonOf(error) }))
}
