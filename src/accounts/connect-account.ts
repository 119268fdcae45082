import type { Account, Caller } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountRecords } from '../ports/account-store.ts'

type Records = Pick<AccountRecords, 'standing' | 'session'>

/**
 * Requires that the person whom a provider calls by the id of an account is the person of that account. An account with a password,
 * and an administrator's, belongs to whoever has signed in to it here, in the same browser.
 *
 * @throws Problem wrong-state
 */
export async function requireSamePerson(
  records: Records & Pick<AccountRecords, 'identityOf' | 'passwordHash'>,
  { id, role }: Account,
  { present, provider, now }: { present: Caller | null; provider: { name: string; issuer: string }; now: number },
): Promise<void> {
  if (await isProven(records, present, id, now)) return
  const { name, issuer } = provider
  if (await records.identityOf(issuer, id)) {
    throw new Problem(
      'wrong-state',
      `The account ${id} belongs to another person at ${name}. If it is yours, ask an administrator of the lab for a link to sign in. Open it, and then connect your account with ${name} at /sign-in.`,
    )
  }
  if (role === 'admin' || (await records.passwordHash(id)) !== null) {
    throw new Problem(
      'wrong-state',
      `There is an account ${id} already. To connect it with ${name}, sign in to it here first, with its password or with a link from an administrator.`,
    )
  }
}

/** Whether somebody has signed in to an account here, with its password or a link. The word of a provider or proxy is no proof. */
export async function isProven(records: Records, present: Caller | null, id: UserId, now: number): Promise<boolean> {
  if (present?.kind !== 'session' || present.userId !== id) return false
  if (!(await records.standing(present.credentialId, now))) return false
  return (await records.session(present.credentialId))?.voucher === null
}
