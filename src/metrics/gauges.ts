import type { Registry } from '@prometheus-io/client'
import { Gauge } from './prometheus.ts'

type Labels = Readonly<Record<string, string>>

/** Values that are not stored anywhere: the code reads them when Prometheus asks. */
export function createGauges(registry: Registry) {
  const registers = [registry]
  return {
    /** One value; null if there is none yet. */
    one(name: string, help: string, read: () => number | null): void {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read() ?? Number.NaN)
        },
      })
    },

    /** One value for each combination of labels. A combination that is no longer read is removed. */
    each(name: string, help: string, labelNames: string[], read: () => Iterable<readonly [Labels, number]>): void {
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset()
          for (const [labels, value] of read()) this.set(labels, value)
        },
      })
    },
  }
}

export type Gauges = ReturnType<typeof createGauges>
