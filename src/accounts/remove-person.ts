/** The removal of a person with what is theirs, as a job. */
import type { Job, JobData, Progress } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import { callerOfAccount } from '../domain/people/caller.ts'
import { requireRight } from '../domain/people/can.ts'
import {
  doneInWords,
  type Removal,
  type RemovalChoice,
  type RemovalDone,
  readDone,
  readRemoval,
  removalInWords,
} from '../domain/people/removal.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { changeAccount, removeAccount, type Users } from './users.ts'

export const removalKind = 'remove-person'

const lookEveryMs = 500

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
    const { createdAt } = await deps.users.shutOut(caller, id, choice)
    const input: Removal = { user_id: id, account_created: createdAt, ...choice }
    return await deps.begin(caller.userId, {
      ...{ kind: removalKind, title: removalInWords(id, choice), input, key: `remove ${id}` },
    })
  }
}

type Running = {
  signal: AbortSignal
  tell: (progress: Progress) => void
  note: (result: JobData) => Promise<void>
}

/**
 * @returns Does the work of a removal. Each step may be done again, and the account goes last. So a run after a restart goes on, and one that
 * was cancelled leaves a disabled account.
 */
export function createRunRemoval(deps: {
  accounts: AccountStore
  /** Lets an environment be deleted as its owner would. Harmless if that has begun, or it is gone. */
  deleteEnvironment: (id: string) => Promise<void>
  /** Puts all that is in a person's folder into the trash. Gives null if nothing was in it. */
  toTrash: (by: UserId, id: UserId, signal: AbortSignal) => Promise<object | null>
  /** Removes a person's empty folder. */
  removeFolder: (id: UserId, signal: AbortSignal) => Promise<unknown>
  clock: Pick<Clock, 'now' | 'sleep'>
}) {
  const { accounts, deleteEnvironment, toTrash, removeFolder, clock } = deps

  /** The person who asked may have lost the right since, unless they remove themselves. */
  async function requireStill(by: UserId, id: UserId): Promise<void> {
    if (by === id) return
    const asker = await accounts.account(by)
    if (!asker || asker.disabled) throw new Problem('forbidden', `The account ${by} is disabled or removed.`)
    requireRight(callerOfAccount(asker), 'users:manage', {}, `${by} is no administrator any more.`)
  }

  async function deleteEnvironments(id: UserId, done: RemovalDone, { signal, tell, note }: Running): Promise<void> {
    for (;;) {
      const left = await accounts.environmentIds(id)
      done.environments = [...new Set([...done.environments, ...left])]
      await note(done)
      if (left.length === 0) return
      tell(doing(`deleting ${left.length} of ${done.environments.length} environments`))
      for (const each of left) await deleteEnvironment(each)
      await clock.sleep(lookEveryMs, { signal })
      signal.throwIfAborted()
    }
  }

  async function putFolderAway(by: UserId, id: UserId, done: RemovalDone, { signal, tell, note }: Running) {
    tell(doing('putting the folder into the trash'))
    const wasTrashed = done.trashed
    done.trashed = true // a part may be there if this run ends early
    await note(done)
    done.trashed = (await toTrash(by, id, signal)) !== null || wasTrashed
    // Before the folder goes: one that is gone of a person who had one is on a disk that is not mounted.
    await accounts.forgetFolder(id)
    await removeFolder(id, signal)
  }

  async function removeAll(by: UserId, removal: Removal, done: RemovalDone, running: Running): Promise<void> {
    const { user_id: id, environments, folder } = removal
    await requireStill(by, id)
    await accounts.together((records) => changeAccount(records, id, { disabled: true }, clock.now()))
    if (environments === 'delete') await deleteEnvironments(id, done, running)
    if (folder === 'trash') await putFolderAway(by, id, done, running)
    running.signal.throwIfAborted()
    await requireStill(by, id)
    await accounts.together((records) => removeAccount(records, id, clock.now()))
  }

  return async (job: Job, running: Running): Promise<JobData> => {
    const removal = readRemoval(job.input)
    const done = readDone(job.result)
    const account = await accounts.account(removal.user_id)
    // An earlier run may have removed the account just before it was killed.
    if (account?.createdAt === removal.account_created) {
      try {
        await removeAll(job.userId, removal, done, running)
      } catch (error) {
        const words = doneInWords(removal.user_id, done)
        running.tell(doing(words))
        if (!(error instanceof Problem)) throw error
        throw new Problem(error.code, `${error.detail} ${words}`, {
          ...{ adminDetail: `${error.adminDetail} ${words}`, cause: error },
        })
      }
    }
    return { ...done, removed: true }
  }
}

const doing = (words: string): Progress => ({
  ...{ doing: words, doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null },
})
