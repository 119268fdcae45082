import type { Catalog } from '../domain/environment/catalog.ts'
import { userFolder } from '../domain/names.ts'
import type { Account, Caller, Role } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import { type RemovalChoice, removalKey } from '../domain/people/removal.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountChange, AccountRecords, AccountStore, RecordsTogether } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { keepAccess } from './keep-access.ts'
import { asOfNow } from './standing.ts'

export type Users = {
  /** @throws Problem user-exists, unknown-tier */
  add(caller: Caller, request: { id: UserId; role: Role; tier: string }): Promise<Account>
  /** @throws Problem user-not-found */
  one(id: UserId): Promise<Account>
  /** By id; `next` is the id after which the following page begins, null at the end. */
  page(options: { after: UserId | null; limit: number }): Promise<{ items: Account[]; next: UserId | null }>
  /** @throws Problem user-not-found, unknown-tier, wrong-state for the last administrator, last-credential */
  change(caller: Caller, id: UserId, change: AccountChange): Promise<Account>
  /** @throws Problem user-not-found, wrong-state, last-credential; job-under-way while a job removes them */
  remove(caller: Caller, id: UserId): Promise<void>
  /**
   * Disables a person who is to be removed, in one transaction with `write`.
   * @throws Problem user-not-found, last-credential, wrong-state for the last administrator, or if the person has environments that are to
   * be kept, job-under-way while a job removes them; as `write`: the person stays as they were
   */
  shutOut<T>(
    caller: Caller,
    id: UserId,
    choice: Pick<RemovalChoice, 'environments'>,
    write: (records: RecordsTogether, account: Account) => Promise<T>,
  ): Promise<T>
}

export function createUsers(deps: { accounts: AccountStore; catalog: Catalog; clock: Clock }): Users {
  const { accounts, catalog, clock } = deps

  /** Runs `work` as one transaction, in which it also checks that the caller still has the right. */
  function managing<T>(caller: Caller, work: (records: RecordsTogether, now: number) => Promise<T>): Promise<T> {
    const now = clock.now()
    return accounts.together(async (records) => {
      requireRight(await asOfNow(records, caller, now), 'users:manage', {}, 'This is for administrators.')
      return work(records, now)
    })
  }

  return {
    async add(caller, { id, role, tier }) {
      requireTier(catalog, tier)
      return managing(caller, (records, now) => addAccount(records, { id, role, tier }, now))
    },
    one: async (id) => known(await accounts.account(id), id),
    async page({ after, limit }) {
      const items = await accounts.accounts({ after: after ?? undefined, limit: limit + 1 })
      const more = items.length > limit
      items.length = Math.min(items.length, limit)
      return { items, next: more ? (items.at(-1)?.id ?? null) : null }
    },
    async change(caller, id, change) {
      if (change.tier !== undefined) requireTier(catalog, change.tier)
      return managing(caller, (records, now) => changeAccount(records, id, change, now))
    },
    remove: (caller, id) => managing(caller, (records, now) => removeAtOnce(records, id, now)),
    shutOut: (caller, id, { environments }, write) =>
      managing(caller, async (records, now) => {
        await requireNoRemoval(records, id)
        const account = await changeAccount(records, id, { disabled: true }, now)
        if (environments === 'keep') await requireNoEnvironments(records, id)
        return await write(records, account)
      }),
  }
}

type NewAccount = { id: UserId; role: Role; tier: string }

/** @throws Problem user-exists */
export async function addAccount(
  records: AccountRecords,
  { id, role, tier }: NewAccount,
  now: number,
): Promise<Account> {
  const account = { id, role, tier, disabled: false, createdAt: now }
  if (!(await records.addAccount(account))) throw new Problem('user-exists', `There is a user ${id} already.`)
  await records.removeIdentities(id) // an earlier person of that id may have been another one
  return account
}

/** Changes an account and what follows from that. @throws Problem user-not-found, wrong-state, last-credential */
export function changeAccount(
  records: AccountRecords,
  id: UserId,
  change: AccountChange,
  now: number,
): Promise<Account> {
  return keepAccess(records, now, () => changed(records, id, change))
}

/** Removes an account as `removeAccount` does, unless a job removes it. @throws as `removeAccount`; Problem job-under-way */
export async function removeAtOnce(records: AccountRecords, id: UserId, now: number): Promise<void> {
  await requireNoRemoval(records, id)
  await removeAccount(records, id, now)
}

/** Beside a second removal the job would fail, or remove less than that was to remove. @throws Problem job-under-way */
async function requireNoRemoval(records: AccountRecords, id: UserId): Promise<void> {
  const job = await records.jobUnderWay(removalKey(id))
  if (job === null) return
  throw new Problem(
    'job-under-way',
    `The job ${job} removes ${id} already, with what was chosen for their environments and files. It goes on while the service runs, and fails if ${id} was enabled meanwhile. To choose otherwise, cancel it first (POST /api/jobs/${job}/cancel).`,
  )
}

/**
 * Removes an account with its credentials; the person's folder stays. @throws Problem user-not-found, wrong-state,
 * last-credential
 */
export async function removeAccount(records: AccountRecords, id: UserId, now: number): Promise<void> {
  known(await records.account(id), id)
  await requireNoEnvironments(records, id)
  await keepAccess(records, now, async () => {
    await records.removeAccount(id)
    await requireAnAdministrator(records, id)
  })
}

/** @throws Problem wrong-state */
export async function requireNoEnvironments(records: AccountRecords, id: UserId): Promise<void> {
  const environments = await records.environmentIds(id)
  if (environments.length > 0) throw new Problem('wrong-state', stillHas(id, environments))
}

const named = 10

function stillHas(id: UserId, environments: readonly string[]): string {
  const more = environments.length - named
  const names = environments.slice(0, named).join(', ') + (more > 0 ? ` and ${more} more` : '')
  return `${id} still has environments: ${names}. Let them be deleted too (DELETE /api/users/${id}?environments=delete, or bin/ailab user remove ${id} --environments delete), delete them first, or disable the account. The files in ${userFolder(id)} stay, unless you choose the trash for them.`
}

/** @throws Problem unknown-tier */
export function requireTier({ tiers }: Pick<Catalog, 'tiers'>, tier: string): void {
  if (Object.hasOwn(tiers, tier)) return
  throw new Problem('unknown-tier', `There is no tier "${tier}". There are: ${Object.keys(tiers).join(', ')}.`)
}

async function changed(records: AccountRecords, id: UserId, change: AccountChange): Promise<Account> {
  const account = known(await records.changeAccount(id, change), id)
  // Their tokens are lowered for good: a later promotion must not bring an old, perhaps leaked, token back to life.
  if (change.role === 'user') await records.lowerTokens(id)
  if (change.disabled) {
    await records.removeSessions(id, null)
    await records.removeInvitation(id)
  }
  await requireAnAdministrator(records, id)
  return account
}

async function requireAnAdministrator(records: AccountRecords, last: UserId): Promise<void> {
  if ((await records.administrators()).length > 0) return
  throw new Problem('wrong-state', `${last} is the last administrator. Make another one first.`)
}

function known(account: Account | null, id: UserId): Account {
  if (account) return account
  throw new Problem('user-not-found', `There is no user ${id}.`)
}
