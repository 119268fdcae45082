import type { Caller } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'

/** `to`: the path to which a `PUT` would write the same file. `begunAt`: in milliseconds since 1970. */
export type UnfinishedUpload = { id: string; to: string; sizeBytes: number; storedBytes: number; begunAt: number }

/** Resumable uploads by the protocol tus 1.0. */
export interface UploadServer {
  /** The answer to a request of that caller, in the Fetch standard's form. @throws Problem */
  answer(request: Request, caller: Caller): Promise<Response>
  /** The caller's own, the oldest first. @throws Problem forbidden */
  unfinishedOf(caller: Caller): Promise<UnfinishedUpload[]>
  /** What a person's unfinished uploads into their own folder hold, without some of them. `without`: ids, and anything else. */
  waitingBytesOf(userId: UserId, without: readonly unknown[]): Promise<number>
  /** Removes a person's unfinished uploads: a later person of the same id could go on with them. */
  removeUnfinishedOf(userId: UserId): Promise<void>
  /** Removes uploads that began more than a week ago. */
  removeExpired(): Promise<unknown>
}
