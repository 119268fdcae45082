import type { Status } from '../domain/environment/environment.ts'
import { type Picture, type ProgressEvent, pictureOf } from '../domain/environment/progress.ts'
import type { Caller } from '../domain/people/account.ts'
import { isProblem } from '../domain/problem.ts'
import type { Find } from './find.ts'

/** The last event of all: it says why no more events come. */
export type Ended = { kind: 'ended'; status: Status | 'gone' }

/** `number` is null for an event that need not be asked for again. */
export type Told = { number: number | null; event: ProgressEvent | Ended }

/** The known progress of environments, by the numbers of its events. */
export type KnownProgress = {
  note(id: string, picture: Picture): void
  version(id: string): number
  since(id: string, number: number | null): { number: number; event: ProgressEvent }[]
  newest(): number
  knows(id: string, number: number): boolean
  next(id: string, options: { signal: AbortSignal }): Promise<void>
}

export type FollowOptions = {
  /** The number of the last event that the caller has; null when it has none of this process. */
  after: number | null
  /** Go on when the environment is settled, until it is gone. */
  beyondSettled: boolean
  signal: AbortSignal
}

/**
 * The events of an environment: first those of its present run, or those after the caller's last event, then each new
 * one as it happens. Null if the caller has them all and no more will come.
 * @throws Problem environment-not-found
 */
export type Follow = (caller: Caller, id: string, options: FollowOptions) => Promise<AsyncIterable<Told> | null>

export function createFollow({ find, progress }: { find: Find; progress: KnownProgress }): Follow {
  /**
   * Looks, and reports to the log: the log may know less, since the reconciler reports only what it sees and does
   * itself.
   */
  async function look(caller: Caller, id: string): Promise<Picture> {
    for (;;) {
      const version = progress.version(id)
      const { environment, runtime } = await find.one(caller, id)
      if (progress.version(id) !== version) continue // the environment went on meanwhile: this picture would be a step back
      const picture = pictureOf(environment, runtime)
      progress.note(id, picture)
      return picture
    }
  }

  async function* follow(caller: Caller, id: string, options: FollowOptions): AsyncGenerator<Told> {
    const { beyondSettled, signal } = options
    let { after } = options
    while (!signal.aborted) {
      // Begin to listen before the look, so that nothing between the look and the wait is missed.
      const news = progress.next(id, { signal })
      const picture = await look(caller, id).catch(nullWhenGone)
      if (!picture) {
        yield { number: null, event: { kind: 'ended', status: 'gone' } }
        return
      }
      for (const told of after === null ? present(id, picture) : progress.since(id, after)) {
        yield told
        after = told.number
      }
      if (picture.settled && !beyondSettled) {
        yield { number: null, event: { kind: 'ended', status: picture.status } }
        return
      }
      await news
    }
  }

  /** The events of the present run. The log soon forgets a settled environment: then its status is the only event. */
  function present(id: string, { status, words, transition }: Picture): { number: number; event: ProgressEvent }[] {
    const known = progress.since(id, null)
    if (known.some(({ event }) => event.kind === 'status')) return known
    const number = known[0] ? known[0].number - 1 : progress.newest()
    return [{ number, event: { kind: 'status', status, words, transition } }, ...known]
  }

  return async (caller, id, options) => {
    const { settled } = await look(caller, id)
    const after = options.after !== null && progress.knows(id, options.after) ? options.after : null
    const hasAll = after !== null && settled && progress.since(id, after).length === 0
    return hasAll && !options.beyondSettled ? null : follow(caller, id, { ...options, after })
  }
}

function nullWhenGone(error: unknown): null {
  if (isProblem(error, 'environment-not-found')) return null
  throw error
}
