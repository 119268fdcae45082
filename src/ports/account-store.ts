import type { Account, Role, SessionStanding, Standing, Token, TokenStanding } from '../domain/people/account.ts'
import type { Session } from '../domain/people/session.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { JobStore } from './job-store.ts'

export type AccountChange = { role?: Role | undefined; tier?: string | undefined; disabled?: boolean | undefined }

/** An environment that a browser visits, and the session in which it does. */
export type Visited = { sessionId: string; environmentId: string }

/** Who a person is at an identity provider: a subject is never given to another person. */
export type Identity = { issuer: string; subject: string }

/** Records of people, and of their API tokens, passwords and sessions. */
export interface AccountRecords {
  account(id: UserId): Promise<Account | null>
  /** Administrators who are not disabled, by id. */
  administrators(): Promise<Account[]>
  accounts(query: { after?: UserId | undefined; limit: number }): Promise<Account[]>
  /** Adds a person. Gives false when there is such a person already. */
  addAccount(account: Account): Promise<boolean>
  changeAccount(id: UserId, change: AccountChange): Promise<Account | null>
  /** Whether it is recorded that a person has had a folder in the data root. */
  hadFolder(id: UserId): Promise<boolean>
  recordFolder(id: UserId): Promise<void>
  /** Forgets it: what was in the folder is in the trash. */
  forgetFolder(id: UserId): Promise<void>
  /** Everybody of whom that is recorded, by id. */
  hadFolders(): Promise<UserId[]>
  /** The ids of a person's environments, oldest first, also of those that are being deleted. */
  environmentIds(id: UserId): Promise<string[]>
  /** The id of the job with that key that is under way; null if there is none. */
  jobUnderWay(key: string): Promise<string | null>
  /** Removes a person, who has no environments, with their credentials. */
  removeAccount(id: UserId): Promise<void>

  addToken(token: Token): Promise<void>
  /** A token or session that works at `now`, with its owner: it has not expired, and its owner is not disabled. */
  standing(credentialId: string, now: number): Promise<Standing | null>
  /** The same for many at once, by their ids; those that do not work are left out. */
  standingsOf(credentialIds: readonly string[], now: number): Promise<Map<string, Standing>>
  /** A person's tokens that have not expired at `now`, oldest first. */
  tokens(userId: UserId, now: number): Promise<Token[]>
  /** The tokens that can do everything at `now`: not narrowed, and of administrators who are not disabled. */
  fullAdminTokens(now: number): Promise<TokenStanding['token'][]>
  token(id: string): Promise<Token | null>
  removeToken(id: string): Promise<void>
  removeExpiredTokens(now: number): Promise<void>
  /** Takes the administrator's role from a person's tokens, for good. */
  lowerTokens(userId: UserId): Promise<void>
  recordUse(tokenId: string, at: number): Promise<void>

  /** The hash of a person's password; null if they have none. */
  passwordHash(userId: UserId): Promise<string | null>
  setPasswordHash(userId: UserId, hash: string, at: number): Promise<void>
  /** Changes the hash of the same password. */
  renewPasswordHash(userId: UserId, hash: string): Promise<void>

  /** Records the one link that lets a person in, in the place of an earlier one. */
  setInvitation(userId: UserId, invitation: { codeHash: string; expiresAt: number }): Promise<void>
  /** The person whom a link lets in at `now`; null if it is unknown, was used, has expired, or the person is disabled. */
  invited(codeHash: string, now: number): Promise<Account | null>
  removeInvitation(userId: UserId): Promise<void>

  addSession(session: Session): Promise<void>
  /** A person's sessions that have not expired at `now`, oldest first. */
  sessions(userId: UserId, now: number): Promise<Session[]>
  session(id: string): Promise<Session | null>
  removeSession(id: string): Promise<void>
  /** Removes the session whose secret has that hash, if there is one. */
  removeSessionWith(secretHash: string): Promise<void>
  /** Removes a person's sessions, but keeps the one with the id `except`. */
  removeSessions(userId: UserId, except: string | null): Promise<void>
  /**
   * Removes the sessions for which an identity provider vouches, of a person or in a session of the provider's or both, and gives
   * them. At least one of the two is not null. A session that began after `begunUntil` stays.
   */
  removeVouchedSessions(
    voucher: string,
    ended: { userId: UserId | null; providerSession: string | null; begunUntil: number },
  ): Promise<Session[]>
  removeExpiredSessions(now: number): Promise<void>
  recordSessionUse(id: string, use: Pick<Session, 'lastUsedAt' | 'expiresAt'>): Promise<void>

  /** The id of the person who is known as that at an identity provider, even if their account was removed; null if nobody is. */
  identified(identity: Identity): Promise<UserId | null>
  /** As what a person is known at a provider, even if their account was removed; null if they are not known there. */
  identityOf(issuer: string, userId: UserId): Promise<Identity | null>
  /** Records as what a person is known at a provider from now on. */
  setIdentity(userId: UserId, identity: Identity): Promise<void>
  /** Forgets as what a person is known at all providers. */
  removeIdentities(userId: UserId): Promise<void>

  /** Records a code that a browser may exchange for a visit once, until it expires. Forgets codes that have expired at `now`. */
  addCode(code: Visited & { codeHash: string; expiresAt: number }, now: number): Promise<void>
  /** Whether a code for this environment is valid at `now`. */
  isCode(code: { codeHash: string; environmentId: string }, now: number): Promise<boolean>
  /** Forgets a code that is valid at `now`, and gives what it was for; null if there is none. */
  takeCode(codeHash: string, now: number): Promise<Visited | null>
  /** Records a visit of a session to an environment. Of many, only the newest stay. */
  addVisit(visit: Visited & { secretHash: string }, now: number): Promise<void>
}

/** The records of people in one transaction, and with them a new job. */
export type RecordsTogether = AccountRecords & { insertJob: JobStore['insert'] }

export interface AccountStore extends AccountRecords {
  /** What `standing` gives, by the hash of the token's secret. */
  tokenOwner(secretHash: string, now: number): Promise<Readonly<TokenStanding> | null>
  /** The same for a session. */
  sessionOwner(secretHash: string, now: number): Promise<Readonly<SessionStanding> | null>
  /** The session of a visit, by the hash of the visit's secret, and the environment that it is to. */
  visitor(secretHash: string, now: number): Promise<Readonly<SessionStanding & { environmentId: string }> | null>
  /**
   * Runs `work` as one transaction: nobody changes what it has read before it has written, not even another process. A
   * throw undoes it all. `work` uses the records that it is given, and waits for nothing else.
   */
  together<T>(work: (records: RecordsTogether) => Promise<T>): Promise<T>
}
