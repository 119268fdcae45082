import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { type Entry, getFileNameLowLevel, type ZipFile } from 'yauzl'
import type { ZipEntry, ZipPlan } from '../domain/backups/legacy-zip.ts'
import type { FilePath } from '../domain/files/file-path.ts'
import type { Progress } from '../domain/jobs/job.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { Unpacked } from '../ports/legacy-backups.ts'
import { isCode, layFolder } from './files.ts'

const madeOnUnix = 3
const typeBits = 0o170000
const [ofFile, ofFolder] = [0o100000, 0o040000]
const anyExecute = 0o111

/** An entry in our words. Only Unix writes types of files; elsewhere a folder is a name with a slash at its end. */
export function entryOf(entry: Entry): ZipEntry {
  const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
  const type = modeOf(entry) & typeBits
  const kind = name.endsWith('/') ? 'folder' : type === 0 || type === ofFile ? 'file' : 'other'
  return {
    name,
    kind: kind === 'folder' && type !== 0 && type !== ofFolder ? 'other' : kind,
    isReadable: kind === 'folder' || entry.canDecodeFileData(),
    sizeBytes: entry.uncompressedSize,
    packedBytes: entry.compressedSize,
  }
}

function modeOf({ versionMadeBy, externalFileAttributes }: Entry): number {
  return versionMadeBy >> 8 === madeOnUnix ? externalFileAttributes >>> 16 : 0
}

/** Unpacks into `target`, which nobody but the service may change, so that its paths lead nowhere else. */
export function createUnpack({
  file,
  entries,
  target,
  owner,
}: {
  file: ZipFile
  entries: readonly Entry[]
  target: string
  owner: Owner | null
}): (
  plan: ZipPlan,
  options: { signal: AbortSignal; tell: (done: Omit<Progress, 'doing'>) => void },
) => Promise<Unpacked> {
  const placeOf = (path: FilePath) => [target, ...path].join('/')

  /** Writes one file. What it declares of itself is checked: its size by the reader, its checksum here. */
  async function unpackFile(entry: Entry, path: FilePath, signal: AbortSignal, onBytes: (bytes: number) => void) {
    const mode = (modeOf(entry) & anyExecute) === 0 ? 0o644 : 0o755
    await using handle = await open(placeOf(path), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    const content: AsyncIterable<Buffer> = await file.openReadStreamPromise(entry)
    let sum = 0
    for await (const piece of content) {
      signal.throwIfAborted()
      sum = crc32(piece, sum)
      await handle.writeFile(piece)
      onBytes(piece.length)
    }
    if (sum !== entry.crc32) throw new Error('its checksum is another one')
    const modified = entry.getLastModDate()
    await handle.chmod(mode)
    if (owner) await handle.chown(owner.uid, owner.gid)
    await handle.utimes(modified, modified)
  }

  return async ({ folders, files, bytes, leftOut }, { signal, tell }) => {
    const done = { doneBytes: 0, totalBytes: bytes, doneFiles: 0, totalFiles: files.length }
    const unpacked: Unpacked = { files: 0, bytes: 0, leftOut: [...leftOut] }
    for (const folder of folders) await layFolder(placeOf(folder), { mode: 0o755, owner }).catch(unlessTooLong)
    for (const { at, path } of files) {
      const entry = entries[at]
      if (!entry) continue
      try {
        await unpackFile(entry, path, signal, (more) => (done.doneBytes += more))
        unpacked.files += 1
        unpacked.bytes += entry.uncompressedSize
      } catch (error) {
        signal.throwIfAborted()
        if (isOfDisk(error)) throw error
        await rm(placeOf(path), { force: true })
        unpacked.leftOut.push({ name: path.join('/'), reason: `it is damaged (${reasonOf(error)})` })
      }
      done.doneFiles += 1
      tell({ ...done })
    }
    return unpacked
  }
}

/** Whether the disk is in the way, and not the entry. */
function isOfDisk(error: unknown): boolean {
  return isCode(error, 'ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE')
}

/** A path that no file can have; the files below it are left out too. */
function unlessTooLong(error: unknown): void {
  if (!isCode(error, 'ENAMETOOLONG', 'ENOENT')) throw error
}
