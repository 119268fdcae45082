/** The removal of people with what is theirs. */
import { createBeginRemoval, removalKind } from '../accounts/begin-removal.ts'
import { createRunRemoval } from '../accounts/remove-person.ts'
import { createUsers } from '../accounts/users.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { createPutAllIntoTrash } from '../files/put-into-trash.ts'
import { removeUserRoute } from '../http/routes/remove-user.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { EnvironmentsPart } from './environments.ts'
import type { FilesPart } from './files.ts'
import type { JobsPart } from './jobs.ts'
import type { PeoplePart } from './people.ts'
import type { ProofPart } from './proof.ts'

const removalsAtOnce = 4

export function assembleRemovals(
  { accounts, catalog, clock, trees, trashStore, store, takePlace, closing, onError }: Base,
  { rights }: PeoplePart,
  { jobs }: JobsPart,
  { untilProven: beforeResume }: Pick<ProofPart, 'untilProven'>,
  { reconciler }: Pick<EnvironmentsPart, 'reconciler'>,
  { uploads }: Pick<FilesPart, 'uploads'>,
): Capability {
  const putAllIntoTrash = createPutAllIntoTrash({ trees, store: trashStore, clock, onError })
  const treeOf = (userId: UserId) => ({ kind: 'person', userId }) as const
  const run = createRunRemoval({
    accounts,
    async deleteEnvironment(id) {
      if (await store.change(id, { desired: 'gone' })) reconciler.redirect(id)
    },
    toTrash: (by, id, signal) => putAllIntoTrash(by, treeOf(id), { signal }),
    removeFolder: (id, signal) => trees.removeFolder(treeOf(id), { signal }),
    removeUploads: uploads.removeUnfinishedOf,
    clock,
  })
  jobs.define(removalKind, { atOnce: removalsAtOnce, beforeResume, run })
  const users = createUsers({ accounts, catalog, clock })
  const beginRemoval = createBeginRemoval({ users, beginTogether: jobs.beginTogether })
  const uses = { users, beginRemoval, jobs, takePlace, rights, closing }
  return { routes: { administrators: (app) => removeUserRoute(app, uses) } }
}
