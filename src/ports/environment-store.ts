import type { DesiredState, Environment, Failure, Outline } from '../domain/environment/environment.ts'
import type { IdleAction } from '../domain/idle/idle.ts'
import type { UserId } from '../domain/people/user-id.ts'

/** A position in the list: newest first, ids decide between equal times. */
export type ListPosition = { createdAt: number; id: string }

export type ListQuery = {
  userId?: UserId | undefined
  template?: string | undefined
  after?: ListPosition | undefined
  limit: number
}

/** The fields of a record that a door or the reconciler may change. */
export type EnvironmentChange = Partial<{
  name: string
  token: string
  hostPort: number | null
  desired: DesiredState
  restartRequestedAt: number | null
  replaceContainer: string | null
  madeFrom: Environment['madeFrom']
  safe: boolean
  failure: Failure | null
  lastActivityAt: number | null
  idleAction: IdleAction | null
  upstream: Environment['upstream']
  outOfMemoryAt: number | null
}>

/** That an administrator opened somebody else's environment. `at`: milliseconds since the epoch. */
export type Opening = { environmentId: string; userId: UserId; by: 'browser' | 'token'; at: number }

/** Tells that two requests are one creation: the person's key, and the hash of the request. */
export type IdempotencyClaim = { userId: UserId; key: string; requestHash: string }

/**
 * Records of environments: what is desired. If the database does not answer, a call rejects with the driver's error.
 */
export interface EnvironmentStore {
  /** Callers may share what they get. */
  get(id: string): Promise<Readonly<Environment> | null>
  /** Newest first. Callers may share what they get. */
  list(query: ListQuery): Promise<readonly Readonly<Environment>[]>
  /** All records, newest first, in pages of a thousand. */
  pages(): AsyncIterable<readonly Environment[]>
  /** The outlines of all records, in the same pages, with much less to read and to parse. */
  outlines(): AsyncIterable<readonly Outline[]>
  /** How many environments a person has; one that is desired to be gone does not count. */
  count(userId: UserId): Promise<number>
  /**
   * Records a new environment together with its claim, or neither: `claimed` when that key was claimed before (look
   * with `claimed`), `no-owner` when the person has no account, `owner-disabled` when it is disabled, `tier-changed` when their tier is
   * not `tier`, `full` when they have `atMost` environments already, `taken` when there is a record of that id.
   */
  insert(
    environment: Environment,
    options: { claim: IdempotencyClaim | null; atMost: number; tier?: string },
  ): Promise<'inserted' | 'claimed' | 'no-owner' | 'owner-disabled' | 'tier-changed' | 'full' | 'taken'>
  /** The request that claimed a key; null if none did, or if that was more than a day ago. */
  claimed(userId: UserId, key: string, now: number): Promise<{ requestHash: string; environmentId: string } | null>

  /**
   * Changes a record and gives it as it is now; null if there is none, or if it is already desired to be gone. With
   * `as`, changes it only while the record still has those values: nobody has acted since it was read.
   */
  change(
    id: string,
    change: EnvironmentChange,
    options?: { as?: Pick<Environment, 'desired' | 'lastActivityAt'> },
  ): Promise<Environment | null>
  /** Gives a record a port, and gives that port: `choose` gets the ports of all records and picks one. */
  claimHostPort(id: string, choose: (given: ReadonlySet<number>) => number | null): Promise<number | null>
  forget(id: string): Promise<void>

  /** Of each environment the last hundred are kept, also when its record is forgotten. */
  addOpening(opening: Opening): Promise<void>
  /** The latest of an environment, newest first. */
  openings(environmentId: string, atMost: number): Promise<Opening[]>

  /** Remembers the owners of an earlier platform's containers, by the containers' names; known owners are kept. */
  recordLegacyOwners(owners: ReadonlyMap<string, UserId>): Promise<void>
  /** Owners by the names of containers of an earlier platform. */
  legacyOwners(): Promise<Map<string, UserId>>
}
