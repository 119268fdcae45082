import type { Registry } from '@prometheus-io/client'
import { Gauge } from './prometheus.ts'

type Labels = Readonly<Record<string, string>>

/** Figures that nobody keeps: they are read when Prometheus asks. */
export function createGauges(registry: Registry) {
  const registers = [registry]
  return {
    /** One figure; null where there is none yet. */
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

    /** One figure for each value of the labels. Those that are not read any more are forgotten. */
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
