import type { Progress } from '../domain/jobs/job.ts'

export type Counting = {
  signal: AbortSignal
  /** Counts what was read. */
  progress: Progress
  tell: (progress: Progress) => void
}

/** Passes pieces on until the signal aborts. Counts each once the next one is asked for, and tells the progress. */
export async function* counted(
  pieces: AsyncIterable<Buffer>,
  { signal, progress, tell }: Counting,
): AsyncIterable<Buffer> {
  for await (const piece of pieces) {
    signal.throwIfAborted()
    yield piece
    progress.doneBytes += piece.length
    tell({ ...progress })
  }
}
