import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { roomLimits } from '../domain/room.ts'

/** The wish of an upload or a copy. Sizes in bytes. */
export type Asked = {
  /** Two requests of one upload have the same: the later one takes the place of the earlier one. */
  key: unknown
  /** The person who uploads; null for a copy: it watches the disk itself, where it may take no room at all. */
  by: UserId | null
  /** Whose limit counts; null: nobody's. */
  userId: UserId | null
  /** How much comes in this request; null if the caller does not say. */
  comingBytes: number | null
  /** Bytes that earlier requests of the same upload stored. */
  storedBytes: number
  /** Bytes in the person's unfinished uploads that are not under way. */
  waitingBytes: number
}

/** The room of this moment. `allowed`: what the person may store, and does; null if nothing limits that. */
export type Room = { freeBytes: number; allowed: { limitBytes: number; usedBytes: number } | null }

/** Room for one upload or copy. It is given back when that has ended. */
export type Promised = Disposable & {
  /** Call it before each write: `bytes` is what has come by then. @throws Problem no-room, storage-full */
  onBytes(bytes: number): void
  /** Notes the same, and checks nothing: for uploads whose bytes stay when the request ends. */
  note(bytes: number): void
  /** The bytes stay on the disk. */
  keep(): void
}

/** @throws Problem no-room, storage-full */
export type PromiseRoom = (asked: Asked, measure: () => Promise<Room>) => Promise<Promised>

type UnderWay = Asked & { doneBytes: number; isKept: boolean }

/**
 * Promises room to uploads: on the disk, where the last of it is for the platform's own records, and below the person's limit; to
 * copies, below the limit alone. Two that one person begins at one instant do not both get the last of it. Bytes that others have only
 * announced keep nobody from uploading: they might never send them.
 */
export function createPromiseRoom(): PromiseRoom {
  const underWay = new Map<unknown, UnderWay>()
  let writtenBytes = 0

  function requireDisk(room: Room, writtenBefore: number, announcedBytes: number): void {
    if (writtenBytes - writtenBefore + announcedBytes <= room.freeBytes - roomLimits.problem.bytes) return
    throw new Problem('no-room', 'The disk has too little room left; nothing was changed.')
  }

  function requireTier({ by, userId, waitingBytes }: Asked, { allowed }: Room): void {
    const own = sumOf([...underWay.values()].filter((each) => each.userId === userId).map(sizeOf))
    if (!allowed || allowed.usedBytes + waitingBytes + own <= allowed.limitBytes) return
    const what = by === null ? 'copy' : 'upload'
    throw new Problem('storage-full', `The ${what} is larger than what your tier leaves you; nothing was changed.`)
  }

  return async (asked, measure) => {
    // Bytes that others write while the disk is measured count twice rather than never.
    const writtenBefore = writtenBytes
    const room = await measure()
    const own = { ...asked, doneBytes: 0, isKept: false }
    const note = (bytes: number) => {
      if (asked.by !== null) writtenBytes += bytes - own.doneBytes
      own.doneBytes = bytes
    }
    const end = () => {
      if (!own.isKept) note(0)
      if (underWay.get(asked.key) === own) underWay.delete(asked.key)
    }
    underWay.set(asked.key, own)
    try {
      const announced = [...underWay.values()].filter((each) => each.by === asked.by).map(stillToCome)
      requireDisk(room, writtenBefore, sumOf(announced))
      requireTier(asked, room)
    } catch (error) {
      end()
      throw error
    }
    return {
      note,
      onBytes(bytes) {
        note(bytes)
        requireDisk(room, writtenBefore, 0)
        if (bytes > (asked.comingBytes ?? 0)) requireTier(asked, room)
      },
      keep() {
        own.isKept = true
      },
      [Symbol.dispose]: end,
    }
  }
}

function stillToCome({ comingBytes, doneBytes }: UnderWay): number {
  return Math.max((comingBytes ?? 0) - doneBytes, 0)
}

function sizeOf({ storedBytes, comingBytes, doneBytes }: UnderWay): number {
  return storedBytes + Math.max(comingBytes ?? 0, doneBytes)
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
