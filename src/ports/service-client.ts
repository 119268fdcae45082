/** How many bytes are done, of how many; null if that is not known. */
export type Transferred = (doneBytes: number, totalBytes: number | null) => void

/** The running service, for a program that has a token. */
export interface ServiceClient {
  /** The JSON of an answer; null if it has none. `path` begins with `/api/`. @throws Error in the service's own words */
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    options: { signal: AbortSignal; body?: object; wait?: number },
  ): Promise<unknown>
  /**
   * Uploads a file to the path that a PUT would have. If an earlier try of the same file was broken off, it goes on from there.
   * @throws Error in the service's own words
   */
  upload(file: string, to: string, options: { signal: AbortSignal; tell: Transferred }): Promise<void>
  /**
   * Downloads a file; on this machine it appears only when it is whole, and has the checksum that the service tells if it tells one.
   * @throws Error in the service's own words
   */
  download(path: string, file: string, options: { signal: AbortSignal; tell: Transferred }): Promise<void>
}
