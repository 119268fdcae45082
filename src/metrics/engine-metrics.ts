import type { Registry } from '@prometheus-io/client'
import { Problem, type ProblemCode } from '../domain/problem.ts'
import type { Engine } from '../ports/engine.ts'
import type { Outcome } from '../ports/measures.ts'
import type { Gauges } from './gauges.ts'
import { Counter, Histogram } from './prometheus.ts'
import { timedCalls } from './timed-calls.ts'

const callBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
// These take as long as their work. Other metrics tell how long that was.
const longCalls = ['pull', 'runErrand']
const pullBuckets = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]
// These series exist from the start: Prometheus sees a rise from 0, but not a series that begins at 1.
const codes: ProblemCode[] = [
  'engine-unavailable',
  'engine-refused',
  'image-unavailable',
  'no-room',
  'data-root-not-proven',
]

/** Wraps any engine to measure its calls, errors and pulls. */
export function createEngineMetrics(registry: Registry, gauges: Gauges): (engine: Engine) => Engine {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'ailab_engine_call_seconds',
    help: 'How long calls of the container engine took, by what was asked and how it ended.',
    labelNames: ['call', 'outcome'],
    buckets: callBuckets,
    registers,
  })
  const errors = new Counter({
    name: 'ailab_engine_errors_total',
    help: 'Calls of the container engine that failed, by error code.',
    labelNames: ['code'],
    registers,
  })
  for (const code of codes) errors.inc({ code }, 0)

  return (engine) => {
    const pull = measuredPull((...args) => engine.pull(...args), registry, gauges)
    const measured: Engine = Object.assign(Object.create(engine), { pull })
    return timedCalls(measured, (call, tookMs, error) => {
      if (error instanceof Problem) errors.inc({ code: error.code })
      if (!longCalls.includes(call)) seconds.observe({ call, outcome: outcomeOf(error) }, tookMs / 1000)
    })
  }
}

/** Pulls take minutes and move gigabytes, so they have metrics of their own. */
function measuredPull(pull: Engine['pull'], registry: Registry, gauges: Gauges): Engine['pull'] {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'ailab_image_pull_seconds',
    help: 'How long pulls of images took, by how they ended.',
    labelNames: ['outcome'],
    buckets: pullBuckets,
    registers,
  })
  const bytes = new Counter({
    name: 'ailab_image_pull_bytes_total',
    help: 'Bytes of images that were pulled.',
    registers,
  })
  let running = 0
  gauges.one('ailab_image_pulls_running', 'Pulls of images that run now.', () => running)

  return async (image, onProgress, options) => {
    const startedAt = performance.now()
    const done = (error: unknown) =>
      seconds.observe({ outcome: outcomeOf(error) }, (performance.now() - startedAt) / 1000)
    let seen = 0
    running += 1
    try {
      await pull(
        image,
        (progress) => {
          bytes.inc(Math.max(0, progress.currentBytes - seen))
          seen = Math.max(seen, progress.currentBytes)
          onProgress(progress)
        },
        options,
      )
      done(null)
    } catch (error) {
      done(error)
      throw error
    } finally {
      running -= 1
    }
  }
}

/** A call of the port fails with a Problem. It rejects with anything else only if its caller aborted it. */
function outcomeOf(error: unknown): Outcome {
  if (error === null) return 'done'
  return error instanceof Problem ? 'failed' : 'aborted'
}
