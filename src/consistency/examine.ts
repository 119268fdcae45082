/**
 * The whole proof: parts 1 to 3 for the data root, then parts 4 and 5 for every environment.
 *
 * INVARIANTS
 * - At most one look into each running environment a round, a bounded number of them at a time; the cost does not grow
 *   with the data.
 * - A proof of an environment belongs to one container, and says nothing of a newer one.
 * - An environment is proven only if nothing is wrong with it and the data root is proven.
 * - Nothing is said to be wrong with an environment unless the data root was proven before the look into it and after. A disk that
 *   goes in between looks like folders that were replaced.
 */

import { type LabSettings, mountsOf } from '../domain/environment/container-spec.ts'
import type { Container, Environment } from '../domain/environment/environment.ts'
import { orphanFindings } from '../domain/environment/orphan.ts'
import { ownContainers, straysOf } from '../domain/environment/own-containers.ts'
import { recognise } from '../domain/environment/recognise.ts'
import { below, userFolder } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import { insideFindings, recordedFindings, unreadableFinding } from '../domain/proof/compare-mounts.ts'
import { type Examination, examinationOf, type MountProof, mountProofOf } from '../domain/proof/examination.ts'
import type { Finding, Proof } from '../domain/proof/proof.ts'
import { Fresh } from '../lib/fresh.ts'
import { Pace } from '../lib/pace.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { Sharing } from '../lib/sharing.ts'
import { Turns } from '../lib/turns.ts'
import type { Clock } from '../ports/clock.ts'
import type { DataRoot } from '../ports/data-root.ts'
import type { Engine } from '../ports/engine.ts'
import type { Prover } from './prove.ts'

/** The part of a record that an examination reads. */
export type Examined = Pick<Environment, 'id' | 'userId'>

/** One run of a container, from a start to its end. */
export type Run = Pick<Container, 'containerId' | 'startedAt'>

export type Examiner = {
  /** Examines everything now. Callers at one time share one. @throws Problem engine-unavailable */
  examine(): Promise<Examination>
  /** The newest examination; null before the first. */
  latest(): Examination | null
  /**
   * The newest proof of one environment if it is at most `maxAgeMs` old and of the present container, else a new one.
   */
  examineOne(environment: Examined, maxAgeMs: number): Promise<MountProof>
  /** The newest proof of that container in its present run; null if there was no look at it yet. */
  proofOf(environmentId: string, container: Run): MountProof | null
}

const looksAtOnce = 2

export function createExaminer(deps: {
  engine: Engine
  records: () => Promise<readonly Examined[]>
  dataRoot: DataRoot
  lab: () => Promise<LabSettings>
  prover: Pick<Prover, 'prove' | 'latest'>
  clock: Clock
  onExamined: (examination: Examination) => void
}): Examiner {
  const { engine, records, dataRoot, lab, prover, clock, onExamined } = deps
  const looks = new Turns(looksAtOnce)
  const pace = new Pace(clock)
  /** By environment; `at` is when the proof was made, by the steady clock. */
  const proofs = new Map<string, { proof: MountProof; at: number }>()
  const whole = new Fresh(examineAll)
  const one = new Sharing<MountProof>()
  let latest: Examination | null = null

  async function examineAll(): Promise<Examination> {
    const startedAt = clock.steady()
    const before = await prover.prove()
    const [containers, settings] = await Promise.all([engine.list(), lab()])
    const all = await records()
    const own = ownContainers(containers)
    const [root, environments] = await confirmed(before, (root) =>
      Promise.all(all.map((environment) => inTurn(environment, own.get(environment.id) ?? null, settings, root))),
    )
    const recorded = new Set(all.map(({ id }) => id))
    for (const id of proofs.keys()) if (!recorded.has(id)) proofs.delete(id)
    const strays = await stillThere(engine, straysOf(containers, own, recorded))
    const orphans = orphanFindings(strays, { rootId: dataRoot.rootId, hostPath: settings.hostDataPath })
    const tookMs = Math.round(clock.steady() - startedAt)
    latest = examinationOf({ root, environments, orphans, checkedAt: clock.now(), tookMs })
    onExamined(latest)
    return latest
  }

  async function inTurn(environment: Examined, container: Container | null, settings: LabSettings, root: Proof) {
    const { id, userId } = environment
    using _turn = await looks.acquire(id, { group: userId })
    const proof = await mountProof(environment, container, settings, root)
    return isDoubtful(proof) ? proof : keep(proof)
  }

  /** Looks again if the data root was proven before the looks, but is not proven any more. Only then keeps what seems wrong. */
  async function confirmed<Proofs extends MountProof[]>(
    before: Proof,
    look: (root: Proof) => Promise<Proofs>,
  ): Promise<[root: Proof, environments: Proofs]> {
    const found = await look(before)
    const root = before.status === 'proven' ? await newestRoot(found, before) : before
    const environments = root.status === before.status ? found : await look(root)
    for (const proof of environments.filter(isDoubtful)) keep(proof)
    return [root, environments]
  }

  async function newestRoot(found: readonly MountProof[], before: Proof): Promise<Proof> {
    return found.some(isDoubtful) ? prover.prove() : (prover.latest() ?? before)
  }

  function keep(proof: MountProof): MountProof {
    proofs.set(proof.environmentId, { proof, at: clock.steady() })
    return proof
  }

  async function mountProof(
    { id, userId }: Examined,
    container: Container | null,
    settings: LabSettings,
    root: Proof,
  ): Promise<MountProof> {
    const wanted = mountsOf(userId, settings)
    const about = { environmentId: id, root, wanted, checkedAt: clock.now() }
    if (!container) return mountProofOf({ ...about, containerId: null, mounted: [], recorded: null, inside: null })
    const backendPaths = { shared: below(dataRoot.path, 'shared'), data: below(dataRoot.path, userFolder(userId)) }
    const paths = { environmentId: id, wanted, backendPaths }
    // A hung or missing root, or one at a wrong path, says nothing of the environment.
    const isProven = root.status === 'proven'
    const recorded = isProven ? recordedFindings(container, paths) : null
    // The service does not enter a stranger's container.
    const mayLook = isProven && recognise(container, id, wanted).kind === 'container' && hasProcess(container)
    const inside = mayLook ? await lookInside(container, userId, paths) : null
    return mountProofOf({ ...about, ...container, mounted: container.mounts, recorded, inside })
  }

  async function lookInside(
    { containerId }: Container,
    userId: Examined['userId'],
    paths: Parameters<typeof recordedFindings>[1],
  ): Promise<Finding[] | null> {
    const about = { ...paths, sameMachine: engine.sameMachine }
    const { rootId } = dataRoot
    // If one environment or one person's folder cannot be looked at, still look at all others.
    const ids = await dataRoot.folderIds(userId).catch((error: unknown) => ({ unreadable: wordsOf(error) }))
    if ('unreadable' in ids) return [unreadableFinding(ids.unreadable, paths)]
    try {
      const sight = await engine.seeInside(containerId)
      return sight.kind === 'ended' ? null : insideFindings(sight, { rootId, ...ids }, about)
    } catch (error) {
      const sight = { kind: 'unverifiable', reason: wordsOf(error), isFault: true } as const
      return insideFindings(sight, { rootId, shared: null, data: null }, about)
    }
  }

  async function examineNow(environment: Examined): Promise<MountProof> {
    const [before, container, settings] = await Promise.all([prover.prove(), engine.inspect(environment.id), lab()])
    const look = async (root: Proof): Promise<[MountProof]> => [await inTurn(environment, container, settings, root)]
    const [, [proof]] = await confirmed(before, look)
    return proof
  }

  async function examineWithin(environment: Examined, maxAgeMs: number): Promise<MountProof> {
    const { id } = environment
    const known = proofs.get(id)
    if (known && clock.steady() - known.at < maxAgeMs) {
      const present = await engine.inspect(id)
      if (present ? isOf(known.proof, present) : known.proof.containerId === null) return known.proof
    }
    return examineNow(environment)
  }

  return {
    latest: () => latest,
    examine: () => whole.run(),
    examineOne: (environment, maxAgeMs) =>
      one.run(environment.id, () => pace.run(environment.userId, () => examineWithin(environment, maxAgeMs))),
    proofOf(environmentId, container) {
      const proof = proofs.get(environmentId)?.proof
      return proof && isOf(proof, container) ? proof : null
    },
  }
}

/** The strays that are still there: a container that was removed with its record is no orphan. */
async function stillThere(engine: Pick<Engine, 'list'>, strays: readonly Container[]): Promise<Container[]> {
  if (strays.length === 0) return []
  const present = new Set((await engine.list()).map(({ containerId }) => containerId))
  return strays.filter(({ containerId }) => present.has(containerId))
}

function isDoubtful({ findings }: MountProof): boolean {
  return findings.some(({ severity }) => severity !== 'note')
}

/** Whether a proof is of that run. Each start of a container mounts its folders anew. */
function isOf({ containerId, checkedAt }: MountProof, run: Run): boolean {
  return containerId === run.containerId && (run.startedAt === null || checkedAt >= run.startedAt)
}

function wordsOf(error: unknown): string {
  return error instanceof Problem ? error.adminDetail : reasonOf(error)
}

function hasProcess({ state }: Container): boolean {
  return state === 'running' || state === 'paused'
}
