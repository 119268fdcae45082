import { createOneAtATime } from '../lib/one-at-a-time.ts'
import { TimeLimitError, timeLimit } from '../lib/time-limit.ts'
import { isMountPoint } from './mount-point.ts'

/**
 * Runs work on disks that may hang, one piece of work after the other, each for at most `limitMs`. `place` is the path
 * that may hang.
 *
 * A call to a dead file system cannot be ended, only abandoned, and it holds one of the process's four threads for as
 * long as it lasts. So while abandoned work hangs at a place, no more work begins there or below it. If work hangs at
 * `mostHanging` places, none begins at another mount point either, because that may hang too.
 *
 * @throws TimeLimitError
 */
export type Patience = <T>(place: string, what: string, work: () => Promise<T>) => Promise<T>

export function createPatience(limitMs: number, mostHanging = Number.POSITIVE_INFINITY): Patience {
  const hanging = new Set<string>()
  const oneAtATime = createOneAtATime()

  async function refuseHanging(place: string, what: string): Promise<void> {
    if ([...hanging].some((at) => `${place}/`.startsWith(`${at}/`))) {
      throw new TimeLimitError(`${what}: the file system still does not answer`)
    }
    if (hanging.size >= mostHanging && (await isMountPoint(place))) {
      throw new TimeLimitError(
        `${what}: a disk of its own, left alone while others do not answer: ${[...hanging].join(', ')}`,
      )
    }
  }

  return (place, what, work) =>
    oneAtATime('', async () => {
      await refuseHanging(place, what)
      const running = work()
      try {
        return await timeLimit(what, limitMs, () => running)
      } catch (error) {
        if (error instanceof TimeLimitError) {
          hanging.add(place)
          const back = () => hanging.delete(place)
          running.then(back, back)
        }
        throw error
      }
    })
}
