/** The disks that are mounted somewhere below a folder. A rename takes a mount along, and so the trash would get what is on it. */
import { readFile, readlink } from 'node:fs/promises'
import { Problem } from '../../domain/problem.ts'
import { type Octets, shown } from '../../lib/octets.ts'
import type { Folder } from '../folder.ts'
import { mountPointsIn } from '../mount-point.ts'

/** Their paths from that folder on, by the kernel's list. */
export async function mountsBelow(folder: Folder): Promise<Octets[]> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'latin1').catch(() => '')
  const at = `${await readlink(`/proc/self/fd/${folder.handle.fd}`, 'latin1')}/`
  return [...mountPointsIn(mountinfo)].filter((point) => point.startsWith(at)).map((point) => point.slice(at.length))
}

/** @throws Problem folder-unusable if another disk is mounted at that name, or below it */
export async function requireNoMount(folder: Folder, name: Octets): Promise<void> {
  const mounts = (await mountsBelow(folder)).filter((path) => nameOf(path) === name)
  if (mounts.length > 0) throw mountedThere(mounts)
}

/** The name of the first folder on a path. */
export function nameOf(path: Octets): Octets {
  return path.split('/', 1)[0] ?? ''
}

export function mountedThere(paths: readonly Octets[]): Problem {
  const words = `Another disk is mounted at ${inWords(paths)}, which therefore stays. Unmount it, and ask again.`
  return new Problem('folder-unusable', words)
}

const namedAtMost = 3

export function inWords(names: readonly Octets[]): string {
  const more = names.length - namedAtMost
  return names.slice(0, namedAtMost).map(shown).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
