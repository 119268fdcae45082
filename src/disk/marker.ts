import { readFile, stat, utimes } from 'node:fs/promises'
import { markerFile } from '../domain/names.ts'
import type { MarkerSight } from '../domain/proof.ts'
import { TimeLimitError, timeLimit } from '../lib/time-limit.ts'
import { isCode } from './files.ts'
import { writeWhole } from './write-whole.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id in a folder's marker, null when there is no marker. @throws Error when the marker is no UUID */
export async function readMarker(folder: string): Promise<string | null> {
  let text: string
  try {
    text = await readFile(`${folder}/${markerFile}`, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
  const id = text.trim()
  if (!uuid.test(id)) throw new Error(`${folder}/${markerFile} does not hold a root id`)
  return id
}

/** Writes the marker of a folder. */
export function writeMarker(folder: string, rootId: string): Promise<void> {
  return writeWhole(`${folder}/${markerFile}`, `${rootId}\n`, 0o644)
}

/**
 * Touches a marker and tells what is there, within `limitMs`. A marker that cannot be touched proves nothing: a copy
 * of the data root holds the same id, and only the touch tells the two apart.
 */
export async function touchMarker(folder: string, now: Date, limitMs: number): Promise<MarkerSight> {
  const file = `${folder}/${markerFile}`
  try {
    return await timeLimit(`looking at ${file}`, limitMs, async () => {
      await utimes(file, now, now)
      const [{ mtimeNs }, rootId] = await Promise.all([stat(file, { bigint: true }), readMarker(folder)])
      return { kind: 'seen', rootId, touchedAt: String(mtimeNs) }
    })
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' }
    return { kind: 'unreadable', reason: reasonOf(error, file) }
  }
}

function reasonOf(error: unknown, file: string): string {
  if (error instanceof TimeLimitError) return 'the file system does not answer'
  if (isCode(error, 'EROFS')) return 'its file system is read-only'
  if (isCode(error, 'EPERM', 'EACCES')) {
    const [uid, gid] = [process.getuid?.(), process.getgid?.()]
    return `the service (uid ${uid}) may not touch it; give it to the service: chown ${uid}:${gid} '${file}'`
  }
  return error instanceof Error ? error.message : String(error)
}
