import type { FilePath } from '../domain/files/file-path.ts'
import { admits } from '../domain/files/opening.ts'
import type { Place } from '../domain/files/place.ts'
import type { Tree } from '../domain/files/tree.ts'
import type { Caller } from '../domain/people/account.ts'
import { callerOfAccount } from '../domain/people/caller.ts'
import { requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { OpeningStore } from '../ports/opening-store.ts'

const notYours = "These are another person's files."

/** @throws Problem forbidden unless the caller may see the files of the tree */
export function requireVisibleTree(caller: Caller, tree: Tree): void {
  if (tree.kind === 'shared') requireRight(caller, 'shared-file:see', {}, notYours)
  else requireRight(caller, 'file:see', { owner: tree.userId }, notYours)
}

/** Checks that the caller may change what is at a path. @throws Problem forbidden */
export type RequireChange = (caller: Caller, tree: Tree, path: FilePath) => Promise<void>

export function createRequireChange(openings: Pick<OpeningStore, 'all'>): RequireChange {
  return async (caller, tree, path) => {
    if (tree.kind === 'person') return requireRight(caller, 'file:change', { owner: tree.userId }, notYours)
    const isAdmitted = admits(await openings.all(), caller, path)
    const words = 'Only administrators change shared files, and those to whom they have opened a folder.'
    requireRight(caller, 'shared-file:change', { admits: isAdmitted }, words)
  }
}

/** A person as a caller with all their rights of this moment. @throws Problem forbidden if the account is disabled or removed */
export type CallerNow = (userId: UserId) => Promise<Caller>

export function createCallerNow(accounts: Pick<AccountStore, 'account'>): CallerNow {
  return async (userId) => {
    const account = await accounts.account(userId)
    if (account && !account.disabled) return callerOfAccount(account)
    throw new Problem('forbidden', `The account ${userId} is disabled or removed.`)
  }
}

/** Checks at the end of long work that the caller may still make the change: folders may be closed, and tiers changed, meanwhile. */
export function createRequireStill(deps: { callerNow: CallerNow; requireChange: RequireChange }): RequireChange {
  return async (caller, tree, path) => {
    const { role, tier } = await deps.callerNow(caller.userId)
    await deps.requireChange({ ...caller, role, tier }, tree, path)
  }
}

/** Checks that a person may still have something copied: they may have lost the right since they asked. @throws Problem forbidden */
export type RequireCopier = (userId: UserId, from: Tree, to: Place) => Promise<void>

export function createRequireCopier(deps: { callerNow: CallerNow; requireChange: RequireChange }): RequireCopier {
  return async (userId, from, to) => {
    const caller = await deps.callerNow(userId)
    requireVisibleTree(caller, from)
    await deps.requireChange(caller, to.tree, to.path)
  }
}

/** Checks that a person may still change what is at a path: long work asks when it begins and before its end. @throws Problem forbidden */
export type RequireStillChange = (userId: UserId, tree: Tree, path: FilePath) => Promise<void>

export function createRequireStillChange(deps: {
  callerNow: CallerNow
  requireChange: RequireChange
}): RequireStillChange {
  return async (userId, tree, path) => await deps.requireChange(await deps.callerNow(userId), tree, path)
}
