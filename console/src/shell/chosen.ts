/**
 * The line of a list that Enter takes, after the list has changed by itself: the one chosen before, also while it is gone, so that
 * Enter never takes another line than the one that was shown as chosen. If none was chosen yet, the first. Pure.
 */
export function stillChosen(ids: readonly string[], chosen: string | null): string | null {
  return chosen ?? ids[0] ?? null
}

/** The line that an arrow key chooses, round the ends; the first one if the chosen line is gone. Null if there is none. Pure. */
export function chosenByKey(key: string, ids: readonly string[], chosen: string | null): string | null {
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
  const step = steps[key]
  if (step === undefined || ids.length === 0) return chosen
  const at = ids.indexOf(chosen ?? '')
  return (at === -1 ? ids[0] : ids.at((at + step) % ids.length)) ?? null
}
