import { setsTimesHere } from '../../domain/file-system.ts'
import { areStillTheNames, type FolderStamp, type Moment, mayKeepNames } from '../../domain/files/kept-names.ts'
import type { PackedNames } from '../../domain/files/packed-names.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Folder } from '../folder.ts'

type Source = Pick<Folder, 'stamp' | 'packedNames' | 'fileSystem'>

/** Some 2,000 names. Below that, a reading takes about as long as the rest of a page. */
const largeFrom = 2 ** 15
const keptOctets = 32 * 2 ** 20

type Kept = { began: Moment; stamp: FolderStamp; names: PackedNames }

export type KeptNames = { of(folder: Source): Promise<PackedNames> }

/**
 * The names in folders. Those of folders with `from` octets of names or more are kept, as long as the folder does not change, because
 * reading 200,000 of them takes some 60 ms for each page. At most `octets` are kept in all; the names that nobody asked for the longest
 * go first.
 */
export function createKeptNames(
  clock: Pick<Clock, 'now' | 'steady'>,
  { from = largeFrom, octets = keptOctets }: { from?: number; octets?: number } = {},
): KeptNames {
  const all = new Map<string, Kept>()
  let total = 0
  const moment = (): Moment => ({ nowMs: clock.now(), steadyMs: clock.steady() })

  function forget(key: string): void {
    total -= all.get(key)?.names.length ?? 0
    all.delete(key)
  }

  function keep(key: string, kept: Kept): void {
    forget(key)
    if (kept.names.length > octets) return
    all.set(key, kept)
    total += kept.names.length
    for (const oldest of all.keys()) {
      if (total <= octets) return
      forget(oldest)
    }
  }

  return {
    async of(folder) {
      const began = moment()
      const stamp = await folder.stamp()
      const key = `${stamp.dev}:${stamp.ino}`
      const kept = all.get(key)
      if (kept && areStillTheNames(kept, { at: began, stamp })) {
        keep(key, kept) // it is the last in the order now
        return kept.names
      }
      forget(key)
      // On all local file systems a folder with many names is larger than that.
      const names = await folder.packedNames({ isLarge: stamp.size >= from })
      if (names.length < from || !mayKeepNames(began, stamp, await folder.stamp())) return names
      if (setsTimesHere(await folder.fileSystem())) keep(key, { began, stamp, names })
      return names
    },
  }
}
