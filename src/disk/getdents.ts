/**
 * The names in a large folder, read by getdents64(2) itself. Node's `readdir` sorts them and makes a string of each: for 200,000 names it
 * takes some 150 ms, and a part of that is time in which the service answers nobody. The call takes 55 ms in another thread, and meanwhile
 * packing its names 3 ms.
 */
import { promisify } from 'node:util'
import { lengthOctets, type PackedNames } from '../domain/files/packed-names.ts'

/** Fills a buffer with entries of an open folder, and gives their octets: 0 at the end, -1 if it cannot. */
export type Getdents = (fd: number, into: Buffer) => Promise<number>

const pieceOctets = 2 ** 18
// struct linux_dirent64: inode and offset, of eight octets each, the record's own length, its kind, and the name with a NUL behind it.
const lengthAt = 16
const nameAt = 19
const dot = '.'.charCodeAt(0)

let loaded: Promise<Getdents> | null = null

export async function getdents(fd: number, into: Buffer): Promise<number> {
  loaded ??= load()
  return await (await loaded)(fd, into)
}

/** Only C libraries have the call. Where this one lacks it, or koffi does not know the processor, it always fails. */
async function load(): Promise<Getdents> {
  try {
    const { default: koffi } = await import('koffi')
    const { async } = koffi.load(null).func('long getdents64(int fd, void *entries, size_t octets)')
    // Until the call ends, promisify holds its arguments: koffi itself would let the buffer go while the kernel writes to it.
    const call = promisify<number, Buffer, number, number>(async)
    return (fd, into) => call(fd, into, into.length)
  } catch {
    return async () => -1
  }
}

/**
 * All names that a call gives piece by piece, but `.` and `..`; null if it fails. The kernel reads the next piece while the names of one
 * are packed.
 */
export async function readNames(read: (into: Buffer) => Promise<number>): Promise<PackedNames | null> {
  const pieces: Buffer[] = []
  let [filled, free] = [Buffer.allocUnsafeSlow(pieceOctets), Buffer.allocUnsafeSlow(pieceOctets)]
  let octets = await read(filled)
  while (octets > 0) {
    const next = read(free)
    pieces.push(Buffer.from(filled.subarray(0, packEntries(filled, octets))))
    octets = await next
    const packed = filled
    filled = free
    free = packed
  }
  return octets === 0 ? Buffer.concat(pieces) : null
}

/**
 * Moves the names to the beginning of the buffer, where they take less room than the entries did. Gives their octets. Without calls of
 * Node for each name, which would take four times as long.
 */
function packEntries(entries: Buffer, octets: number): number {
  let end = 0
  let next = 0
  for (let at = 0; at < octets; at = next) {
    next = at + entries.readUInt16LE(at + lengthAt)
    if (isDots(entries, at + nameAt)) continue
    const began = end + lengthOctets
    let to = began
    for (let from = at + nameAt; entries[from] !== 0; from += 1, to += 1) entries[to] = entries[from] as number
    entries.writeUInt16LE(to - began, end)
    end = to
  }
  return end
}

/** Whether it is the name of the folder itself, or of the one above it. */
function isDots(entries: Buffer, at: number): boolean {
  return entries[at] === dot && (entries[at + 1] === 0 || (entries[at + 1] === dot && entries[at + 2] === 0))
}
