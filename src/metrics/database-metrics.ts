import type { Registry } from '@prometheus-io/client'
import { Histogram } from './prometheus.ts'
import { timedCalls } from './timed-calls.ts'

const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

/** Wraps stores to measure their calls; `store` names the kind of their records. */
export function createDatabaseMetrics(registry: Registry): <Store extends object>(name: string, store: Store) => Store {
  const seconds = new Histogram({
    name: 'ailab_database_call_seconds',
    help: 'How long calls of the database took, by what they were about, what was asked, and how it ended.',
    labelNames: ['store', 'call', 'outcome'],
    buckets,
    registers: [registry],
  })
  return (store, port) =>
    timedCalls(port, (call, tookMs, error) => {
      seconds.observe({ store, call, outcome: error === null ? 'done' : 'failed' }, tookMs / 1000)
    })
}
