import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects garbage at once, so that a measure of the heap counts only memory that is still in use. */
export const collectGarbage: () => void = runInNewContext('gc')
