/** All that the service tells Prometheus. docs/metrics.md lists it; monitoring/ has a dashboard and alerts of it. */

import type { Status } from '../domain/environment/environment.ts'
import type { Proof } from '../domain/proof/proof.ts'
import type { Engine } from '../ports/engine.ts'
import type { Exposition, RequestMeasures } from '../ports/measures.ts'
import { createDatabaseMetrics } from './database-metrics.ts'
import { createEngineMetrics } from './engine-metrics.ts'
import { createEnvironmentMetrics, createStatusGauge, type EnvironmentMetrics } from './environment-metrics.ts'
import { createGauges } from './gauges.ts'
import { createHttpMetrics } from './http-metrics.ts'
import { createProcessMetrics } from './process-metrics.ts'
import { Registry } from './prometheus.ts'
import { createProofCounter, createProofGauges, type ProofSources } from './proof-metrics.ts'

export type Metrics = Disposable & {
  exposition: Exposition
  requests: RequestMeasures
  environments: EnvironmentMetrics
  proven(proof: Proof): void
  /** The same engine, and its calls are measured. */
  engine(engine: Engine): Engine
  /** The same store, and its calls are measured; `name` is what its records are of. */
  store<Store extends object>(name: string, store: Store): Store
  /** What is read at each scrape. */
  show(sources: ProofSources & { census: (() => Record<Status, number>) | null }): void
}

/** A registry of its own, so that two services in one process do not count for each other. */
export function createMetrics({ version }: { version: string }): Metrics {
  const registry = new Registry()
  const gauges = createGauges(registry)
  const ofProcess = createProcessMetrics(registry, gauges, { version })
  return {
    exposition: { contentType: registry.contentType, text: () => registry.metrics() },
    requests: createHttpMetrics(registry),
    environments: createEnvironmentMetrics(registry, gauges),
    proven: createProofCounter(registry),
    engine: createEngineMetrics(registry, gauges),
    store: createDatabaseMetrics(registry),
    show({ census, ...proof }) {
      createProofGauges(gauges, proof)
      if (census) createStatusGauge(gauges, census)
    },
    [Symbol.dispose]: () => ofProcess[Symbol.dispose](),
  }
}
