import type { Catalog } from '../domain/environment/catalog.ts'
import type { Account, Role } from '../domain/people/account.ts'
import { requirePassword } from '../domain/people/password.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { hashPassword } from '../lib/argon2.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { type Invitation, makeInvitation } from './invitations.ts'
import { changePassword } from './passwords.ts'
import { addAccount, changeAccount, removeAtOnce, requireTier } from './users.ts'

/** The machine's administrator manages accounts. A person who may write the database needs no further right. */
export type ManageUsers = {
  /** @throws Problem user-exists, unknown-tier */
  add(id: UserId, request: { role: Role; tier: string }): Promise<Account>
  /** @throws Problem user-not-found, wrong-state */
  invite(id: UserId): Promise<Invitation>
  /** @throws Problem user-not-found, invalid-request */
  setPassword(id: UserId, password: string): Promise<void>
  /** @throws Problem user-not-found, wrong-state, last-credential */
  disable(id: UserId): Promise<void>
  /** @throws Problem user-not-found */
  enable(id: UserId): Promise<void>
  /** @throws Problem user-not-found, wrong-state, last-credential; job-under-way while a job removes them */
  remove(id: UserId): Promise<void>
}

export function createManageUsers(deps: {
  accounts: AccountStore
  catalog: () => Promise<Pick<Catalog, 'tiers'>>
  clock: Pick<Clock, 'now'>
}): ManageUsers {
  const { accounts, catalog, clock } = deps
  const setDisabled = async (id: UserId, disabled: boolean) => {
    await accounts.together((records) => changeAccount(records, id, { disabled }, clock.now()))
  }
  return {
    async add(id, { role, tier }) {
      requireTier(await catalog(), tier)
      return accounts.together((records) => addAccount(records, { id, role, tier }, clock.now()))
    },
    invite: (id) => accounts.together((records) => makeInvitation(records, id, clock.now())),
    async setPassword(id, password) {
      requirePassword(password, id)
      const hash = await hashPassword(password)
      await accounts.together(async (records) => {
        if (!(await records.account(id))) throw new Problem('user-not-found', `There is no user ${id}.`)
        await changePassword(records, id, { hash, now: clock.now(), ownSession: null })
      })
    },
    disable: (id) => setDisabled(id, true),
    enable: (id) => setDisabled(id, false),
    remove: (id) => accounts.together((records) => removeAtOnce(records, id, clock.now())),
  }
}
