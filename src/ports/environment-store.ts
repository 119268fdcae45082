import type { DesiredState, Environment, Failure } from '../domain/environment/environment.ts'
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

/** What a door or the reconciler may change of a record. */
export type EnvironmentChange = Partial<{
  name: string
  token: string
  hostPort: number | null
  desired: DesiredState
  restartRequestedAt: number | null
  replaceContainer: string | null
  madeFrom: Environment['madeFrom']
  failure: Failure | null
  lastActivityAt: number | null
  idleAction: IdleAction | null
}>

/** What makes two creations one: the person's key, and the hash of what was asked for. */
export type IdempotencyClaim = { userId: UserId; key: string; requestHash: string }

/** Records of environments: what is desired. A database that does not answer rejects with the driver's error. */
export interface EnvironmentStore {
  get(id: string): Promise<Environment | null>
  /** Newest first. */
  list(query: ListQuery): Promise<Environment[]>
  /** All records, newest first, read page by page. */
  every(): AsyncIterable<Environment>
  /**
   * Records a new environment together with its claim, or neither: `claimed` when that key was claimed before (look
   * with `claimed`), `full` when the person has `atMost` environments already, `tier-changed` when their tier is not `tier`,
   * `taken` when there is a record of that id.
   */
  insert(
    environment: Environment,
    options: { claim: IdempotencyClaim | null; atMost: number; tier?: string },
  ): Promise<'inserted' | 'claimed' | 'full' | 'tier-changed' | 'taken'>
  /** What a key was claimed for; null when it never was, and a day after. */
  claimed(userId: UserId, key: string, now: number): Promise<{ requestHash: string; environmentId: string } | null>

  /**
   * Changes a record and gives it as it is now; null when there is none, or when it is to be gone already. With `as`,
   * only as long as that is still so: nobody has acted since it was read.
   */
  change(
    id: string,
    change: EnvironmentChange,
    options?: { as?: Pick<Environment, 'desired' | 'lastActivityAt'> },
  ): Promise<Environment | null>
  /** Gives a record the port that `choose` picks, knowing those of all records, and gives that port. */
  claimHostPort(id: string, choose: (given: ReadonlySet<number>) => number | null): Promise<number | null>
  forget(id: string): Promise<void>

  /** Remembers whose containers of an earlier platform are, by the containers' names; what is known is kept. */
  recordLegacyOwners(owners: ReadonlyMap<string, UserId>): Promise<void>
  /** Owners by the names of containers of an earlier platform. */
  legacyOwners(): Promise<Map<string, UserId>>
}
