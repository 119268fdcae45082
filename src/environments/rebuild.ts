import type { UserId } from '../domain/people/user-id.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Orphans } from './orphans.ts'

export type Rebuilt = {
  people: UserId[]
  environments: { id: string; userId: UserId }[]
  /** Containers that were left as they are, and why. */
  left: { name: string; reason: string }[]
}

/**
 * Fills an empty database after the loss of the old one: people from their folders and from labels, environments from
 * the labels of their containers. It starts and stops nothing. Tiers and tokens are lost.
 */
export async function rebuild(deps: {
  orphans: Orphans
  accounts: AccountStore
  folders: readonly UserId[]
  rootId: string
  tier: string
  clock: Clock
}): Promise<Rebuilt> {
  const { orphans, accounts, folders, rootId, tier, clock } = deps
  const found = (await orphans.list()).filter((orphan) => orphan.rootId === rootId)
  const owners = found.flatMap(({ userId }) => userId ?? [])
  const people = [...new Set([...folders, ...owners])].sort()
  for (const id of people)
    await accounts.addAccount({ id, role: 'user', tier, disabled: false, createdAt: clock.now() })
  for (const id of folders) await accounts.recordFolder(id)

  const result: Rebuilt = { people, environments: [], left: [] }
  for (const { container, hindrance } of found) {
    if (hindrance) {
      result.left.push({ name: container.name, reason: hindrance })
      continue
    }
    try {
      const { id, userId } = await orphans.adopt(container.name, {})
      result.environments.push({ id, userId })
    } catch (error) {
      result.left.push({ name: container.name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return result
}
