import { Problem } from '../../domain/problem.ts'
import type { Octets } from '../../lib/octets.ts'
import { isCode } from '../files.ts'
import type { Folder } from '../folder.ts'

/**
 * Moves an entry within one file system, and replaces nothing: rename(2) would. A file gets its second name before it loses the
 * first, which fails if the name is taken. Where there are no hard links, and for folders, the look and the move are two steps: a
 * folder then replaces at most an empty one that somebody made in between.
 *
 * @throws Problem file-exists; Error ENOENT, EXDEV, EINVAL into itself
 */
export async function place(from: Folder, name: Octets, to: Folder, as: Octets): Promise<void> {
  const stats = await from.look(name)
  if (stats && !stats.isDirectory() && (await gaveName(from, name, to, as))) return await from.removeFile(name)
  if (await to.look(as)) throw exists()
  await from.moveTo(name, to, as)
}

async function gaveName(from: Folder, name: Octets, to: Folder, as: Octets): Promise<boolean> {
  try {
    await from.addNameIn(name, to, as)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw exists(error)
    if (isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK')) return false
    throw error
  }
}

function exists(cause?: unknown): Problem {
  return new Problem('file-exists', 'Something has this name already; nothing was changed.', { cause })
}
