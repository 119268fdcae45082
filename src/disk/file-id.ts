import { readFile, stat } from 'node:fs/promises'
import type { FileId } from '../domain/compare-mounts.ts'
import { isCode } from './files.ts'

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
 * The same as a process of a container sees it, through /proc. Null where this process may not look, or where that
 * number is not a process of the container (the backend is in a container itself, or the engine on another machine).
 */
export async function lookThroughProcess(
  { pid, containerId }: { pid: number; containerId: string },
  paths: readonly string[],
): Promise<(FileId | null)[] | null> {
  try {
    const texts = await Promise.all(['cgroup', 'mountinfo'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')))
    if (!texts.some((text) => text.includes(containerId))) return null
    return await Promise.all(paths.map((path) => fileIdOf(`/proc/${pid}/root${path}`)))
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return null
    throw error
  }
}
