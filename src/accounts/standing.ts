import type { Caller } from '../domain/people/account.ts'
import { callerFrom } from '../domain/people/caller.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountRecords } from '../ports/account-store.ts'

/**
 * The caller with the rights of this moment: they may have lost some since their request came in. @throws Problem
 * unauthenticated
 */
export async function asOfNow(records: Pick<AccountRecords, 'standing'>, caller: Caller, now: number): Promise<Caller> {
  const standing = await records.standing(caller.credentialId, now)
  if (standing) return callerFrom(standing)
  throw noLongerValid()
}

export function noLongerValid(): Problem {
  return new Problem('unauthenticated', 'The token or session has ended meanwhile, or its owner was disabled.')
}
