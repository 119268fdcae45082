import type { BigIntStats } from 'node:fs'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { Problem } from '../../domain/problem.ts'

type Look = Pick<BigIntStats, 'uid' | 'gid' | 'mode'>

/**
 * Whether the user of notebooks may read a file, or enter a folder. The service's own user may be root, who reads everything: a file
 * that an administrator has closed, or a hard link to a file from elsewhere. `owner` is null if the service's user is the same.
 */
export function mayRead({ uid, gid, mode }: Look, owner: Owner | null, right: 'read' | 'enter' = 'read'): boolean {
  if (owner === null) return true
  const bit = right === 'read' ? 0o4n : 0o1n
  if (Number(uid) === owner.uid) return (mode & (bit << 6n)) !== 0n
  return (mode & (Number(gid) === owner.gid ? bit << 3n : bit)) !== 0n
}

/** @throws Problem folder-unusable */
export function requireReadable(stats: Look, owner: Owner | null, right: 'read' | 'enter' = 'read'): void {
  if (mayRead(stats, owner, right)) return
  throw new Problem(
    'folder-unusable',
    `Notebooks may not ${right} this, so nor does the service: see its owner and mode.`,
  )
}
