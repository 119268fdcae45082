import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Frees what nothing refers to any more, at once: what is measured of the heap before and after is then what is kept. */
export const collectGarbage: () => void = runInNewContext('gc')
