import { readFile, stat } from 'node:fs/promises'
import { targets } from '../domain/names.ts'
import type { FileId, InsideSight } from '../domain/proof/compare-mounts.ts'
import { isCode } from './files.ts'
import { readMarker } from './marker.ts'

/** Which file is at a path; null when there is none. */
export async function fileIdOf(path: string): Promise<FileId | null> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return { device: String(dev), inode: String(ino) }
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

/**
 * What a process of a container sees of the data root, through /proc. Null where this process may not look, or where
 * that number is not a process of the container (the backend is in a container itself, or the engine on another machine).
 */
export async function lookThroughProcess({
  pid,
  containerId,
}: {
  pid: number
  containerId: string
}): Promise<InsideSight | null> {
  const seen = (target: string) => `/proc/${pid}/root${target}`
  try {
    const texts = await Promise.all(['cgroup', 'mountinfo'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')))
    if (!texts.some((text) => text.includes(containerId))) return null
    const [shared, data] = await Promise.all([fileIdOf(seen(targets.shared)), fileIdOf(seen(targets.data))])
    return { kind: 'seen', shared, data, rootId: await readMarker(seen(targets.shared)).catch(() => null) }
  } catch (error) {
    // EINVAL: the process has ended, and its parent has not taken note of it yet.
    if (isCode(error, 'ENOENT', 'ESRCH', 'EINVAL', 'EACCES', 'EPERM')) return null
    throw error
  }
}
