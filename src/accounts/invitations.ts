import type { Account, Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import { wholeGrant } from '../domain/people/grant.ts'
import { requirePassword } from '../domain/people/password.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { randomSecret } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AccountRecords, AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { changePassword } from './passwords.ts'
import { beginSession, type From, type SessionsLog } from './sessions.ts'
import type { SignedIn } from './sign-in.ts'
import { asOfNow } from './standing.ts'

const lifeMs = 86_400_000

export type Invitations = {
  /** Makes the code of a link that signs a person in once, within a day. @throws Problem forbidden, user-not-found */
  make(caller: Caller, userId: UserId): Promise<Invitation>
  /** The person whom a code lets in, without using it up: programs that check mail open links too. */
  look(code: string): Promise<{ userId: UserId; hasPassword: boolean } | null>
  /**
   * Uses a code up, and signs its person in. A person without a password chooses one; others may.
   *
   * @throws Problem link-not-valid, invalid-request, too-many-at-once
   */
  accept(request: { code: string; password: string | null } & From): Promise<SignedIn>
}

export type Invitation = { code: string; expiresAt: number }

export type InvitationsLog = Pick<SessionsLog, 'began'> & { invited(userId: UserId, by: UserId): void }

export function createInvitations(deps: {
  accounts: AccountStore
  hashing: Pick<PasswordHashing, 'hash'>
  clock: Clock
  log: InvitationsLog
}): Invitations {
  const { accounts, hashing, clock, log } = deps
  return {
    async make(caller, userId) {
      const now = clock.now()
      const made = await accounts.together(async (records) => {
        const account = await records.account(userId)
        const credential = { id: '', ...wholeGrant(account?.role ?? 'user') }
        const inviter = await asOfNow(records, caller, now)
        requireRight(inviter, 'invitation:make', { owner: userId, credential }, 'This is for administrators.')
        return await makeInvitation(records, userId, now)
      })
      log.invited(userId, caller.userId)
      return made
    },

    async look(code) {
      const account = await accounts.invited(sha256(code), clock.now())
      return account && { userId: account.id, hasPassword: (await accounts.passwordHash(account.id)) !== null }
    },

    async accept({ code, password, ...from }) {
      const invited = await this.look(code)
      if (!invited) throw notValid()
      if (password !== null || !invited.hasPassword) requirePassword(password ?? '', invited.userId)
      const hash = password === null ? null : await hashing.hash(invited.userId, password)
      const now = clock.now()
      const signedIn = await accounts.together(async (records) => {
        const account = await records.invited(sha256(code), now)
        if (!account) throw notValid() // used meanwhile
        await records.removeInvitation(account.id)
        if (hash !== null) await changePassword(records, account.id, { hash, now, ownSession: null })
        return { account, ...(await beginSession(records, account.id, from, now)) }
      })
      log.began(signedIn.session)
      return { account: signedIn.account, secret: signedIn.secret, expiresAt: signedIn.session.expiresAt }
    },
  }
}

/** Records an invitation in the place of an earlier one. @throws Problem user-not-found, wrong-state */
export async function makeInvitation(records: AccountRecords, userId: UserId, now: number): Promise<Invitation> {
  const account: Account | null = await records.account(userId)
  if (!account) throw new Problem('user-not-found', `There is no user ${userId}.`)
  if (account.disabled) throw new Problem('wrong-state', `${userId} is disabled. Enable the account first.`)
  const code = randomSecret()
  const expiresAt = now + lifeMs
  await records.setInvitation(userId, { codeHash: sha256(code), expiresAt })
  return { code, expiresAt }
}

function notValid(): Problem {
  return new Problem('link-not-valid', 'This link was used, has expired, or was replaced. Ask for a new one.')
}
