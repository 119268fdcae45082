import type { Job } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import { type Removal, type RemovalChoice, removalInWords, removalKey } from '../domain/people/removal.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { AddJob } from '../ports/job-store.ts'
import type { Users } from './users.ts'

export const removalKind = 'remove-person'

/** Disables a person, and begins their removal. @throws Problem forbidden; as `Users.shutOut`; job-under-way, too-many-at-once */
export type BeginRemoval = (caller: Caller, id: UserId, choice: RemovalChoice) => Promise<Job>

export function createBeginRemoval(deps: {
  users: Pick<Users, 'shutOut'>
  beginTogether: (userId: UserId, write: (add: AddJob) => Promise<Job>) => Promise<Job>
}): BeginRemoval {
  const { users, beginTogether } = deps
  return async (caller, id, choice) => {
    const words = 'This is for administrators.'
    if (choice.environments === 'delete') requireRight(caller, 'environment:change', { owner: id }, words)
    if (choice.folder === 'trash') requireRight(caller, 'file:change', { owner: id }, words)
    // In one transaction: after a kill between the two, the person would be disabled, and nothing would remove them.
    return await beginTogether(caller.userId, (add) =>
      users.shutOut(caller, id, choice, ({ insertJob }, { createdAt }) => {
        const input: Removal = { user_id: id, account_created: createdAt, ...choice }
        return add(insertJob, { kind: removalKind, title: removalInWords(id, choice), input, key: removalKey(id) })
      }),
    )
  }
}
