import type { Caller } from '../domain/people/account.ts'
import { can, requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem } from '../domain/problem.ts'
import type { Listeners } from '../lib/listeners.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { Find, Found } from './find.ts'

/** An environment as it is now, or the id of one that is gone. */
export type Change = { found: Found } | { goneId: string }

/**
 * Tells of each change of the environments of a person, or of everybody's for an administrator who names nobody. Changes of one
 * environment that come while the reader is slow are told once, as it is then.
 * @throws Problem forbidden
 */
export type FollowAll = (
  caller: Caller,
  userId: UserId | undefined,
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<Change>>

const pageSize = 500

export function createFollowAll(deps: {
  find: Find
  store: Pick<EnvironmentStore, 'list'>
  news: Listeners<{ id: string; userId: UserId | null }>
}): FollowAll {
  const { find, store, news } = deps

  async function idsOf(userId: UserId): Promise<string[]> {
    const ids: string[] = []
    for (let after: { createdAt: number; id: string } | undefined; ; ) {
      const records = await store.list({ userId, after, limit: pageSize })
      ids.push(...records.map(({ id }) => id))
      const last = records.at(-1)
      if (!last || records.length < pageSize) return ids
      after = { createdAt: last.createdAt, id: last.id }
    }
  }

  async function* follow(caller: Caller, inbox: Inbox, signal: AbortSignal): AsyncGenerator<Change> {
    while (!signal.aborted) {
      const next = await inbox.next()
      if (!next) return
      const found = await find.one(caller, next.id).catch(nullWhenGone)
      if (found) yield { found }
      else if (next.isGone) yield { goneId: next.id } // otherwise that news is still to come
    }
  }

  return async (caller, userId, { signal }) => {
    const owner = userId ?? caller.userId
    requireRight(caller, 'environment:see', { owner }, "Only an administrator follows others' environments.")
    const whose = can(caller, 'environment:see') ? userId : owner
    const inbox = createInbox(news, whose ?? null, signal)
    // After the inbox listens: an environment that is deleted meanwhile is in one of both.
    if (whose !== undefined) inbox.know(await idsOf(whose))
    return follow(caller, inbox, signal)
  }
}

type Inbox = {
  /** These are among those to tell of: their end is told too. */
  know(ids: readonly string[]): void
  /** The next environment that has changed; null once the signal aborts. */
  next(): Promise<{ id: string; isGone: boolean } | null>
}

/** Collects which environments of a person have changed, of everybody if `owner` is null, until the signal aborts. */
function createInbox(
  news: Listeners<{ id: string; userId: UserId | null }>,
  owner: UserId | null,
  signal: AbortSignal,
): Inbox {
  const known = new Set<string>()
  const changed = new Map<string, { isGone: boolean }>()
  let wakeUp = () => {}

  const listening = news.add(({ id, userId }) => {
    if (owner !== null && userId === owner) known.add(id)
    if (owner !== null && !known.has(id)) return
    changed.set(id, { isGone: userId === null })
    wakeUp()
  })
  const end = () => {
    listening[Symbol.dispose]()
    wakeUp()
  }
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })

  return {
    know(ids) {
      for (const id of ids) known.add(id)
    },
    async next() {
      if (changed.size === 0 && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wakeUp = resolve
        await promise
      }
      const [first] = changed
      if (!first || signal.aborted) return null
      const [id, { isGone }] = first
      changed.delete(id)
      return { id, isGone }
    },
  }
}

function nullWhenGone(error: unknown): null {
  if (isProblem(error, 'environment-not-found')) return null
  throw error
}
