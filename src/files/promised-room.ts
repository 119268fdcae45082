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
  onBytes(bytes: number): Promise<void>
  /** Notes the same, and checks nothing: for uploads whose bytes stay when the request ends. */
  note(bytes: number): void
  /** The bytes stay on the disk. */
  keep(): void
}

/** @throws Problem no-room, storage-full */
export type PromiseRoom = (asked: Asked, measure: () => Promise<Room>) => Promise<Promised>

type UnderWay = Asked & { doneBytes: number; isKept: boolean }
/** The room of a moment, and what all uploads together had written by then. */
type Measured = Room & { writtenBefore: number }

/**
 * Promises room to uploads: on the disk, where the last of it is for the platform's own records, and below the person's limit; to
 * copies, below the limit alone. Two that one person begins at one instant do not both get the last of it. Bytes that others have only
 * announced keep nobody from uploading: they might never send them.
 *
 * INVARIANT: as figures grow older, they allow less and never more. So before old figures end an upload, the room is measured anew.
 */
export function createPromiseRoom(): PromiseRoom {
  const underWay = new Map<unknown, UnderWay>()
  let writtenBytes = 0

  function missingOnDisk({ freeBytes, writtenBefore }: Measured, announcedBytes: number): Problem | null {
    if (writtenBytes - writtenBefore + announcedBytes <= freeBytes - roomLimits.problem.bytes) return null
    return new Problem('no-room', 'The disk has too little room left; nothing was changed.')
  }

  function missingBelowLimit({ by, userId, waitingBytes }: Asked, { allowed }: Measured): Problem | null {
    const own = sumOf([...underWay.values()].filter((each) => each.userId === userId).map(sizeOf))
    if (!allowed || allowed.usedBytes + waitingBytes + own <= allowed.limitBytes) return null
    const what = by === null ? 'copy' : 'upload'
    return new Problem('storage-full', `The ${what} is larger than what your tier leaves you; nothing was changed.`)
  }

  return async (asked, measure) => {
    /** `unwrittenBytes`: what is noted, and goes to the disk only after this. */
    async function look(unwrittenBytes = 0): Promise<Measured> {
      // Bytes that others write while the disk is measured count twice rather than never.
      const writtenBefore = writtenBytes - unwrittenBytes
      return { ...(await measure()), writtenBefore }
    }

    let measured = await look()
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
    const announced = [...underWay.values()].filter((each) => each.by === asked.by).map(stillToCome)
    const missing = missingOnDisk(measured, sumOf(announced)) ?? missingBelowLimit(asked, measured)
    if (missing) {
      end()
      throw missing
    }
    const missingNow = () => {
      const isAnnounced = own.doneBytes <= (asked.comingBytes ?? 0)
      return missingOnDisk(measured, 0) ?? (isAnnounced ? null : missingBelowLimit(asked, measured))
    }
    return {
      note,
      async onBytes(bytes) {
        const pieceBytes = bytes - own.doneBytes
        note(bytes)
        if (!missingNow()) return
        measured = await look(pieceBytes)
        const missing = missingNow()
        if (missing) throw missing
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
