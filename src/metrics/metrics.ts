/** All metrics that the service gives Prometheus. docs/metrics.md lists them; monitoring/ has a dashboard and alerts. */
import type { Status } from '../domain/environment/environment.ts'
import type { Proof } from '../domain/proof/proof.ts'
import type { Engine } from '../ports/engine.ts'
import type { Exposition, RequestMeasures } from '../ports/measures.ts'
import { type BackupSources, createBackupGauges } from './backup-metrics.ts'
import { createDatabaseMetrics } from './database-metrics.ts'
import { createEngineMetrics } from './engine-metrics.ts'
import { createEnvironmentMetrics, createStatusGauge, type EnvironmentMetrics } from './environment-metrics.ts'
import { createGauges } from './gauges.ts'
import { createHttpMetrics } from './http-metrics.ts'
import { createProcessMetrics } from './process-metrics.ts'
import { Registry } from './prometheus.ts'
import { createProofCounter, createProofGauges, type ProofSources } from './proof-metrics.ts'
import { createUsageMetrics, type UsageMetrics } from './usage-metrics.ts'

export type Metrics = Disposable & {
  exposition: Exposition
  requests: RequestMeasures
  environments: EnvironmentMetrics
  usage: UsageMetrics
  proven(proof: Proof): void
  /** Wraps the engine to measure its calls. */
  engine(engine: Engine): Engine
  /** Wraps a store to measure its calls; `name` is the kind of its records. */
  store<Store extends object>(name: string, store: Store): Store
  /** The values that are read at each scrape. */
  show(sources: ProofSources & BackupSources & { census: () => Record<Status, number> }): void
}

/** Makes its own registry, so that two services in one process do not mix their counts. */
export function createMetrics({ version }: { version: string }): Metrics {
  const registry = new Registry()
  const gauges = createGauges(registry)
  const ofProcess = createProcessMetrics(registry, gauges, { version })
  return {
    exposition: { contentType: registry.contentType, text: () => registry.metrics() },
    requests: createHttpMetrics(registry),
    environments: createEnvironmentMetrics(registry, gauges),
    usage: createUsageMetrics(gauges),
    proven: createProofCounter(registry),
    engine: createEngineMetrics(registry, gauges),
    store: createDatabaseMetrics(registry),
    show({ census, backups, ...proof }) {
      createBackupGauges(gauges, { backups })
      createProofGauges(gauges, proof)
      createStatusGauge(gauges, census)
    },
    [Symbol.dispose]: () => ofProcess[Symbol.dispose](),
  }
}
