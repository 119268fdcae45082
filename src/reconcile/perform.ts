import { restartDelayMs, startsAtMost, startsWithinMs } from '../domain/backoff.ts'
import type { Step } from '../domain/plan.ts'
import type { Turns } from '../lib/turns.ts'
import type { Clock } from '../ports/clock.ts'
import type { MeasurePhase } from '../ports/measures.ts'
import { endedWords } from './ended.ts'
import type { Executors } from './execute.ts'
import { containerIdOf, type Task } from './task.ts'
import { during, followWay } from './timed.ts'

type Doing = Pick<Task, 'environment' | 'track' | 'signal'>

// One that does not get ready keeps its turn for so long: the others wait for the machine, not for it.
const turnAtMostMs = 10_000

/**
 * Carries out the steps of one plan, one after the other. Before the first that creates or starts it waits for its turn,
 * and one that ended by itself lately is started again ever later.
 */
export function createPerform(deps: {
  executors: Executors
  starts: Turns
  clock: Clock
  log: { step(id: string, step: Step): void }
  measure: MeasurePhase
  changed: (environment: Task['environment']) => void
  progressed: (environment: Task['environment']) => void
}): (steps: Step[], doing: Doing) => Promise<void> {
  const { executors, starts, clock, log, measure, changed, progressed } = deps

  function taskOf(doing: Doing): Task {
    const { environment, track } = doing
    return {
      ...doing,
      containerId: containerIdOf(track),
      tell(activity) {
        track.activity = activity
        changed(environment)
      },
      tellPull(pull) {
        track.pull = pull
        progressed(environment)
      },
    }
  }

  async function waitAfterEnd({ environment, track, signal }: Task): Promise<void> {
    track.starts = track.starts.filter((at) => at > clock.now() - startsWithinMs)
    const delayMs = track.starts.length < startsAtMost ? restartDelayMs(track.starts.length) : 0
    if (delayMs === 0) return
    const ended = track.seen?.observation.kind === 'container' ? endedWords(track.seen.observation) : ''
    const detail = `${ended} It is started again after ${delayMs / 1000} s.`
    track.note = { detail, adminDetail: detail }
    changed(environment)
    await clock.sleep(delayMs, { signal })
    signal.throwIfAborted()
  }

  async function turn({ environment: { id, userId }, signal, tell }: Task): Promise<Disposable> {
    const ending = measure('queue')
    const entered = starts.acquire(id, { group: userId, signal })
    if (starts.place(id) !== null) tell('queued')
    return await during(ending, signal, () => entered)
  }

  return async (steps, doing) => {
    const { environment, track, signal } = doing
    const task = taskOf(doing)
    followWay(track, steps, environment, measure)
    using held = new DisposableStack()
    let hasTurn = false
    for (const step of steps) {
      signal.throwIfAborted()
      if (!hasTurn && (step.kind === 'create' || step.kind === 'start')) {
        await waitAfterEnd(task)
        const taken = held.use(await turn(task))
        held.defer(clock.after(turnAtMostMs, () => taken[Symbol.dispose]()))
        hasTurn = true
      }
      log.step(environment.id, step)
      await executors[step.kind](task)
    }
  }
}
