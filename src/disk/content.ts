import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { dataRanges, type Range } from './data-ranges.ts'
import type { OpenFile } from './folder.ts'

const pieceBytes = 2 ** 22

/** Reads those parts of a file, piece by piece. A piece is valid only until the next one is asked for. */
async function* piecesOf(file: FileHandle, ranges: readonly Range[]): AsyncGenerator<{ at: number; bytes: Buffer }> {
  const longest = ranges.reduce((most, { start, end }) => Math.max(most, end - start), 0)
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, longest))
  for (const { start, end } of ranges) {
    for (let at = start; at < end; ) {
      const bytes = await fill(file, buffer.subarray(0, Math.min(buffer.length, end - at)), at)
      if (bytes.length === 0) return // the file has become shorter
      yield { at, bytes }
      at += bytes.length
    }
  }
}

/** Fills a buffer from a file as far as the file goes. */
async function fill(file: FileHandle, buffer: Buffer, at: number): Promise<Buffer> {
  let done = 0
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, at + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}

/**
 * Copies parts of a file into a new one, which reads as zeros where nothing was written. Gives the SHA-256 of the parts as they were read.
 * `onBytes`: called after each piece with what was written of it. Zeros of a sparse file are not.
 */
export async function copyContent(
  from: FileHandle,
  to: FileHandle,
  { ranges, sparse }: { ranges: readonly Range[]; sparse: boolean },
  onBytes: (bytes: number) => void | Promise<void>,
): Promise<string> {
  const hash = createHash('sha256')
  for await (const { at, bytes } of piecesOf(from, ranges)) {
    const written = sparse ? writeData(to, bytes, at) : writeAll(to, bytes, at)
    hash.update(bytes) // while the disk writes
    await onBytes(await written)
  }
  return hash.digest('hex')
}

/** The SHA-256 of those parts of a file. */
export async function checksum(file: FileHandle, ranges: readonly Range[]): Promise<string> {
  const hash = createHash('sha256')
  for await (const { bytes } of piecesOf(file, ranges)) hash.update(bytes)
  return hash.digest('hex')
}

/** Whether two files have the same content, byte by byte. Where neither holds data, both read as zeros. */
export async function sameContent(one: OpenFile, other: OpenFile): Promise<boolean> {
  if (one.stats.size !== other.stats.size) return false
  for (const each of [one, other]) {
    let comparedBytes = 0
    for await (const ranges of dataRanges(each)) {
      if (!(await isSameWithin(one.handle, other.handle, ranges))) return false
      for (const { start, end } of ranges) comparedBytes += end - start
    }
    if (comparedBytes === Number(each.stats.size)) break
  }
  return true
}

async function isSameWithin(one: FileHandle, other: FileHandle, ranges: readonly Range[]): Promise<boolean> {
  const others = piecesOf(other, ranges)
  for await (const { at, bytes } of piecesOf(one, ranges)) {
    const { value } = await others.next()
    if (value?.at !== at || !bytes.equals(value.bytes)) return false
  }
  return true
}

const zeros = Buffer.alloc(2 ** 16)

/** Writes only the parts that are not zero. Gives how many bytes they have. */
async function writeData(file: FileHandle, bytes: Buffer, at: number): Promise<number> {
  let written = 0
  for (let done = 0; done < bytes.length; done += zeros.length) {
    const part = bytes.subarray(done, done + zeros.length)
    if (!part.equals(zeros.subarray(0, part.length))) written += await writeAll(file, part, at + done)
  }
  return written
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<number> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
  return bytes.length
}
