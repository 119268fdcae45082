import type { Environment } from '../api/bodies.ts'
import type { Act } from '../api/environments.ts'
import { offered } from '../environments/offered.ts'

/** The acts on many environments at once. */
export const manyActs = ['start', 'stop', 'restart', 'delete'] as const satisfies Act[]
export type ManyAct = (typeof manyActs)[number]

/** An act on many: the environments that allow it, the number of the others, and the owners. */
export type Plan = { environments: readonly Environment[]; leftOut: number; people: readonly string[] }

/** Pure. */
export function planOf(act: ManyAct, chosen: readonly Environment[]): Plan {
  const environments = chosen.filter((each) => isFor(act, each))
  const people = [...new Set(environments.map(({ user_id }) => user_id))]
  return { environments, leftOut: chosen.length - environments.length, people }
}

function isFor(act: ManyAct, environment: Environment): boolean {
  const { first, others } = offered(environment)
  if (first === act || others.includes(act)) return true
  return act === 'start' && first === 'resume' // a start resumes what is paused
}

/** The chosen ids after a press: with the shift key, all between the last pressed row and this one. Pure. */
export function chosenAfter(
  chosen: ReadonlySet<string>,
  pressed: { id: string; isChosen: boolean; isRange: boolean },
  { order, last }: { order: readonly string[]; last: string | null },
): Set<string> {
  const next = new Set(chosen)
  for (const id of pressed.isRange && last !== null ? between(order, last, pressed.id) : [pressed.id]) {
    if (pressed.isChosen) next.add(id)
    else next.delete(id)
  }
  return next
}

function between(order: readonly string[], one: string, other: string): readonly string[] {
  const ends = [order.indexOf(one), order.indexOf(other)].sort((a, b) => a - b)
  const [from = -1, to = -1] = ends
  return from < 0 ? [other] : order.slice(from, to + 1)
}
