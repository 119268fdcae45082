import type { Run } from './run.ts'

/** What a reader of the screen hears of a run: its start, each refusal and its end, but not each step. Pure. */
export type Said = { kind: 'going' | 'over' | 'stopped' } | { kind: 'refusal'; name: string; error: unknown }

export function saidOf({ state, refused }: Pick<Run, 'state' | 'refused'>): Said {
  const last = refused.at(-1)
  return state === 'going' && last ? { kind: 'refusal', name: last.name, error: last.error } : { kind: state }
}
