import type { Caller } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'

/** Resumable uploads by the protocol tus 1.0. */
export interface UploadServer {
  /** The answer to a request of that caller, in the Fetch standard's form. @throws Problem */
  answer(request: Request, caller: Caller): Promise<Response>
  /** What a person's unfinished uploads into their own folder hold, without some of them. `without`: ids, and anything else. */
  waitingBytesOf(userId: UserId, without: readonly unknown[]): Promise<number>
  /** Removes uploads that began more than a week ago. */
  removeExpired(): Promise<unknown>
}
