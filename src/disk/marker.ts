import { constants } from 'node:fs'
import { lutimes, open } from 'node:fs/promises'
import { markerFile } from '../domain/names.ts'
import type { MarkerSight } from '../domain/proof/compare-markers.ts'
import { TimeLimitError } from '../lib/time-limit.ts'
import { isCode } from './files.ts'
import type { Patience } from './patience.ts'
import { writeWhole } from './write-whole.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id in a folder's marker, null if there is no marker. @throws Error if the marker is no file with a UUID in it */
export async function readMarker(folder: string): Promise<string | null> {
  return (await markerOf(folder))?.rootId ?? null
}

/** Reads no pipe, no link, and no more bytes than a marker has: anybody who may write in `shared/` could put one there. */
async function markerOf(folder: string): Promise<{ rootId: string; touchedAt: string } | null> {
  const file = `${folder}/${markerFile}`
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stats = await handle.stat({ bigint: true })
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    const rootId = buffer.subarray(0, bytesRead).toString().trim()
    if (!stats.isFile() || !uuid.test(rootId)) throw new Error(`${file} does not hold a root id`)
    return { rootId, touchedAt: String(stats.mtimeNs) }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    if (isCode(error, 'ELOOP', 'ESPIPE', 'EISDIR')) throw new Error(`${file} does not hold a root id`, { cause: error })
    throw error
  }
}

/** Writes the marker of a folder. */
export function writeMarker(folder: string, rootId: string): Promise<void> {
  return writeWhole(`${folder}/${markerFile}`, `${rootId}\n`, 0o644)
}

/**
 * Touches a marker and gives what is there. If the service cannot touch a marker, the marker proves nothing: a copy of the
 * data root holds the same id, and only the touch distinguishes the two.
 */
export function touchMarker(folder: string, now: Date, patience: Patience): Promise<MarkerSight> {
  return sightOf(folder, patience, (file) => lutimes(file, now, now))
}

/** Gives what is there, and touches nothing. */
export function seeMarker(folder: string, patience: Patience): Promise<MarkerSight> {
  return sightOf(folder, patience, async () => {})
}

async function sightOf(
  folder: string,
  patience: Patience,
  before: (file: string) => Promise<void>,
): Promise<MarkerSight> {
  const file = `${folder}/${markerFile}`
  try {
    return await patience(folder, `looking at ${file}`, async () => {
      await before(file)
      const marker = await markerOf(folder)
      return marker ? { kind: 'seen', ...marker } : { kind: 'missing' }
    })
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' }
    return { kind: 'unreadable', reason: touchReason(error, file) }
  }
}

function touchReason(error: unknown, file: string): string {
  if (error instanceof TimeLimitError) return 'the file system does not answer'
  if (isCode(error, 'EDQUOT')) return 'the quota of its file system is used up; raise it, or make room'
  if (isCode(error, 'ENOSPC')) return 'its file system is full; make room'
  if (isCode(error, 'EROFS')) return 'its file system is read-only'
  if (isCode(error, 'EPERM', 'EACCES')) {
    const [uid, gid] = [process.getuid?.(), process.getgid?.()]
    return `the service (uid ${uid}) may not touch it; give it to the service: chown ${uid}:${gid} '${file}'`
  }
  return error instanceof Error ? error.message : String(error)
}
