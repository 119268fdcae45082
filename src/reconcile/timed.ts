import type { Environment } from '../domain/environment/environment.ts'
import type { Step } from '../domain/environment/plan.ts'
import type { EndPhase, MeasurePhase, Phase } from '../ports/measures.ts'
import type { Executors } from './execute.ts'
import type { Track } from './task.ts'

/** The phase of each step that takes time; the other steps are over at once. */
const phases: Partial<Record<Step['kind'], Phase>> = {
  'fetch-image': 'image',
  create: 'create',
  start: 'start',
  'await-ready': 'ready',
  pause: 'pause',
  unpause: 'resume',
  stop: 'stop',
  remove: 'remove',
}

/** The same executors, with each phase measured. */
export function timed(executors: Executors, measure: MeasurePhase): Executors {
  const entries = Object.entries(executors).map(([kind, execute]) => {
    const phase = phases[kind as Step['kind']]
    if (!phase) return [kind, execute]
    const timedExecute: typeof execute = (task) => during(measure(phase), task.signal, () => execute(task))
    return [kind, timedExecute]
  })
  return Object.fromEntries(entries)
}

/** Measures a phase while `work` runs. */
export async function during<T>(end: EndPhase, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work()
    end('done')
    return result
  } catch (error) {
    end(signal.aborted ? 'aborted' : 'failed')
    throw error
  }
}

/**
 * Measures the whole way from the first step to the answer, over as many passes as it takes. The measure ends when the
 * plan does not lead there any more; a held environment may still go on.
 */
export function followWay(
  track: Pick<Track, 'way' | 'seen'>,
  steps: readonly Step[],
  { failure }: Pick<Environment, 'failure'>,
  measure: MeasurePhase,
): void {
  const has = (kind: Step['kind']) => steps.some((step) => step.kind === kind)
  if (has('start')) track.way ??= measure('total')
  if (has('start') || has('await-ready') || has('hold')) return
  track.way?.(failure ? 'failed' : track.seen?.ready ? 'done' : 'aborted')
  track.way = null
}
