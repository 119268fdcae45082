import type * as Client from '@prometheus-io/client'
import { leaveOut, load, requireOf } from '../lib/leave-out.ts'

/**
 * Prometheus' client without its own metrics of the process, which are not used here (process-metrics.ts). With them came
 * OpenTelemetry: 70 modules, 25 ms of every start.
 */
function loadClient(): typeof Client {
  leaveOut(requireOf('@prometheus-io/client'), './lib/defaultMetrics')
  return load('@prometheus-io/client')
}

export const { Counter, Gauge, Histogram, Registry } = loadClient()
