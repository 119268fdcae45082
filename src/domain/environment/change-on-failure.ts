import type { Environment, Failure, Observation } from './environment.ts'
import { toReplace } from './plan.ts'

type Wanted = Pick<Environment, 'replaceContainer' | 'madeFrom' | 'safe'>

const staysAsItWas = 'Its container stays as it was: start the environment to go on with it.'

/**
 * The change of the record when a pass fails. If there is no image for a new container, the replacement is called off: the next start
 * goes on with the container that is there. Pure.
 */
export function changeOnFailure(failure: Failure, wanted: Wanted, seen: Observation | undefined) {
  const kept = { replaceContainer: null, madeFrom: wanted.madeFrom === 'latest' ? null : wanted.madeFrom }
  const stays =
    failure.code === 'image-unavailable' &&
    seen?.kind === 'container' &&
    toReplace(wanted, seen) &&
    !toReplace({ ...wanted, ...kept }, seen)
  if (!stays) return { failure }
  const also = (words: string) => `${words} ${staysAsItWas}`
  return { failure: { ...failure, detail: also(failure.detail), adminDetail: also(failure.adminDetail) }, ...kept }
}
