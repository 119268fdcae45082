import type { RootLook } from '../ports/site.ts'
import { attempt, type Sight, seen, seenOf, unseen } from './attempt.ts'
import { isRoot, rootIdOf } from './checks/data-root.ts'
import { isProven } from './checks/proof.ts'
import { type GatherUses, limits } from './gather-uses.ts'
import type { Observations, Standpoint } from './observations.ts'

/** The proof of a complete data root. If there is no root: whether the service would begin one. */
export async function lookAtProof(
  { prove, examine, whyNoRoot }: GatherUses,
  { hostPath, dataDir, notebook, place }: Standpoint,
  root: Sight<RootLook | null>,
): Promise<Pick<Observations, 'proof' | 'candidateProven' | 'noRoot'>> {
  const found = seenOf(root)
  const rootId = found && rootIdOf(found)
  const none = { proof: unseen('there is no whole data root'), candidateProven: false, noRoot: seen(null) }
  if (root.kind === 'seen' && (found === null || !isRoot(found))) {
    return {
      ...none,
      noRoot: await attempt('the container engine', limits.engineMs, () => whyNoRoot(dataDir, hostPath)),
    }
  }
  if (!found || !rootId) return none
  const at = (path: string) => ({ path: found.path, rootId, hostPath: path, notebook })
  const proof = await attempt('the proof', limits.proofMs, () => examine(at(hostPath)))
  if (place === 'container' || proof.kind === 'unseen') return { ...none, proof }
  const candidate = hostPath === dataDir ? proof : await attempt('the proof', limits.proofMs, () => prove(at(dataDir)))
  return { ...none, proof, candidateProven: candidate.kind === 'seen' && isProven(candidate.value) }
}
