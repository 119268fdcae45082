import { drillFolder } from '../domain/backups/drill.ts'
import type { LabRecords } from '../domain/backups/records.ts'
import { markedFolders } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import { roomStatus } from '../domain/room.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import type { DrillPlace } from '../ports/drill-place.ts'
import { fileSum } from './file-sum.ts'
import { layFolder } from './files.ts'
import { Folder } from './folder.ts'
import { writeMarker } from './marker.ts'
import { createNewRoot } from './new-root.ts'
import { roomAt } from './room.ts'
import { removeAll } from './trees/trash.ts'

type Options = {
  /** The living data root. */
  root: string
  readRecords: (databaseFile: string) => Promise<LabRecords>
  randomId: () => string
}

export function createDrillPlace({ root, readRecords, randomId }: Options): DrillPlace {
  const place = `${root}/admin/${drillFolder}`
  const lab = `${place}/lab`

  async function clear(): Promise<void> {
    await using admin = await Folder.open(`${root}/admin`)
    await removeAll(admin, drillFolder)
  }

  async function requireRoom(needed: { entries: number; bytes: number }): Promise<void> {
    const room = await roomAt(`${root}/admin`)
    const freeBytes = room.freeBytes - needed.bytes
    const freeFiles = room.totalFiles > 0 ? room.freeFiles - needed.entries : room.freeFiles
    if (freeBytes > 0 && roomStatus({ ...room, freeBytes, freeFiles }) !== 'problem') return
    const detail = `A drill restores ${sizeInWords(needed.bytes)} in ${needed.entries} files and folders beside the lab, and the disk of the data root has too little room for it: ${sizeInWords(room.freeBytes)} are free.`
    throw new Problem('no-room', detail)
  }

  return {
    clear,

    async open(needed) {
      await clear()
      await requireRoom(needed)
      await layFolder(place, { mode: 0o700, owner: null })
      return { root: `admin/${drillFolder}/lab`, newRoot: createNewRoot(lab) }
    },

    async summary() {
      const file = `${lab}/admin/ai-lab.db`
      try {
        return { ...(await readRecords(file)), database_sha256: await fileSum(file) }
      } catch (error) {
        throw new Problem('drill-failed', `The restored database cannot be read: ${reasonOf(error)}`, { cause: error })
      }
    },

    async disown() {
      const id = randomId()
      for (const folder of markedFolders) await writeMarker(folder === '' ? lab : `${lab}/${folder}`, id)
    },
  }
}
