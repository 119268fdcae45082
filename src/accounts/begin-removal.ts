import type { Job, JobData } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import { type Removal, type RemovalChoice, removalInWords, removalKey } from '../domain/people/removal.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem } from '../domain/problem.ts'
import type { Users } from './users.ts'

export const removalKind = 'remove-person'

/** Disables a person, and begins their removal. @throws Problem forbidden; as `Users.shutOut`; job-under-way, too-many-at-once */
export type BeginRemoval = (caller: Caller, id: UserId, choice: RemovalChoice) => Promise<Job>

export function createBeginRemoval(deps: {
  users: Pick<Users, 'shutOut'>
  begin: (userId: UserId, job: { kind: string; title: string; input: JobData; key: string | null }) => Promise<Job>
}): BeginRemoval {
  return async (caller, id, choice) => {
    const words = 'This is for administrators.'
    if (choice.environments === 'delete') requireRight(caller, 'environment:change', { owner: id }, words)
    if (choice.folder === 'trash') requireRight(caller, 'file:change', { owner: id }, words)
    const { createdAt, letInAgain } = await deps.users.shutOut(caller, id, choice)
    const input: Removal = { user_id: id, account_created: createdAt, ...choice }
    const job = { kind: removalKind, title: removalInWords(id, choice), input, key: removalKey(id) }
    try {
      return await deps.begin(caller.userId, job)
    } catch (error) {
      // Somebody else's removal of them may have begun at this moment.
      if (!isProblem(error, 'job-under-way')) await letInAgain()
      throw error
    }
  }
}
