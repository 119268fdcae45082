import { type Caller, callerFrom } from '../domain/people/account.ts'
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
  return new Problem('unauthenticated', 'The token has expired or was revoked meanwhile, or its owner was disabled.')
}
