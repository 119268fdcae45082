import { markedFolders, markerPath, probeName } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import { findingsOf, type MarkerSights, type Proof, unfinishedFinding } from '../domain/proof.ts'
import type { Clock } from '../ports/clock.ts'
import type { DataRoot } from '../ports/data-root.ts'
import type { Engine } from '../ports/engine.ts'

export type Prover = {
  /** A proof that begins after this call. Callers at one time share one. */
  prove(): Promise<Proof>
  /** The newest proof where it holds and is at most `maxAgeMs` old, else one made now. */
  proveWithin(maxAgeMs: number): Promise<Proof>
  /** The newest proof; null before the first. */
  latest(): Proof | null
}

/**
 * Proves that the engine sees this data root: touches each marker, and looks for the touch through the engine.
 *
 * `onTurn` is called when the proof ceases to hold and when it holds again. When the engine does not answer, nothing
 * is proven: `prove` rejects, and the newest proof says why it was not finished.
 */
export function createProver(deps: {
  engine: Engine
  dataRoot: DataRoot
  hostDataPath: () => Promise<string>
  clock: Clock
  onTurn: (proof: Proof) => void
}): Prover {
  const { engine, dataRoot, hostDataPath, clock, onTurn } = deps
  let latest: Proof | null = null
  let running: Promise<Proof> | null = null
  let next: Promise<Proof> | null = null

  async function proveNow(): Promise<Proof> {
    try {
      const hostPath = await hostDataPath()
      const sights = await look(hostPath)
      const paths = { rootId: dataRoot.rootId, backendPath: dataRoot.path, hostPath }
      return settle(findingsOf(sights, paths))
    } catch (error) {
      settle([unfinishedFinding(dataRoot.path, error instanceof Problem ? error.adminDetail : String(error))])
      throw error
    }
  }

  function settle(findings: Proof['findings']): Proof {
    const turned = (latest?.status ?? 'proven') !== (findings.length === 0 ? 'proven' : 'unproven')
    latest = { status: findings.length === 0 ? 'proven' : 'unproven', findings, checkedAt: clock.now() }
    if (turned) onTurn(latest)
    return latest
  }

  async function look(hostPath: string): Promise<MarkerSights[]> {
    const probe = { name: probeName(dataRoot.rootId, hostPath), hostPath }
    const ours = await Promise.all(markedFolders.map((folder) => dataRoot.touchMarker(folder)))
    const theirs = await engine.look(probe, markedFolders.map(markerPath))
    return Promise.all(
      markedFolders.map(async (folder, index): Promise<MarkerSights> => {
        const backend = ours[index] ?? { kind: 'missing' }
        const sight = theirs[index]
        if (!sight) return { folder, backend, engine: { kind: 'missing' } }
        const touchSeen = backend.kind === 'seen' && backend.touchedAt === sight.modifiedNs
        // Which root is there instead costs a slower call, so it is asked only where the touch was not seen.
        const rootId = touchSeen ? backend.rootId : ((await engine.read(probe, markerPath(folder)))?.trim() ?? null)
        return { folder, backend, engine: { kind: 'seen', rootId, touchedAt: sight.modifiedNs } }
      }),
    )
  }

  function begin(): Promise<Proof> {
    running = proveNow().finally(() => {
      running = null
    })
    return running
  }

  function prove(): Promise<Proof> {
    if (!running) return begin()
    // What began before this call may have looked before the fault: those who come meanwhile share the next one.
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null
        return begin()
      })
    return next
  }

  return {
    prove,
    proveWithin(maxAgeMs) {
      const holds = latest?.status === 'proven' && Math.abs(clock.now() - latest.checkedAt) < maxAgeMs
      return holds && latest ? Promise.resolve(latest) : prove()
    },
    latest: () => latest,
  }
}
