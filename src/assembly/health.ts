/** Health, and the figures for Prometheus. */
import { createHealthMonitor } from '../consistency/health.ts'
import { keepWatch } from '../consistency/keep-watch.ts'
import { weaknessesOf } from '../domain/gateway/shared-origin.ts'
import { healthRoutes } from '../http/routes/health.ts'
import { metricsRoutes } from '../http/routes/metrics.ts'
import type { BackupsPart } from './backups.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { EnvironmentsPart } from './environments.ts'
import type { PeoplePart } from './people.ts'
import type { ProofPart } from './proof.ts'
import type { UsagePart } from './usage.ts'

const firstLookLimitMs = 500

export type HealthPart = Capability & {
  /**
   * Resolves after the first measurement or a short time limit: the first answer should be a measured one, but an
   * engine that hangs must not keep the service from answering.
   */
  firstLook: Promise<unknown>
}

export function assembleHealth(
  base: Base,
  { prover, examiner, turned }: ProofPart,
  { reconciler }: EnvironmentsPart,
  { authenticate }: PeoplePart,
  backups: BackupsPart,
  { standings }: Pick<UsagePart, 'standings'>,
): HealthPart {
  const { engine, ping, dataRoot, config, clock, version, metrics, closing, onError } = base
  const health = createHealthMonitor({
    engine,
    pingDatabase: ping,
    prove: () => prover.watch(config.proofIntervalMs),
    latestProof: prover.latest,
    room: dataRoot.room,
    backups: backups.standing,
    examined: examiner.latest,
    onEngine: (away) => (away === null ? reconciler.sweep().catch(onError) : reconciler.lost(away)),
    clock,
  })
  const found = weaknessesOf(config.environments, config.publicUrl)
  const weaknesses = () => [...found, ...backups.weaknesses()].map(({ detail, remedy }) => `${detail} ${remedy}`)
  turned.add(() => void health.measure().catch(onError))
  metrics.show({
    latestProof: prover.latest,
    latestExamination: examiner.latest,
    census: reconciler.census,
    backups: backups.figures,
    clock,
  })
  return {
    firstLook: Promise.race([health.measure(), clock.sleep(firstLookLimitMs)]),
    routes: {
      anyone: (app) =>
        healthRoutes(app, { health, authenticate, version, clock, closing, weaknesses, notices: standings.words }),
      atTop: (app) => metricsRoutes(app, { exposition: metrics.exposition, authenticate }),
    },
    work: (signal) => keepWatch({ health, clock }, { signal }),
  }
}
