/** Puts restored files where they belong, from a place that no notebook sees. */
import { type FilePath, pathText } from '../domain/files/file-path.ts'
import { isReserved, type Tree } from '../domain/files/tree.ts'
import { failureOf, type Job, type Progress } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { bytesOf, type Octets, octetsOf } from '../lib/octets.ts'
import type { GivenUp, Restored, RestorePlaces } from '../ports/backup-disk.ts'

export type RestoreIntoUses = {
  places: RestorePlaces
  requireProven: (signal: AbortSignal) => Promise<void>
  /** @throws Problem forbidden if the person who asked has no right to change what is there any more */
  requireStillChange: (by: UserId, tree: Tree, path: FilePath) => Promise<void>
  /** Makes the person's folder if it is gone, and records that they have one. */
  ensureFolder: (tree: Tree) => Promise<void>
  /** Puts what is under that path into the trash, if anything is there. Called again when a program has made it anew. */
  toTrash: (by: UserId, tree: Tree, path: FilePath) => Promise<void>
  storage: {
    /** @throws Problem storage-full if a person would be over their limit */
    requireRoom: (id: UserId, what: string, moreBytes: number) => Promise<void>
    /** Counts what people's folders take now. */
    count: () => Promise<unknown>
    /** Lets what is on its way into a person's folder count already; `came`: so much of it is there now. */
    announce: (id: UserId, bytes: number) => Disposable & { came: (bytes: number) => void }
  }
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
 * @returns Does the work of a job, and gives how many entries came back. First `fill` fills a place; then each entry at its top is moved
 * to where it belongs. A run that was cut short in the first half begins anew, one in the second half goes on: an entry that was moved
 * is in the place no more. Once entries move, the caller removes the place, when the end is recorded: until then it tells what is left, or
 * that the work has failed, which then fails again in the same words.
 */
export function createRestoreInto({
  places,
  requireProven,
  requireStillChange,
  ensureFolder,
  toTrash,
  storage,
  closing,
}: RestoreIntoUses) {
  /** The entries of the place that are still to move, by name. */
  async function left({ id }: Job, { tree, from, only }: Move): Promise<Octets[]> {
    const isAsked = (name: Octets) => (only === null ? !isReserved(tree, name) : name === octetsOf(only))
    return (await places.entries(id, from)).filter(isAsked)
  }

  async function requireAllowed(job: Job, { tree, target }: Move, signal: AbortSignal): Promise<void> {
    await requireStillChange(job.userId, tree, target)
    await requireProven(signal)
  }

  /** The limit of a tier is for what a person does, not for what an administrator does for them. */
  async function requireStorage({ id, userId }: Job, { tree }: Move, { tell }: Running): Promise<void> {
    if (tree.kind !== 'person' || tree.userId !== userId) return
    const bytes = await places.bytesIn(id)
    const required = () => storage.requireRoom(userId, 'The restore', bytes)
    await required().catch(async (error: unknown) => {
      if (!isProblem(error, 'storage-full')) throw error
      // A notebook may have deleted the same files since the last count.
      tell({ doing: 'counting what the folder takes now', ...noBytes, doneFiles: 0, totalFiles: null })
      await storage.count()
      await required()
    })
  }

  async function filled(job: Job, move: Move, fill: Fill, running: Running): Promise<Restored> {
    try {
      await requireAllowed(job, move, running.signal)
      await fill(await places.open(job.id))
      await requireStorage(job, move, running)
      await requireStillChange(job.userId, move.tree, move.target) // it may have taken hours
      // Not after the seal: a run that goes on finds a folder gone if its disk is not mounted yet.
      await ensureFolder(move.tree)
      const restored = { entries: (await left(job, move)).length }
      await places.seal(job.id, restored)
      return restored
    } catch (error) {
      await places.remove(job.id) // it may be why the disk is full
      throw error
    }
  }

  /** A copy to another disk takes hours, and no count sees it before it is whole. */
  async function announced({ id }: Job, { tree }: Move): Promise<Announced | null> {
    if (tree.kind !== 'person') return null
    return storage.announce(tree.userId, await places.bytesIn(id).catch(() => 0)) // the next count tells what this cannot
  }

  /** Gives the room that the entry takes. */
  async function moveOut(
    job: Job,
    name: Octets,
    { tree, from, to, target }: Move,
    signal: AbortSignal,
  ): Promise<number> {
    const text = textOf(name)
    // A name that is no text cannot be in the records of the trash: then the move refuses to replace what is there.
    const isText = octetsOf(text) === name
    const makeWay = async () => void (isText && (await toTrash(job.userId, tree, [...to, text])))
    const onWhole = () => requireStillChange(job.userId, tree, target) // the copy may have taken hours
    const moving = { makeWay, onWhole, signal }
    return await places.moveOut(job.id, { folder: from, name }, { tree, folder: to }, moving)
  }

  async function moveAll(
    job: Job,
    move: Move,
    { entries, goesOn }: Restored & { goesOn: boolean },
    { signal, tell }: Running,
  ): Promise<void> {
    const names = await left(job, move)
    const [next] = names
    if (goesOn && next !== undefined) await requireAllowed(job, move, signal).catch(tellEndAt(next, move))
    const toldMoved = (doneFiles: number) =>
      tell({ doing: 'moving the restored entries', ...noBytes, doneFiles, totalFiles: entries })
    toldMoved(entries - names.length)
    using coming = await announced(job, move)
    for (const [at, name] of names.entries()) {
      // On one disk the rest takes moments, so a cancel leaves nothing half. A copy to another disk hears the cancel itself.
      const beginning = at === 0 && !goesOn ? signal : closing
      beginning.throwIfAborted()
      // The run before may have made way for the entry at which this one goes on.
      const copying = at === 0 && goesOn ? closing : signal
      const bytes = await moveOut(job, name, move, copying).catch(tellEndAt(name, move))
      coming?.came(bytes)
      toldMoved(entries - names.length + at + 1)
    }
  }

  return async (job: Job, move: Move, fill: Fill, running: Running): Promise<number> => {
    const sealed = await places.sealed(job.id)
    if (sealed && 'failure' in sealed) throw failedBefore(sealed)
    const restored = sealed ?? (await filled(job, move, fill, running))
    try {
      await moveAll(job, move, { ...restored, goesOn: sealed !== null }, running)
    } catch (error) {
      // A service that closes goes on at its next start. The removal is tried again, and logged, once the end is recorded.
      if (!closing.aborted)
        await places.giveUp(job.id, { failure: error instanceof Problem ? failureOf(error) : null }).catch(() => {})
      throw error
    }
    return restored.entries
  }
}

type Announced = ReturnType<RestoreIntoUses['storage']['announce']>
type Fill = (folder: string) => Promise<void>
type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

const noBytes = { doneBytes: 0, totalBytes: null }

function textOf(name: Octets): string {
  return bytesOf(name).toString()
}

function failedBefore({ failure }: GivenUp): Problem {
  const { code, detail, adminDetail = detail }: NonNullable<GivenUp['failure']> = failure ?? unrecorded
  return new Problem(code, detail, { adminDetail })
}

const unrecorded = {
  code: 'internal-error',
  detail:
    'The restore ended before all was back, and the service was stopped before it had recorded why. The trash has what is missing now.',
} as const

/** The entries that have moved stay, so the words of the cause must not say that nothing was changed. */
function tellEndAt(name: Octets, { to, only }: Move): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof Problem)) throw cause
    const rest =
      only === null ? 'The entries before it, in the order of their names, are restored; the others are not. ' : ''
    const words = (why: string) =>
      `The restore ended at ${pathText([...to, textOf(name)])}: ${why.replace('; nothing was changed', '')} ${rest}The trash has what is missing now.`
    throw new Problem(cause.code, words(cause.detail), { adminDetail: words(cause.adminDetail), cause })
  }
}
