import type { Environment } from '../environment/environment.ts'
import { actionOf, type Cause, type IdleAction } from './idle.ts'

const done = {
  'idle-pause': (after) => `Paused after ${after} without activity.`,
  'idle-stop': (after) => `Stopped after ${after} without activity.`,
  'max-runtime': (after) => `Stopped after ${after}, the longest that it may run.`,
} as const satisfies Record<Cause, (after: string) => string>

const announced = {
  'idle-pause': (after, left) => `It is paused in ${left}, after ${after} without activity.`,
  'idle-stop': (after, left) => `It is stopped in ${left}, after ${after} without activity.`,
  'max-runtime': (after, left) => `It is stopped in ${left}: it may run for ${after} at most.`,
} as const satisfies Record<Cause, (after: string, left: string) => string>

/** Why an environment is paused or stopped, if the platform did it and nobody has asked for another state since. */
export function idleWords({ desired, idleAction }: Pick<Environment, 'desired' | 'idleAction'>): string | null {
  if (!idleAction || desired !== stateAfter(idleAction.cause)) return null
  return done[idleAction.cause](durationWords(idleAction.afterMs))
}

export function warningWords(cause: Cause, limitMs: number, leftMs: number): string {
  return announced[cause](durationWords(limitMs), durationWords(leftMs))
}

/** The desired state after the platform has acted. */
export function stateAfter(cause: IdleAction['cause']): 'paused' | 'stopped' {
  return actionOf[cause] === 'pause' ? 'paused' : 'stopped'
}

const units = [
  ['day', 86_400_000, 2],
  ['hour', 3_600_000, 1],
  ['minute', 60_000, 1],
  ['second', 1_000, 1],
] as const

/** A duration as people say it: "30 minutes", "1.5 hours". */
export function durationWords(ms: number): string {
  const [name, unitMs] = units.find(([, unit, atLeast]) => ms >= unit * atLeast) ?? ['millisecond', 1]
  const amount = Math.round((ms / unitMs) * 10) / 10
  return `${amount} ${name}${amount === 1 ? '' : 's'}`
}
