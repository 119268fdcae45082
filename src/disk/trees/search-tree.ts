import type { Owner } from '../../domain/people/notebook-user.ts'
import { isProblem } from '../../domain/problem.ts'
import { mapLimited } from '../../lib/map-limited.ts'
import { type Octets, octetsOf } from '../../lib/octets.ts'
import type { FoundEntry } from '../../ports/file-trees.ts'
import { isCode } from '../files.ts'
import type { Folder } from '../folder.ts'
import { entryOf } from './entries.ts'
import { enter } from './open-tree.ts'

const deepest = 400
const atOnce = 8

/** The entries below a folder whose names contain the text, each folder's own before those below it. Ends when `signal` aborts. */
export async function* searchTree(
  folder: Folder,
  text: string,
  { owner, signal, isHidden }: { owner: Owner | null; signal: AbortSignal; isHidden: (name: Octets) => boolean },
  at = '',
  depth = 0,
): AsyncGenerator<FoundEntry> {
  if (signal.aborted || depth > deepest) return
  const names = (await folder.names()).filter((name) => !isHidden(name))
  const wanted = text.toLowerCase()
  const below: string[] = []
  for (let first = 0; first < names.length && !signal.aborted; first += 256) {
    const part = await mapLimited(names.slice(first, first + 256), atOnce, async (name) => {
      const stats = await folder.look(name)
      return stats && { stats, entry: await entryOf(folder, name, stats) }
    })
    for (const found of part) {
      if (!found?.entry.isExact) continue
      if (found.entry.name.toLowerCase().includes(wanted)) yield { path: at + found.entry.name, entry: found.entry }
      if (found.stats.isDirectory()) below.push(found.entry.name)
    }
  }
  for (const name of below) {
    if (signal.aborted) return
    const next = await enter(folder, octetsOf(name), owner).catch(nullIfChanged)
    if (!next) continue
    await using opened = next
    yield* searchTree(opened, text, { owner, signal, isHidden: () => false }, `${at}${name}/`, depth + 1)
  }
}

/** The owner of the folder may have moved it, or swapped it for a link, since the look; or notebooks may not enter it. */
function nullIfChanged(error: unknown): null {
  if (isCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES') || isProblem(error, 'folder-unusable')) return null
  throw error
}
