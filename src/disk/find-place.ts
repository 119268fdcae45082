import type { BigIntStats } from 'node:fs'
import { placesFor } from '../domain/migration/migration.ts'
import type { Octets } from '../lib/octets.ts'
import { sameContent } from './content.ts'
import type { Folder } from './folder.ts'

/** The place of a legacy entry: a free name (`there` is null), or a name that already has the very same entry. */
export type Place = { as: Octets; there: BigIntStats | null }

/**
 * Finds the place of one entry of a legacy folder. That is its own name, if nothing else has it, else the first name of
 * `placesFor` that is free or already has this entry. So a second run finds it again, and keeps nothing twice.
 */
export async function findPlace(entry: {
  source: Folder
  target: Folder
  name: Octets
  stats: BigIntStats
  reserved: ReadonlySet<Octets>
}): Promise<Place> {
  for (const as of placesFor(entry.name)) {
    if (as !== entry.name && entry.reserved.has(as)) continue
    const there = await entry.target.look(as)
    if (there === null) return { as, there }
    if (await isSame(entry, as, there)) return { as, there }
  }
  throw new Error('there is no name left for it')
}

type Entry = Parameters<typeof findPlace>[0]

/** The same file, the same link, or two folders, whose contents are merged. Times and modes make no difference. */
async function isSame({ source, target, name, stats }: Entry, as: Octets, there: BigIntStats): Promise<boolean> {
  if (stats.isDirectory()) return there.isDirectory()
  if (stats.dev === there.dev && stats.ino === there.ino) return true
  if (stats.isSymbolicLink()) {
    return there.isSymbolicLink() && (await source.linkTarget(name)) === (await target.linkTarget(as))
  }
  if (!there.isFile() || stats.size !== there.size) return false
  await using one = await source.file(name)
  await using other = await target.file(as)
  return await sameContent(one, other)
}
