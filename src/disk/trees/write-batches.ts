import type { FileHandle } from 'node:fs/promises'

// The network brings pieces of 64 KiB; a call to the disk for each would cost more than the writing.
const batchBytes = 2 ** 20
// The disk writes while more arrives, so that little is left to write at the end.
const syncEveryBytes = 2 ** 26

/** Writes content into an empty file. Takes the next pieces while the disk writes those before. Waits for `onPiece`, which may throw. */
export async function writeBatches(
  file: FileHandle,
  content: AsyncIterable<Buffer>,
  onPiece: (bytes: Buffer, at: number) => void | Promise<void>,
): Promise<void> {
  let arrived = 0
  let batch: Buffer[] = []
  let batchAt = 0
  let syncedAt = 0
  let writing: Promise<unknown> = Promise.resolve()
  let syncing: Promise<unknown> | null = null

  async function flush(): Promise<void> {
    await writing
    const [pieces, at] = [batch, batchAt]
    batch = []
    batchAt = arrived
    writing = writeAll(file, pieces, at)
    writing.catch(() => {}) // the next flush throws it
    if (syncing || at - syncedAt < syncEveryBytes) return
    syncedAt = at
    syncing = file.datasync().then(() => (syncing = null))
    syncing.catch(() => {}) // the end throws it
  }

  try {
    for await (const bytes of content) {
      await onPiece(bytes, arrived)
      batch.push(bytes)
      arrived += bytes.length
      if (arrived - batchAt >= batchBytes) await flush()
    }
    await flush()
    await Promise.all([writing, syncing])
  } finally {
    await Promise.allSettled([writing, syncing])
  }
}

async function writeAll(file: FileHandle, pieces: Buffer[], at: number): Promise<void> {
  if (pieces.length === 0) return
  const { bytesWritten } = await file.writev(pieces, at)
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (bytesWritten === length) return
  const rest = Buffer.concat(pieces).subarray(bytesWritten)
  for (let done = 0; done < rest.length; ) {
    done += (await file.write(rest, done, rest.length - done, at + bytesWritten + done)).bytesWritten
  }
}
