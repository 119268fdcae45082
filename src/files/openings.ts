/** Opens folders of `shared/` to people and to tiers. */
import { type FilePath, pathText } from '../domain/files/file-path.ts'
import type { FolderOpening } from '../domain/files/opening.ts'
import { requireUnreserved, sharedTree } from '../domain/files/tree.ts'
import type { Caller } from '../domain/people/account.ts'
import { Problem } from '../domain/problem.ts'
import { randomUUID } from '../lib/random.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileTrees } from '../ports/file-trees.ts'
import type { OpeningStore } from '../ports/opening-store.ts'

const openingsAtMost = 1_000

export type FolderOpenings = {
  /** @throws Problem file-not-found, wrong-kind, user-not-found, unknown-tier, wrong-state if it is opened to them already */
  open(caller: Caller, path: FilePath, to: FolderOpening['to']): Promise<FolderOpening>
  /** All of them, by path. */
  all(): Promise<readonly FolderOpening[]>
  /** @throws Problem not-found */
  close(id: string): Promise<void>
}

export function createFolderOpenings(deps: {
  store: OpeningStore
  trees: Pick<FileTrees, 'look'>
  accounts: Pick<AccountStore, 'account'>
  /** Throws Problem unknown-tier for a tier that the catalogue does not have. */
  requireTier: (tier: string) => void
  clock: Pick<Clock, 'now'>
}): FolderOpenings {
  const { store, trees, accounts, requireTier, clock } = deps
  return {
    all: store.all,

    async open(caller, path, to) {
      requireUnreserved(sharedTree, path)
      if ('tier' in to) requireTier(to.tier)
      else if (!(await accounts.account(to.userId))) {
        throw new Problem('user-not-found', `There is no user ${to.userId}.`)
      }
      const entry = await trees.look(sharedTree, path)
      if (!entry) throw new Problem('file-not-found', `There is no shared/${pathText(path)}.`)
      if (entry.kind !== 'folder') throw new Problem('wrong-kind', `shared/${pathText(path)} is no folder.`)
      const opening = { id: randomUUID(), path, to, openedBy: caller.userId, openedAt: clock.now() }
      const outcome = await store.add(opening, { atMost: openingsAtMost })
      if (outcome === 'added') return opening
      const words =
        outcome === 'exists' ? 'It is opened to them already.' : `There are ${openingsAtMost} opened folders.`
      throw new Problem('wrong-state', words)
    },

    async close(id) {
      if (!(await store.remove(id))) throw new Problem('not-found', `No folder is opened under the id ${id}.`)
    },
  }
}
