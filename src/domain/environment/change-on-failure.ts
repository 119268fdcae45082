import type { Environment, Failure, Observation } from './environment.ts'
import { toReplace } from './plan.ts'

type Wanted = Pick<Environment, 'replaceContainer' | 'madeFrom' | 'safe'>

const staysAsItWas = 'Its container stays as it was: start the environment to go on with it.'

/**
 * The change of the record that calls a replacement off, so that the next start goes on with the container that is there. Null if there is
 * no replacement, or if a start would replace the container all the same. Pure.
 */
export function callOff(wanted: Wanted, seen: Observation | undefined) {
  const kept = { replaceContainer: null, madeFrom: wanted.madeFrom === 'latest' ? null : wanted.madeFrom }
  const goesOn = seen?.kind === 'container' && toReplace(wanted, seen) && !toReplace({ ...wanted, ...kept }, seen)
  return goesOn ? kept : null
}

/** The change of the record when a pass fails. Without an image for a new container, the replacement is called off. Pure. */
export function changeOnFailure(failure: Failure, wanted: Wanted, seen: Observation | undefined) {
  const kept = failure.code === 'image-unavailable' ? callOff(wanted, seen) : null
  if (!kept) return { failure }
  const also = (words: string) => `${words} ${staysAsItWas}`
  return { failure: { ...failure, detail: also(failure.detail), adminDetail: also(failure.adminDetail) }, ...kept }
}
