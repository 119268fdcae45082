import type { Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import { Problem } from '../domain/problem.ts'

const each = 1_000
// A frontend asks for many people with one token.
const administrator = 10_000
const retryAfterSeconds = 2

type Closable = { on(event: 'close', listener: () => void): unknown }

/**
 * Counts the requests and WebSockets of each person that are under way. Each takes a socket of the process, which all people
 * share, and one connection may bring any number of requests.
 *
 * @throws Problem too-many-at-once
 */
export type TakePlace = (caller: Caller, connection: Closable) => void

export function createBound(): TakePlace {
  const taken = new Map<string, number>()
  return (caller, connection) => {
    const { userId } = caller
    const count = taken.get(userId) ?? 0
    if (count >= each && count >= (can(caller, 'request:for-many') ? administrator : each)) {
      const detail = `You have ${count} requests and WebSockets at environments under way. Wait until one of them is done, or close one.`
      throw new Problem('too-many-at-once', detail, { retryAfterSeconds })
    }
    taken.set(userId, count + 1)
    // Node emits it once; `once` would only cost a wrapper.
    connection.on('close', () => {
      const left = (taken.get(userId) ?? 0) - 1
      if (left > 0) taken.set(userId, left)
      else taken.delete(userId)
    })
  }
}
