import { isProblem, type Problem } from '../domain/problem.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'

/** The disk of the data root is full. A pass waits for room: nothing is wrong with the environment itself. */
export class NoRoomToRecord extends Error {
  override name = 'NoRoomToRecord'
  readonly reason: Problem

  constructor(reason: Problem) {
    super(reason.message, { cause: reason })
    this.reason = reason
  }
}

export type Records = Pick<EnvironmentStore, 'change' | 'claimHostPort' | 'forget'>

/** The same records, for the steps of a pass: on a full disk they throw NoRoomToRecord. */
export function recordsOfPass(store: Records): Records {
  async function unlessFull<T>(write: Promise<T>): Promise<T> {
    try {
      return await write
    } catch (error) {
      throw isProblem(error, 'no-room') ? new NoRoomToRecord(error) : error
    }
  }
  return {
    change: (...change) => unlessFull(store.change(...change)),
    claimHostPort: (...claim) => unlessFull(store.claimHostPort(...claim)),
    forget: (id) => unlessFull(store.forget(id)),
  }
}
