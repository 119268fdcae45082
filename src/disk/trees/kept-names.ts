import { setsTimesHere } from '../../domain/file-system.ts'
import { areStillTheNames, type FolderStamp, type Moment, mayKeepNames } from '../../domain/files/kept-names.ts'
import type { Octets } from '../../lib/octets.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Folder } from '../folder.ts'

type Source = Pick<Folder, 'stamp' | 'names' | 'fileSystem'>

/** Below that, a reading takes about as long as the rest of a page. */
const largeFrom = 5_000
const keptOctets = 32 * 2 ** 20

/** One long text: hundreds of thousands of short ones would take four times the memory. No name has a slash in it. */
type Kept = { began: Moment; stamp: FolderStamp; text: string }

export type KeptNames = { of(folder: Source): Promise<Octets[]> }

/**
 * The names in folders. Those of large folders are kept, as long as the folder does not change, because reading 200,000 of them takes
 * some 200 ms for each page. At most `octets` are kept in all; the names that nobody asked for the longest go first.
 */
export function createKeptNames(
  clock: Pick<Clock, 'now' | 'steady'>,
  { from = largeFrom, octets = keptOctets }: { from?: number; octets?: number } = {},
): KeptNames {
  const all = new Map<string, Kept>()
  let total = 0
  const moment = (): Moment => ({ nowMs: clock.now(), steadyMs: clock.steady() })

  function forget(key: string): void {
    total -= all.get(key)?.text.length ?? 0
    all.delete(key)
  }

  function keep(key: string, kept: Kept): void {
    forget(key)
    if (kept.text.length > octets) return
    all.set(key, kept)
    total += kept.text.length
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
        return kept.text.split('/')
      }
      forget(key)
      const names = await folder.names()
      if (names.length < from || !mayKeepNames(began, stamp, await folder.stamp())) return names
      if (setsTimesHere(await folder.fileSystem())) keep(key, { began, stamp, text: names.join('/') })
      return names
    },
  }
}
