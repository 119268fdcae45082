/** Puts restored files where they belong, from a place that no notebook sees. */
import { type FilePath, pathText } from '../domain/files/file-path.ts'
import { isReserved, type Tree } from '../domain/files/tree.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { bytesOf, type Octets, octetsOf } from '../lib/octets.ts'
import type { RestorePlaces } from '../ports/backup-disk.ts'

export type RestoreIntoUses = {
  places: RestorePlaces
  requireProven: (signal: AbortSignal) => Promise<void>
  /** @throws Problem forbidden if the person who asked has no right to change what is there any more */
  requireStillChange: (by: UserId, tree: Tree, path: FilePath) => Promise<void>
  /** Makes the person's folder if it is gone. */
  ensureFolder: (tree: Tree) => Promise<void>
  /** Puts what is under that path into the trash, if anything is there. Called again when a program has made it anew. */
  toTrash: (by: UserId, tree: Tree, path: FilePath) => Promise<void>
  closing: AbortSignal
}

export type Move = {
  tree: Tree
  /** The folder of the place whose entries move. */
  from: readonly string[]
  /** The only entry that moves; null: all of them. */
  only: string | null
  /** The folder that they move into, relative to that of the tree. */
  to: FilePath
  /** The place that the person must have the right to change. */
  target: FilePath
}

/**
 * @returns Does the work of a job, and gives how many entries it moved. First `fill` fills a place; then each entry at its top is moved
 * to where it belongs. A run that was cut short in the first half begins anew, one in the second half goes on: an entry that was moved
 * is in the place no more.
 */
export function createRestoreInto({
  places,
  requireProven,
  requireStillChange,
  ensureFolder,
  toTrash,
  closing,
}: RestoreIntoUses) {
  async function ready(job: Job, fill: (folder: string) => Promise<void>): Promise<void> {
    const place = await places.open(job.id)
    if (place.isRestored) return
    await fill(place.folder)
    await places.seal(job.id)
  }

  async function moveOut(job: Job, move: Move, signal: AbortSignal): Promise<number> {
    const { tree, from, only, to } = move
    await ensureFolder(tree)
    const isAsked = (name: Octets) => (only === null ? !isReserved(tree, name) : name === octetsOf(only))
    const names = (await places.entries(job.id, from)).filter(isAsked)
    for (const name of names) {
      signal.throwIfAborted()
      const text = bytesOf(name).toString()
      const path = [...to, text]
      // A name that is no text cannot be in the records of the trash: then the move refuses to replace what is there.
      const isText = octetsOf(text) === name
      const makeWay = async () => void (isText && (await toTrash(job.userId, tree, path)))
      await places.moveOut(job.id, { folder: from, name }, { tree, folder: to }, makeWay).catch((error: unknown) => {
        throw endedAt(path, move, error)
      })
    }
    return names.length
  }

  return async (
    job: Job,
    move: Move,
    fill: (folder: string) => Promise<void>,
    { signal }: { signal: AbortSignal },
  ): Promise<number> => {
    const stillMay = () => requireStillChange(job.userId, move.tree, move.target)
    try {
      await stillMay()
      await requireProven(signal)
      await ready(job, fill)
      await stillMay() // it may have taken hours
    } catch (error) {
      await places.remove(job.id)
      throw error
    }
    const moved = await moveOut(job, move, signal).catch(async (error: unknown) => {
      // A service that closes goes on at its next start; one whose job is cancelled does not.
      if (!closing.aborted) await places.remove(job.id)
      throw error
    })
    await places.remove(job.id)
    return moved
  }
}

/** The entries that have moved stay, so the words of the cause must not say that nothing was changed. */
function endedAt(path: FilePath, { only }: Move, cause: unknown): unknown {
  if (!(cause instanceof Problem)) return cause
  const rest =
    only === null ? 'The entries before it, in the order of their names, are restored; the others are not. ' : ''
  const words = (why: string) =>
    `The restore ended at ${pathText(path)}: ${why.replace('; nothing was changed', '')} ${rest}The trash has what is missing now.`
  return new Problem(cause.code, words(cause.detail), { adminDetail: words(cause.adminDetail), cause })
}
