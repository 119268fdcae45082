import type { Registry } from '@prometheus-io/client'
import { type ProblemCode, problems } from '../domain/problem.ts'
import type { RequestMeasures } from '../ports/measures.ts'
import { Counter, Histogram } from './prometheus.ts'

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

/** Requests by method, route and class of status, and the error codes of the answers. */
export function createHttpMetrics(registry: Registry): RequestMeasures {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'ailab_http_request_seconds',
    help: 'How long requests took, by method, route and class of status. Streams of events are not among them.',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  })
  const refused = new Counter({
    name: 'ailab_http_problems_total',
    help: 'Requests that were answered with an error, by its code.',
    labelNames: ['code'],
    registers,
  })
  for (const code of Object.keys(problems)) refused.inc({ code }, 0)

  return {
    answered({ method, route, status, tookMs }) {
      seconds.observe({ method, route: route ?? 'none', status: `${Math.floor(status / 100)}xx` }, tookMs / 1000)
    },
    refused: (code: ProblemCode) => refused.inc({ code }),
  }
}
