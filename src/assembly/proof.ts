/** The proof of the data root and of each environment's mounts. */
import { createConfirmReplaced } from '../consistency/confirm-replaced.ts'
import { createExaminer, type Examiner } from '../consistency/examine.ts'
import { keepExamining } from '../consistency/keep-watch.ts'
import { createProver, type Prover } from '../consistency/prove.ts'
import { programUrlOf } from '../domain/gateway/program-url.ts'
import { probeName, witnessName } from '../domain/names.ts'
import { type Standing, standingOf } from '../domain/proof/examination.ts'
import type { Proof } from '../domain/proof/proof.ts'
import { consistencyRoutes } from '../http/routes/consistency.ts'
import { type Scene, toScene } from '../http/schemas/environment.ts'
import { createUntilProven } from '../jobs/until-proven.ts'
import { Listeners } from '../lib/listeners.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { PeoplePart } from './people.ts'
import { createExaminationLog, logTurn } from './service-log.ts'

const dropLimitMs = 2_000

export type ProofPart = Capability & {
  prover: Prover
  examiner: Examiner
  /** For jobs of before: waits until the data root is proven. */
  untilProven: ReturnType<typeof createUntilProven>
  /** Called with each proof at which the data root ceases to be proven, or is proven again. */
  turned: Listeners<Proof>
  /** Called after each look at everything, and at each turn, with what is known then. */
  looked: Listeners<Standing>
  scene: () => Scene
}

/** Calls `onReplaced` when another data root was put in the place of this one. */
export function assembleProof(
  base: Base,
  { rights }: PeoplePart,
  { onReplaced }: { onReplaced: () => void },
): ProofPart {
  const { engine, dataRoot, hostDataPath, ownSource, lab, store, config, clock, logger, metrics, onError } = base
  const { path, rootId } = dataRoot
  const turned = new Listeners<Proof>()
  const looked = new Listeners<Standing>()
  const logExamination = createExaminationLog(logger)
  const prover = createProver({
    engine,
    dataRoot,
    hostDataPath: hostDataPath.get,
    ownSource: ownSource.get,
    clock,
    onProof: (proof, isTurn) => {
      metrics.proven(proof)
      confirmReplaced(proof)
      if (isTurn) turned.tell(proof)
    },
  })
  const confirmReplaced = createConfirmReplaced({ proveAgain: prover.prove, onReplaced })
  const examiner = createExaminer({
    engine,
    records: async () => (await Array.fromAsync(store.outlines())).flat(),
    dataRoot,
    lab,
    prover,
    clock,
    onExamined: (examination) => {
      logExamination(examination)
      looked.tell(standingOf(examination, prover.latest()))
    },
  })
  turned.add((proof) => logTurn(logger, proof))
  turned.add((proof) => looked.tell(standingOf(examiner.latest(), proof)))
  turned.add(() => void examiner.examine().catch(() => {})) // the health check tells of an engine that is away
  dropProbeAtTheEnd(base)

  const remember = async () => {
    const hostPath = await hostDataPath.get()
    await engine.keepWitness({ name: witnessName(rootId, hostPath), rootId, hostPath })
  }
  return {
    prover,
    examiner,
    untilProven: createUntilProven({ prove: prover.prove, clock }),
    turned,
    looked,
    scene: () =>
      toScene(prover.latest(), {
        publicUrl: config.publicUrl,
        programUrlOf: (id) => programUrlOf(id, config.environments, config.publicUrl),
        hostDataPath: hostDataPath.known(),
        sharedMode: config.sharedMode,
        proofOf: examiner.proofOf,
      }),
    routes: {
      administrators: (app) =>
        consistencyRoutes(app, {
          examiner,
          dataRoot: { rootId, path, hostPath: hostDataPath.known },
          latestProof: prover.latest,
          takePlace: base.takePlace,
          rights,
          clock,
        }),
    },
    work: async (closing, firstLook) => {
      await firstLook
      const everyMs = config.proofIntervalMs
      await keepExamining({ examiner, remember, everyMs, clock, onError }, { signal: closing })
    },
  }
}

/** Environments outlive the service. The probe does not: it was made only to look at the data root. */
function dropProbeAtTheEnd({ stack, engine, dataRoot, hostDataPath, onError }: Base): void {
  stack.defer(async () => {
    const hostPath = hostDataPath.known()
    if (hostPath === null) return
    const limit = { signal: AbortSignal.timeout(dropLimitMs) }
    await engine.dropProbe(probeName(dataRoot.rootId, hostPath), limit).catch(onError)
  })
}
