import type { Registry } from '@prometheus-io/client'
import type { Failure, Status } from '../domain/environment/environment.ts'
import type { ProblemCode } from '../domain/problem.ts'
import type { MeasurePhase, Phase } from '../ports/measures.ts'
import type { Gauges } from './gauges.ts'
import { Counter, Histogram } from './prometheus.ts'

const phaseBuckets = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 30, 60, 120, 300]
const phases: Phase[] = ['queue', 'image', 'create', 'start', 'ready', 'total', 'pause', 'resume', 'stop', 'remove']
const reasons: ProblemCode[] = [
  'image-unavailable',
  'engine-refused',
  'environment-exited',
  'not-ready-in-time',
  'no-room',
]

export type EnvironmentMetrics = { phase: MeasurePhase; failed(failure: Failure): void; ranOutOfMemory(): void }

/** The phases of environments, the environments that wait for a turn, and the failures. */
export function createEnvironmentMetrics(registry: Registry, gauges: Gauges): EnvironmentMetrics {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'ailab_environment_phase_seconds',
    help: 'How long the phases of environments took, by how they ended.',
    labelNames: ['phase', 'outcome'],
    buckets: phaseBuckets,
    registers,
  })
  const failed = new Counter({
    name: 'ailab_environment_failures_total',
    help: 'Environments that failed, by the reason.',
    labelNames: ['code'],
    registers,
  })
  const outOfMemory = new Counter({
    name: 'ailab_environment_out_of_memory_total',
    help: 'Times that memory ran out in an environment and a program in it was killed; in ten seconds one for each run of an environment at most.',
    registers,
  })
  // Prometheus sees a rise from 0, but not a series that begins at 1: it would miss the first failure of each kind.
  for (const phase of phases) seconds.zero({ phase, outcome: 'done' })
  for (const code of reasons) failed.inc({ code }, 0)
  const queue = createQueue(gauges)

  return {
    phase(phase) {
      const startedAt = performance.now()
      const leave = phase === 'queue' ? queue.enter(startedAt) : null
      return (outcome) => {
        leave?.()
        seconds.observe({ phase, outcome }, (performance.now() - startedAt) / 1000)
      }
    },
    failed: ({ code }) => failed.inc({ code }),
    ranOutOfMemory: () => outOfMemory.inc(),
  }
}

function createQueue(gauges: Gauges): { enter(startedAt: number): () => void } {
  // In the order in which they began to wait.
  const waiting = new Set<{ startedAt: number }>()
  gauges.one('ailab_queue_length', 'Environments that wait for their turn to start.', () => waiting.size)
  gauges.one('ailab_queue_longest_wait_seconds', 'The longest wait in the queue; 0 where none waits.', () => {
    const [first] = waiting
    return first ? (performance.now() - first.startedAt) / 1000 : 0
  })
  return {
    enter(startedAt) {
      const waiter = { startedAt }
      waiting.add(waiter)
      return () => void waiting.delete(waiter)
    },
  }
}

/** How many environments there are of each status. */
export function createStatusGauge(gauges: Gauges, census: () => Record<Status, number>): void {
  gauges.each('ailab_environments', 'Environments by status.', ['status'], () =>
    Object.entries(census()).map(([status, count]) => [{ status }, count] as const),
  )
}
