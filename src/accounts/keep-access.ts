import { lifeOf } from '../domain/people/grant.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountRecords } from '../ports/account-store.ts'

/**
 * Makes a change that may take rights away, in the transaction of `records`. It must not shorten the time for which the
 * lab has an administrator's full token: the lab does not give up one that never expires for one that does.
 *
 * @throws Problem last-credential: the change is undone
 */
export async function keepAccess<T>(records: AccountRecords, now: number, change: () => Promise<T>): Promise<T> {
  const before = await accessUntil(records, now)
  const result = await change()
  if ((await accessUntil(records, now)) >= before) return result
  throw new Problem(
    'last-credential',
    'No other token lets an administrator in for as long. Make another full token of an administrator first.',
  )
}

async function accessUntil(records: AccountRecords, now: number): Promise<number> {
  return Math.max(now, ...(await records.fullAdminTokens(now)).map(lifeOf))
}
