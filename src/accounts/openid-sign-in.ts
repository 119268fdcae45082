import type { Account, Caller } from '../domain/people/account.ts'
import { lastBegin } from '../domain/people/ended-elsewhere.ts'
import { type Claims, type GroupRules, idInClaim, rightsByGroups } from '../domain/people/provider-claims.ts'
import type { Session } from '../domain/people/session.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { AccountChange, AccountRecords, AccountStore, Identity } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { IdentityProvider } from '../ports/identity-provider.ts'
import type { Attempts } from './attempts.ts'
import { isProven, requireSamePerson } from './connect-account.ts'
import { attemptOf, newAttempt } from './openid-attempt.ts'
import { createRecentEnds } from './recent-ends.ts'
import { beginSession, type From, type SessionsLog } from './sessions.ts'
import type { SignedIn } from './sign-in.ts'
import { changeAccount } from './users.ts'

type Back = { query: string; attempt: string; present: Caller | null } & From

/** Signs people in by an identity provider. A secret in the browser's cookie binds its answer to the browser that asked. */
export type OpenIdSignIn = {
  /** The provider, for people to read. */
  name: string
  /** Where the browser goes, and the attempt for its cookie. @throws Problem identity-provider-away */
  begin(next: string | null): Promise<{ url: string; attempt: string }>
  /**
   * Signs in whom the provider sent back with that query. `present` has signed in with this browser before.
   *
   * @throws Problem sign-in-failed, identity-provider-away, wrong-state for an account that a person has to link
   */
  finish(back: Back): Promise<SignedIn>
  /** Whether a person has proven here that the account is theirs, so that a sign-in by the provider connects it. */
  mayConnect(caller: Caller): Promise<boolean>
  /** Ends the sessions here of one that has ended at the provider. @throws Problem invalid-request, identity-provider-away */
  end(logoutToken: string): Promise<void>
  /** Where the browser of a session that has ended signs out of the provider too; null if it need not. */
  signOutUrl(session: Session): Promise<string | null>
}

export type OpenIdSignInLog = Pick<SessionsLog, 'began'> & {
  linked(userId: UserId, identity: Identity): void
  endedElsewhere(session: Session): void
  /** A person's groups would take the administrator's role from the last administrator, or the last full token. */
  keptRole(userId: UserId): void
}

export function createOpenIdSignIn(deps: {
  provider: IdentityProvider
  settings: { name: string; issuer: string; userClaim: string; groups: GroupRules }
  accounts: AccountStore
  attempts: Pick<Attempts, 'beginElsewhere'>
  clock: Pick<Clock, 'now' | 'steady'>
  log: OpenIdSignInLog
}): OpenIdSignIn {
  const { provider, settings, accounts, attempts, clock, log } = deps
  const { name, issuer } = settings
  const recentEnds = createRecentEnds(clock)

  /** Runs the whole sign-in as one transaction. */
  function enter(claims: Claims, present: Caller | null, from: From, rights: AccountChange) {
    const now = clock.now()
    const identity = { issuer, subject: claims.subject }
    const word = { voucher: issuer, providerSession: typeof claims.sid === 'string' ? claims.sid : null }
    return accounts.together(async (records) => {
      if (recentEnds.include(claims)) {
        throw new Problem('sign-in-failed', `Your session at ${name} has ended meanwhile. Sign in again.`)
      }
      const known = await records.identified(identity)
      const id = known ?? idInClaim(claims, settings.userClaim)
      const account = (await records.account(id)) ?? (await added(records, id, now))
      if (account.disabled) throw new Problem('sign-in-failed', `The account ${id} is disabled in this lab.`)
      if (!known) {
        await requireSamePerson(records, account, { present, provider: settings, now })
        await records.setIdentity(id, identity)
      }
      const changed = await renewed(records, account, rights, now)
      return { account: changed, isNew: !known, ...(await beginSession(records, id, from, now, word)) }
    })
  }

  /**
   * An answer that signs nobody in counts against the address that it came from, but not if the provider is away. If it is the lab that
   * refuses, it counts for the person first: many may come from one address.
   */
  async function counted<T>(address: string, work: (onPerson: (subject: string) => void) => Promise<T>): Promise<T> {
    const attempt = attempts.beginElsewhere(address)
    let person: string | null = null
    try {
      const result = await work((subject) => {
        person = subject
      })
      attempt.takeBack()
      return result
    } catch (error) {
      if (!isProblem(error, 'sign-in-failed') && !isProblem(error, 'wrong-state')) attempt.takeBack()
      else if (person === null) attempt.failed()
      else attempt.refused(person)
      throw error
    }
  }

  async function answered({ query, attempt, present, ...from }: Back, onPerson: (subject: string) => void) {
    const claims = await provider.claimsOf(query, attemptOf(attempt))
    onPerson(claims.subject)
    const rights = rightsByGroups(claims, settings.groups)
    const begun = await enter(claims, present, from, rights).catch(async (error: unknown) => {
      if (!(error instanceof LastAdministrator)) throw error
      const { role: _, ...others } = rights
      const anyway = await enter(claims, present, from, others)
      log.keptRole(anyway.account.id)
      return anyway
    })
    return { ...begun, subject: claims.subject }
  }

  return {
    name,
    async begin(next) {
      const attempt = newAttempt(next)
      return { url: await provider.signInUrl(attemptOf(attempt)), attempt }
    },

    async finish(back) {
      const signedIn = await counted(back.address, (onPerson) => answered(back, onPerson))
      const { account, session, secret, isNew, subject } = signedIn
      if (isNew) log.linked(account.id, { issuer, subject })
      log.began(session)
      return { account, secret, expiresAt: session.expiresAt }
    },

    mayConnect: (caller) => isProven(accounts, caller, caller.userId, clock.now()),

    async end(logoutToken) {
      const end = await provider.endedBy(logoutToken)
      const { subject, session: providerSession } = end
      recentEnds.add(end) // first, so that a sign-in under way either sees it or has its session removed below
      const ended = await accounts.together(async (records) => {
        const userId = subject === null ? null : await records.identified({ issuer, subject })
        if (subject !== null && userId === null) return [] // they never signed in here
        return await records.removeVouchedSessions(issuer, { userId, providerSession, begunUntil: lastBegin(end) })
      })
      for (const each of ended) log.endedElsewhere(each)
    },

    async signOutUrl({ voucher }) {
      if (voucher !== issuer) return null
      return await provider.signOutUrl().catch(nullIfAway)
    },
  }
}

async function added(records: AccountRecords, id: UserId, now: number): Promise<Account> {
  const account = { id, role: 'user', tier: 'default', disabled: false, createdAt: now } as const
  await records.addAccount(account)
  return account
}

class LastAdministrator extends Error {}

/** Gives the account the rights that the person's groups give. @throws LastAdministrator: the transaction is undone */
async function renewed(
  records: AccountRecords,
  account: Account,
  { role = account.role, tier = account.tier }: AccountChange,
  now: number,
): Promise<Account> {
  if (role === account.role && tier === account.tier) return account
  const change = { tier, ...(role !== account.role && { role }) }
  return changeAccount(records, account.id, change, now).catch((error: unknown) => {
    const isLast = isProblem(error, 'wrong-state') || isProblem(error, 'last-credential')
    throw isLast ? new LastAdministrator('', { cause: error }) : error
  })
}

function nullIfAway(error: unknown): null {
  if (isProblem(error, 'identity-provider-away')) return null
  throw error
}
