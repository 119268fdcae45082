import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl'
import { entriesAtMost, type LegacyZip, legacyZipForm, planOfZip } from '../domain/backups/legacy-zip.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import { Problem } from '../domain/problem.ts'
import { roomLimits } from '../domain/room.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { LegacyBackups } from '../ports/legacy-backups.ts'
import { isCode, layFolder } from './files.ts'
import { roomAt } from './room.ts'
import { createUnpack, entryOf } from './unpack-zip.ts'

/** Where a lab that was migrated has them, and one that was taken over as it is. */
const places = ['admin/backups/legacy', 'admin/backups']

/** `owner`: whom people's files belong to; null if that is the service's own user. */
export function createLegacyBackups({ root, owner }: { root: string; owner: Owner | null }): LegacyBackups {
  async function listIn(place: string): Promise<(LegacyZip & { path: string })[]> {
    const names = await readdir(`${root}/${place}`).catch(noneWhenMissing)
    const found = names.map(async (name) => {
      const parts = legacyZipForm.exec(name)?.groups
      const path = `${root}/${place}/${name}`
      const stats = parts && (await lstat(path))
      if (!parts || !stats?.isFile()) return []
      const { user: legacyUser = '', seconds } = parts
      return [{ name, legacyUser, madeAt: Number(seconds) * 1000, sizeBytes: stats.size, path }]
    })
    return (await Promise.all(found)).flat()
  }

  async function all() {
    return (await Promise.all(places.map(listIn))).flat().toSorted((one, other) => other.madeAt - one.madeAt)
  }

  return {
    list: async () => (await all()).map(({ path: _, ...zip }) => zip),

    async unpack(name, folder, { signal, tell }) {
      const zip = (await all()).find((each) => each.name === name)
      if (!zip) throw new Problem('backup-not-found', `There is no ${name}.`)
      await using handle = await open(zip.path, constants.O_RDONLY | constants.O_NOFOLLOW)
      const { file, entries } = await opened(handle)
      const plan = planOfZip(entries.map(entryOf), (await handle.stat()).size, zip)
      await layFolder(`${root}/${folder}`, { mode: 0o755, owner })
      const { freeBytes } = await roomAt(`${root}/${folder}`)
      if (plan.bytes > freeBytes - roomLimits.problem.bytes) {
        throw new Problem('no-room', 'The disk has too little room for what the zip file holds; nothing was changed.')
      }
      const unpack = createUnpack({ file, entries, target: `${root}/${folder}`, owner })
      return await unpack(plan, { signal, tell: (done) => tell({ doing: `unpacking ${name}`, ...done }) })
    },
  }
}

/** @throws Problem zip-unusable */
async function opened(handle: FileHandle): Promise<{ file: ZipFile; entries: Entry[] }> {
  try {
    // The names are judged one by one: a bad one must not lose the others.
    const file = await fromFdPromise(handle.fd, { lazyEntries: true, autoClose: false, decodeStrings: false })
    const entries: Entry[] = []
    // The plan refuses a file with too many. Nobody needs the rest, and the memory for millions may not be there.
    for await (const entry of file.eachEntry()) if (entries.push(entry) > entriesAtMost) break
    return { file, entries }
  } catch (error) {
    throw new Problem('zip-unusable', `The zip file cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

function noneWhenMissing(error: unknown): string[] {
  if (isCode(error, 'ENOENT')) return []
  throw error
}
