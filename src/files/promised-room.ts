import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { roomLimits } from '../domain/room.ts'
import { sizeInWords } from '../lib/size-in-words.ts'

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
}

/** What a person may store, and does. `waitingBytes`: in unfinished uploads that are not under way. */
export type Allowed = { limitBytes: number; usedBytes: number; waitingBytes: number }

/** The room of this moment. `allowed`: null if nothing limits what the person stores. */
export type Room = { freeBytes: number; allowed: Allowed | null }

/** Room for one upload or copy. It is given back when that has ended. */
export type Promised = Disposable & {
  /** Call it before each write: `bytes` is what has come by then. @throws Problem no-room, storage-full */
  onBytes(bytes: number): Promise<void>
  /** Notes the same, and checks nothing: for uploads whose bytes stay when the request ends. */
  note(bytes: number): void
  /** The bytes stay on the disk. */
  keep(): void
}

/** `measure` is told the keys of all that is under way, with that of `asked`. @throws Problem no-room, storage-full */
export type PromiseRoom = (asked: Asked, measure: (underWay: readonly unknown[]) => Promise<Room>) => Promise<Promised>

type UnderWay = Asked & { doneBytes: number; isKept: boolean }
/** The room of a moment. By then all uploads together had written so much, and uploads and copies of the person had left so much. */
type Measured = Room & { writtenBefore: number; keptBefore: number }

/**
 * Promises room to uploads: on the disk, where the last of it is for the platform's own records, and below the person's limit; to
 * copies, below the limit alone. Two that one person begins at one instant do not both get the last of it. Bytes that others have only
 * announced keep nobody from uploading: they might never send them.
 *
 * INVARIANT: uploads and copies make old figures allow less, never more. So the room is measured anew before old figures refuse or end
 * one.
 */
export function createPromiseRoom(): PromiseRoom {
  const underWay = new Map<unknown, UnderWay>()
  let writtenBytes = 0
  /** What ended and stays, by the person whose limit counts. */
  const keptBytes = new Map<UserId | null, number>()
  const keptOf = (userId: UserId | null) => keptBytes.get(userId) ?? 0

  /** What is under way with one of them, which may be about to begin. */
  const allWith = (own: UnderWay) => [...[...underWay.values()].filter(({ key }) => key !== own.key), own]

  function missingOnDisk({ freeBytes, writtenBefore }: Measured, announcedBytes: number): Problem | null {
    if (writtenBytes - writtenBefore + announcedBytes <= freeBytes - roomLimits.problem.bytes) return null
    return new Problem('no-room', 'The disk has too little room left; nothing was changed.')
  }

  function missingBelowLimit(own: UnderWay, { allowed, keptBefore }: Measured): Problem | null {
    if (!allowed) return null
    const { limitBytes, usedBytes, waitingBytes } = allowed
    const comingBytes = sumOf(allWith(own).map((each) => (each.userId === own.userId ? sizeOf(each) : 0)))
    const keptSince = keptOf(own.userId) - keptBefore
    if (usedBytes + waitingBytes + keptSince + comingBytes <= limitBytes) return null
    const what = own.by === null ? 'copy' : 'upload'
    const beside = waitingBytes > 0 ? ` beside the ${sizeInWords(waitingBytes)} in unfinished uploads` : ''
    const detail = `The ${what} is larger than what your tier leaves you${beside}; nothing was changed.`
    return new Problem('storage-full', detail)
  }

  return async (asked, measure) => {
    const own: UnderWay = { ...asked, doneBytes: 0, isKept: false }

    /** `unwrittenBytes`: what is noted, and goes to the disk only after this. */
    async function look(unwrittenBytes = 0): Promise<Measured> {
      // Bytes that others write or leave while this measures count twice rather than never.
      const before = { writtenBefore: writtenBytes - unwrittenBytes, keptBefore: keptOf(asked.userId) }
      return { ...(await measure([...underWay.keys(), asked.key])), ...before }
    }

    let measured = await look()

    function missingAtFirst(): Problem | null {
      const announced = allWith(own).map((each) => (each.by === asked.by ? stillToCome(each) : 0))
      // The end of an upload of which all bytes are there takes no room on the disk. An empty one does: its note and its name are new.
      const isEnd = asked.comingBytes === 0 && asked.storedBytes > 0
      const missing = isEnd ? null : missingOnDisk(measured, sumOf(announced))
      return missing ?? missingBelowLimit(own, measured)
    }

    function missingNow(): Problem | null {
      const isAnnounced = own.doneBytes <= (asked.comingBytes ?? 0)
      return missingOnDisk(measured, 0) ?? (isAnnounced ? null : missingBelowLimit(own, measured))
    }

    function note(bytes: number): void {
      if (asked.by !== null) writtenBytes += bytes - own.doneBytes
      own.doneBytes = bytes
    }

    if (missingAtFirst()) measured = await look()
    const missing = missingAtFirst()
    if (missing) throw missing
    underWay.set(asked.key, own)
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
      [Symbol.dispose]() {
        if (!own.isKept) note(0)
        // A request that took its place counts what was stored before.
        const isNewest = underWay.get(asked.key) === own
        if (isNewest) underWay.delete(asked.key)
        const leftBytes = own.doneBytes + (isNewest && own.isKept ? asked.storedBytes : 0)
        keptBytes.set(asked.userId, keptOf(asked.userId) + leftBytes)
      },
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
