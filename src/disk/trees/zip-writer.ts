/**
 * Writes a zip archive with ZIP64 as it goes (APPNOTE.TXT 6.3.10). Entries are stored, not compressed. The packages for this look at
 * every earlier entry for each new one (yazl), or keep whole objects for each; and they compute CRC-32 in JavaScript.
 */
import { crc32 } from 'node:zlib'

/** `mode`: with the bits for its kind. `mtime`: in seconds. */
export type ZipEntry = { path: string; mode: number; mtime: number }

export type ZipWriter = {
  /** A folder, a link or a small file. The path of a folder ends with `/`, the content of a link is its target. */
  add(entry: ZipEntry, content: Buffer): void
  /** A file of that size, or one that has become shorter. */
  addPieces(entry: ZipEntry, pieces: AsyncIterable<Buffer>, sizeBytes: number): Promise<void>
  end(): void
}

const longest = 0xffff_ffff
const mostEntries = 0xffff
const [version, zip64Version] = [20, 45]
const madeOnUnix = (3 << 8) | zip64Version
const utf8Names = 0x800
const hasDescriptor = 0x8
const folderAttribute = 0x10
const joinedAtOnce = 1_000
/** The list at the end stays in memory until then, and paths may be long: 200,000 files in one folder take 15 MiB. */
const listAtMostBytes = 2 ** 28

type Sizes = { crc: number; size: number }

export function createZipWriter(write: (bytes: Buffer) => void): ZipWriter {
  let at = 0
  let count = 0
  const list: Buffer[] = []
  let listBytes = 0

  function put(...bytes: Buffer[]): void {
    for (const each of bytes) {
      write(each)
      at += each.length
    }
  }

  function note(entry: ZipEntry, flags: number, sizes: Sizes, offset: number): void {
    const bytes = listed(entry, flags, sizes, offset)
    listBytes += bytes.length
    if (listBytes > listAtMostBytes) throw new Error('the list of the archive takes more than 256 MiB')
    list.push(bytes)
    count += 1
    if (count % joinedAtOnce === 0) list.push(Buffer.concat(list.splice(-joinedAtOnce))) // one object for all of them
  }

  return {
    add(entry, content) {
      const offset = at
      const sizes = { crc: crc32(content), size: content.length }
      put(header(entry, utf8Names, sizes, false), content)
      note(entry, utf8Names, sizes, offset)
    },

    async addPieces(entry, pieces, sizeBytes) {
      const [offset, flags, isLong] = [at, utf8Names | hasDescriptor, sizeBytes >= longest]
      put(header(entry, flags, { crc: 0, size: 0 }, isLong))
      const sizes = { crc: 0, size: 0 }
      for await (const piece of pieces) {
        put(piece)
        sizes.crc = crc32(piece, sizes.crc)
        sizes.size += piece.length
      }
      put(descriptor(sizes, isLong))
      note(entry, flags, sizes, offset)
    },

    end() {
      const offset = at
      put(...list)
      put(ending({ count, offset, size: at - offset }))
    },
  }
}

/** 4.3.7. Before its content is read, the sizes of an entry are not known: the descriptor has them. */
function header({ path, mtime }: ZipEntry, flags: number, { crc, size }: Sizes, isLong: boolean): Buffer {
  const name = Buffer.from(path)
  const shown = isLong ? longest : size
  const extra = Buffer.concat([timeField(mtime), ...(isLong ? [field(1, eights(size, size))] : [])])
  return Buffer.concat([
    fours(0x04034b50),
    twos(isLong ? zip64Version : version, flags, 0, ...dosTime(mtime)),
    fours(crc, shown, shown),
    twos(name.length, extra.length),
    name,
    extra,
  ])
}

/** 4.3.9 */
function descriptor({ crc, size }: Sizes, isLong: boolean): Buffer {
  return Buffer.concat([fours(0x08074b50, crc), isLong ? eights(size, size) : fours(size, size)])
}

/** 4.3.12: the entry in the list at the end of the archive. */
function listed({ path, mode, mtime }: ZipEntry, flags: number, { crc, size }: Sizes, offset: number): Buffer {
  const name = Buffer.from(path)
  const isLong = size >= longest || offset >= longest
  const extra = Buffer.concat([timeField(mtime), ...(isLong ? [field(1, eights(size, size, offset))] : [])])
  return Buffer.concat([
    fours(0x02014b50),
    twos(madeOnUnix, isLong ? zip64Version : version, flags, 0, ...dosTime(mtime)),
    fours(crc, ...(isLong ? [longest, longest] : [size, size])),
    twos(name.length, extra.length, 0, 0, 0),
    fours(((mode << 16) | (path.endsWith('/') ? folderAttribute : 0)) >>> 0, isLong ? longest : offset),
    name,
    extra,
  ])
}

/** 4.3.14 to 4.3.16 */
function ending({ count, offset, size }: { count: number; offset: number; size: number }): Buffer {
  const isLong = count >= mostEntries || offset >= longest || size >= longest
  const zip64 = [
    fours(0x06064b50),
    eights(44),
    twos(madeOnUnix, zip64Version),
    fours(0, 0),
    eights(count, count, size, offset),
    fours(0x07064b50, 0),
    eights(offset + size),
    fours(1),
  ]
  const shortCount = Math.min(count, mostEntries)
  return Buffer.concat([
    ...(isLong ? zip64 : []),
    fours(0x06054b50),
    twos(0, 0, shortCount, shortCount),
    fours(Math.min(size, longest), Math.min(offset, longest)),
    twos(0),
  ])
}

/** Seconds since the epoch, as Info-ZIP keeps them: the format's own times know no time zone. */
function timeField(mtime: number): Buffer {
  const content = Buffer.alloc(5, 1)
  content.writeInt32LE(mtime, 1)
  return field(0x5455, content)
}

function field(id: number, content: Buffer): Buffer {
  return Buffer.concat([twos(id, content.length), content])
}

/** The format's own time and date, which begin in 1980. In UTC. */
function dosTime(mtime: number): [number, number] {
  const date = new Date(Math.max(mtime, Date.UTC(1980) / 1_000) * 1_000)
  return [
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
    ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
  ]
}

function twos(...numbers: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 2)
  for (const [at, number] of numbers.entries()) bytes.writeUInt16LE(number, at * 2)
  return bytes
}

function fours(...numbers: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 4)
  for (const [at, number] of numbers.entries()) bytes.writeUInt32LE(number, at * 4)
  return bytes
}

function eights(...numbers: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 8)
  for (const [at, number] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), at * 8)
  return bytes
}
