import { readFile, stat } from 'node:fs/promises'
import { targets } from '../domain/names.ts'
import type { FileId, InsideSight } from '../domain/proof/compare-mounts.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { isCode } from './files.ts'
import { readMarker } from './marker.ts'
import { startOfLiving } from './process-life.ts'

/** The identity of the file at a path; null if there is none. */
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
 * The data root as a process of a container sees it, through /proc. Null if this process may not look, or if that number
 * is not a process of the container (the backend is in a container itself, or the engine is on another machine).
 *
 * The look counts only if the very same process lives after it: the root of an ending process looks empty.
 */
export async function lookThroughProcess(process: { pid: number; containerId: string }): Promise<InsideSight | null> {
  const startedAt = await startOf(process.pid)
  if (startedAt === null || !(await isOfContainer(process))) return null
  const sight = await sightThrough(process.pid)
  return (await startOf(process.pid)) === startedAt ? sight : { kind: 'ended' }
}

/** The start time of a process; null if it is gone or ending. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await textOf(pid, 'stat')
  return stat === null ? null : startOfLiving(stat)
}

async function isOfContainer({ pid, containerId }: { pid: number; containerId: string }): Promise<boolean> {
  const texts = await Promise.all([textOf(pid, 'cgroup'), textOf(pid, 'mountinfo')])
  return texts.some((text) => text?.includes(containerId))
}

/** A file of /proc about a process; null if there is none, or if this process may not read it. */
async function textOf(pid: number, name: string): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/${name}`, 'utf8')
  } catch (error) {
    // EINVAL: the kernel has taken its mounts down already.
    if (isCode(error, 'ENOENT', 'ESRCH', 'EINVAL', 'EACCES', 'EPERM')) return null
    throw error
  }
}

/** The files below the root of a process; one call at a time, because each may hang. Null if this process may not look. */
async function sightThrough(pid: number): Promise<InsideSight | null> {
  const seen = (target: string) => `/proc/${pid}/root${target}`
  try {
    const shared = await fileIdOf(seen(targets.shared))
    const data = await fileIdOf(seen(targets.data))
    return { kind: 'seen', shared, data, rootId: await readMarker(seen(targets.shared)).catch(() => null) }
  } catch (error) {
    if (isCode(error, 'EACCES', 'EPERM')) return null
    return { kind: 'unverifiable', reason: reasonOf(error), isFault: true }
  }
}
