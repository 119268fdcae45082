import type { Environment } from '../domain/environment/environment.ts'
import type { Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import { Problem } from '../domain/problem.ts'

const each = 1_000
// A frontend may ask for many people with the token of one account that owns all environments.
const administrator = 10_000
const retryAfterSeconds = 2

type Closable = { on(event: 'close', listener: () => void): unknown }
type Asked = { caller: Caller; environment: Pick<Environment, 'id' | 'userId'> }

/**
 * Counts the requests and WebSockets of each person that are under way. Each takes a socket of the process, which all people
 * share, and one connection may bring any number of requests.
 *
 * Requests of an administrator to another person's environment are counted for that environment alone. A page of it may send
 * them with the administrator's visit, and must not use up their other places.
 *
 * @throws Problem too-many-at-once
 */
export type TakePlace = (asked: Asked, connection: Closable) => void

export function createBound(): TakePlace {
  const taken = new Map<string, number>()
  return ({ caller, environment }, connection) => {
    const { userId } = caller
    const isOwn = environment.userId === userId
    const key = isOwn ? userId : `${userId} ${environment.id}`
    const count = taken.get(key) ?? 0
    if (count >= each && count >= (isOwn && can(caller, 'request:for-many') ? administrator : each)) {
      const where = isOwn ? 'at your environments' : `at ${environment.id}`
      const detail = `You have ${count} requests and WebSockets ${where} under way. Wait until one of them is done, or close one.`
      throw new Problem('too-many-at-once', detail, { retryAfterSeconds })
    }
    taken.set(key, count + 1)
    // Node emits it once; `once` would only cost a wrapper.
    connection.on('close', () => {
      const left = (taken.get(key) ?? 0) - 1
      if (left > 0) taken.set(key, left)
      else taken.delete(key)
    })
  }
}
