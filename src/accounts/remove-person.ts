/** The removal of a person with what is theirs, as a job. */
import type { Job, JobData, Progress } from '../domain/jobs/job.ts'
import { userFolder } from '../domain/names.ts'
import { callerOfAccount } from '../domain/people/caller.ts'
import { requireRight } from '../domain/people/can.ts'
import { doneInWords, type Removal, type RemovalDone, readDone, readRemoval } from '../domain/people/removal.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountRecords, AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { FolderLeft } from '../ports/file-trees.ts'
import { removeAccount, requireNoEnvironments } from './users.ts'

const lookEveryMs = 500
const roundsAtMost = 5

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
  removeFolder: (id: UserId, signal: AbortSignal) => Promise<FolderLeft>
  /** Removes for good what a person has uploaded in part. */
  removeUploads: (id: UserId) => Promise<void>
  clock: Pick<Clock, 'now' | 'sleep'>
}) {
  const { accounts, deleteEnvironment, toTrash, removeFolder, removeUploads, clock } = deps

  /**
   * Does `work` in one transaction with a look at whether the removal is still wanted. The person who asked may have lost the right, and an
   * administrator may have enabled the person.
   */
  function whileWanted<T>(by: UserId, removal: Removal, work: (records: AccountRecords) => Promise<T>): Promise<T> {
    return accounts.together(async (records) => {
      if (by !== removal.user_id) await requireStill(records, by)
      await requireLeaving(records, removal)
      return await work(records)
    })
  }

  async function deleteEnvironments(by: UserId, removal: Removal, done: RemovalDone, running: Running): Promise<void> {
    const { signal, tell, note } = running
    for (;;) {
      const left = await whileWanted(by, removal, (records) => records.environmentIds(removal.user_id))
      const known = done.environments.length
      done.environments = [...new Set([...done.environments, ...left])]
      if (done.environments.length > known) await note(done)
      if (left.length === 0) return
      tell(doing(`deleting ${left.length} of ${done.environments.length} environments`))
      for (const each of left) await deleteEnvironment(each)
      await clock.sleep(lookEveryMs, { signal })
      signal.throwIfAborted()
    }
  }

  async function putFolderAway(by: UserId, removal: Removal, done: RemovalDone, running: Running): Promise<void> {
    const { signal, tell, note } = running
    const id = removal.user_id
    tell(doing('putting the folder into the trash'))
    let isTrashed = done.trashed
    for (let round = 1; ; round += 1) {
      await whileWanted(by, removal, (records) => requireNoEnvironments(records, id)) // or a notebook would lose its files
      done.trashed = true // a part may be there if this run ends early
      await note(done)
      const moved = await toTrash(by, id, signal)
      isTrashed ||= moved !== null
      done.trashed = isTrashed
      // Before the folder goes: one that is gone of a person who had one is on a disk that is not mounted.
      await whileWanted(by, removal, (records) => records.forgetFolder(id))
      if ((await removeFolder(id, signal)) !== 'not-empty') return
      // Somebody has put something there meanwhile. Without an account, a later person of that id would get it.
      if (!moved || round === roundsAtMost) throw stillWritten(id)
    }
  }

  async function removeAll(by: UserId, removal: Removal, done: RemovalDone, running: Running): Promise<void> {
    const { user_id: id, environments, folder } = removal
    if (environments === 'delete') await deleteEnvironments(by, removal, done, running)
    if (folder === 'trash') await putFolderAway(by, removal, done, running)
    running.signal.throwIfAborted()
    if (folder === 'trash') await removeUploads(id)
    done.isLast = true
    await running.note(done)
    await whileWanted(by, removal, (records) => removeAccount(records, id, clock.now()))
  }

  return async (job: Job, running: Running): Promise<JobData> => {
    const removal = readRemoval(job.input)
    const done = readDone(job.result)
    const account = await accounts.account(removal.user_id)
    // An earlier run may have removed the account just before it was killed.
    const isRemoved = done.isLast && account?.createdAt !== removal.account_created
    if (!isRemoved) {
      try {
        await removeAll(job.userId, removal, done, running)
      } catch (error) {
        const words = doneInWords(removal.user_id, done, await isLeaving(accounts, removal))
        running.tell(doing(words))
        if (!(error instanceof Problem)) throw error
        throw new Problem(error.code, `${error.detail} ${words}`, {
          ...{ adminDetail: `${error.adminDetail} ${words}`, cause: error },
        })
      }
    }
    return { environments: done.environments, trashed: done.trashed, removed: true }
  }
}

/** @throws Problem forbidden */
async function requireStill(records: AccountRecords, by: UserId): Promise<void> {
  const asker = await records.account(by)
  if (!asker || asker.disabled) throw new Problem('forbidden', `The account ${by} is disabled or removed.`)
  requireRight(callerOfAccount(asker), 'users:manage', {}, `${by} is no administrator any more.`)
}

/** @throws Problem wrong-state if the person was let in again, or the account is another one */
async function requireLeaving(records: AccountRecords, { user_id: id, account_created }: Removal): Promise<void> {
  const account = await records.account(id)
  if (account?.createdAt !== account_created)
    throw new Problem('wrong-state', `The account ${id} was removed meanwhile, by another request.`)
  if (!account.disabled) throw new Problem('wrong-state', `${id} was enabled meanwhile: the removal has ended.`)
}

function stillWritten(id: UserId): Problem {
  return new Problem('wrong-state', `Somebody is writing in ${userFolder(id)}, for example with an upload.`)
}

/** Whether the account is there, and disabled. */
async function isLeaving(records: AccountRecords, removal: Removal): Promise<boolean> {
  const account = await records.account(removal.user_id)
  return account?.createdAt === removal.account_created && account.disabled
}

const doing = (words: string): Progress => ({
  ...{ doing: words, doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null },
})
