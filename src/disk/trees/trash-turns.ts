import { createOneAtATime, type OneAtATime } from '../../lib/one-at-a-time.ts'

/** Lets one piece of work at a time touch an entry of the trash. The key is the entry's id. */
export type TrashTurns = {
  take: OneAtATime
  /** Takes a turn to carry the entry to the trash. The signal aborts once somebody removes the entry for good. */
  carry<T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Takes a turn to remove the entry for good. Ends the carrying first: that may take hours. */
  remove<T>(id: string, work: () => Promise<T>): Promise<T>
  isOnItsWay(id: string): boolean
}

export function createTrashTurns(): TrashTurns {
  const take = createOneAtATime()
  const carryings = new Map<string, AbortController>()
  return {
    take,

    carry: (id, work) =>
      take(id, async () => {
        const ending = new AbortController()
        carryings.set(id, ending)
        try {
          return await work(ending.signal)
        } finally {
          carryings.delete(id)
        }
      }),

    remove(id, work) {
      carryings.get(id)?.abort()
      return take(id, work)
    },

    isOnItsWay: (id) => carryings.has(id),
  }
}
