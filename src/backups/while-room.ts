import { Problem } from '../domain/problem.ts'
import { type Room, roomLimits } from '../domain/room.ts'
import type { Clock } from '../ports/clock.ts'

const lookEveryMs = 200

/**
 * Does work that fills a disk, and ends it before it takes the last room there, which the records of the lab need.
 * @throws Problem no-room with `detail`
 */
export async function whileRoom<T>(
  room: () => Promise<Room>,
  work: (options: { signal: AbortSignal }) => Promise<T>,
  { detail, signal, clock }: { detail: string; signal: AbortSignal; clock: Pick<Clock, 'sleep'> },
): Promise<T> {
  const done = new AbortController()
  const short = new AbortController()
  const look = async () => {
    while (!done.signal.aborted) {
      if ((await room()).freeBytes < roomLimits.problem.bytes) return short.abort(new Problem('no-room', detail))
      await clock.sleep(lookEveryMs, { signal: done.signal })
    }
  }
  const looking = look().catch((error: unknown) => short.abort(error))
  try {
    return await work({ signal: AbortSignal.any([signal, short.signal]) })
  } finally {
    done.abort()
    await looking
  }
}
