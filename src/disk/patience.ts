import { TimeLimitError, timeLimit } from '../lib/time-limit.ts'

/**
 * Runs work on a disk that may hang: at most `limitMs`, and while something that was abandoned still hangs, nothing
 * more, since each call to a dead file system holds one of the process's few threads for as long as it lasts.
 *
 * @throws TimeLimitError
 */
export type Patience = <T>(what: string, work: () => Promise<T>) => Promise<T>

export function createPatience(limitMs: number): Patience {
  let abandoned = 0
  return async (what, work) => {
    if (abandoned > 0) throw new TimeLimitError(`${what}: the file system still does not answer`)
    const running = work()
    try {
      return await timeLimit(what, limitMs, () => running)
    } catch (error) {
      if (error instanceof TimeLimitError) {
        abandoned += 1
        const back = () => {
          abandoned -= 1
        }
        running.then(back, back)
      }
      throw error
    }
  }
}
