import { restartDelayMs, startsAtMost, startsLately } from '../domain/environment/backoff.ts'
import type { Step } from '../domain/environment/plan.ts'
import type { Turns } from '../lib/turns.ts'
import type { Clock } from '../ports/clock.ts'
import type { MeasurePhase } from '../ports/measures.ts'
import { endedWords } from './ended.ts'
import type { Executors } from './execute.ts'
import { judgedOf, type Task } from './task.ts'
import { during, followWay } from './timed.ts'

type Doing = Pick<Task, 'environment' | 'track' | 'signal'>

export type PerformDeps = {
  executors: Executors
  starts: Turns
  clock: Clock
  log: { step(id: string, step: Step): void }
  measure: MeasurePhase
  look: (doing: Doing) => Promise<Step[]>
  changed: (environment: Task['environment']) => void
  progressed: (environment: Task['environment']) => void
}

// An environment that does not get ready gives back its turn after this time: the others wait for the machine, not for
// it.
const turnAtMostMs = 10_000

/**
 * Carries out the steps of one plan, one after the other. Before the first step that creates or starts, it waits for
 * its turn; an environment that ended by itself lately waits longer each time. After a wait it looks again: by then the
 * container or the image may be gone.
 */
export function createPerform(deps: PerformDeps): (steps: Step[], doing: Doing) => Promise<void> {
  const { executors, starts, clock, log, measure, look, changed, progressed } = deps

  function taskOf(doing: Doing): Task {
    const { environment, track } = doing
    return {
      ...doing,
      ...judgedOf(doing),
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

  /** Gives whether there was anything to wait for; so does `turn`. */
  async function waitAfterEnd({ environment, track, signal }: Task): Promise<boolean> {
    track.starts = startsLately(track.starts, clock.steady())
    const delayMs = track.starts.length < startsAtMost ? restartDelayMs(track.starts.length) : 0
    if (delayMs === 0) return false
    const ended = track.seen?.observation.kind === 'container' ? endedWords(track.seen.observation) : ''
    const detail = `${ended} It is started again after ${delayMs / 1000} s.`
    track.note = { detail, adminDetail: detail }
    changed(environment)
    await clock.sleep(delayMs, { signal })
    signal.throwIfAborted()
    return true
  }

  async function turn({ environment: { id, userId }, signal, tell }: Task, held: DisposableStack): Promise<boolean> {
    const ending = measure('queue')
    const entered = starts.acquire(id, { group: userId, signal })
    const queued = starts.place(id) !== null
    if (queued) tell('queued')
    const taken = held.use(await during(ending, signal, () => entered))
    held.defer(clock.after(turnAtMostMs, () => taken[Symbol.dispose]()))
    return queued
  }

  return async (steps, doing) => {
    const { environment, track, signal } = doing
    const task = taskOf(doing)
    followWay(track, steps, environment, measure)
    using held = new DisposableStack()
    let hasTurn = false
    let remaining = [...steps]
    for (let step = remaining.shift(); step; step = remaining.shift()) {
      signal.throwIfAborted()
      if (!hasTurn && (step.kind === 'create' || step.kind === 'start')) {
        const waited = await waitAfterEnd(task)
        const queued = await turn(task, held)
        hasTurn = true
        if (waited || queued) {
          remaining = await look(doing)
          Object.assign(task, judgedOf(doing))
          continue
        }
      }
      log.step(environment.id, step)
      await executors[step.kind](task)
    }
  }
}
