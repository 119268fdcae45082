import type { Run } from './run.ts'

/** The words of a run for a screen reader, which announces its start, each refusal and its end, but no single step. Pure. */
export type Said = { kind: 'going' | 'over' | 'stopped' } | { kind: 'refusal'; name: string; error: unknown }

export function saidOf({ state, refused }: Pick<Run, 'state' | 'refused'>): Said {
  const last = refused.at(-1)
  return state === 'going' && last ? { kind: 'refusal', name: last.name, error: last.error } : { kind: state }
}
