import type { Caller } from '../domain/people/account.ts'

/** Resumable uploads by the protocol tus 1.0. */
export interface UploadServer {
  /** The answer to a request of that caller, in the Fetch standard's form. @throws Problem */
  answer(request: Request, caller: Caller): Promise<Response>
  /** Removes uploads that began more than a week ago. */
  removeExpired(): Promise<unknown>
}
