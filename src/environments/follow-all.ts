import type { Caller } from '../domain/people/account.ts'
import { can, requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem } from '../domain/problem.ts'
import type { Standing } from '../domain/proof/examination.ts'
import type { Listeners } from '../lib/listeners.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { Find, Found } from './find.ts'

/** An environment as it is now, the id of one that is gone, or that the service has looked at the data root again. */
export type Change = { found: Found } | { goneId: string } | { proof: Standing }

/**
 * Tells of each change of the environments of a person, or of everybody's and of the proof for an administrator who names nobody.
 * Changes of one thing that come while the reader is slow are told once, as it is then.
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
  proofs: Listeners<Standing>
}): FollowAll {
  const { find, store, news, proofs } = deps

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
      if ('proof' in next) {
        yield next
        continue
      }
      const found = await find.one(caller, next.id).catch(nullWhenGone)
      if (found) yield { found }
      else if (next.isGone) yield { goneId: next.id } // otherwise that news is still to come
    }
  }

  return async (caller, userId, { signal }) => {
    const owner = userId ?? caller.userId
    requireRight(caller, 'environment:see', { owner }, "Only an administrator follows others' environments.")
    const whose = can(caller, 'environment:see') ? userId : owner
    const hearsOfProofs = whose === undefined && can(caller, 'data:prove')
    const inbox = createInbox({ news, proofs: hearsOfProofs ? proofs : null }, whose ?? null, signal)
    // After the inbox listens: an environment that is deleted meanwhile is in one of both.
    if (whose !== undefined) inbox.know(await idsOf(whose))
    return follow(caller, inbox, signal)
  }
}

type Inbox = {
  /** These are among those to tell of: their end is told too. */
  know(ids: readonly string[]): void
  /** The next environment that has changed, or the newest proof; null once the signal aborts. */
  next(): Promise<{ id: string; isGone: boolean } | { proof: Standing } | null>
}

/** Collects which environments of a person have changed, of everybody if `owner` is null, until the signal aborts. */
function createInbox(
  { news, proofs }: { news: Listeners<{ id: string; userId: UserId | null }>; proofs: Listeners<Standing> | null },
  owner: UserId | null,
  signal: AbortSignal,
): Inbox {
  const known = new Set<string>()
  const changed = new Map<string, { isGone: boolean }>()
  let proof: Standing | null = null
  let wakeUp = () => {}

  const listening = news.add(({ id, userId }) => {
    if (owner !== null && userId === owner) known.add(id)
    if (owner !== null && !known.has(id)) return
    changed.set(id, { isGone: userId === null })
    wakeUp()
  })
  const hearing = proofs?.add((next) => {
    proof = next
    wakeUp()
  })
  const end = () => {
    listening[Symbol.dispose]()
    hearing?.[Symbol.dispose]()
    wakeUp()
  }
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })

  return {
    know(ids) {
      for (const id of ids) known.add(id)
    },
    async next() {
      if (changed.size === 0 && !proof && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wakeUp = resolve
        await promise
      }
      if (signal.aborted) return null
      if (proof) {
        const told = { proof }
        proof = null
        return told
      }
      const [first] = changed
      if (!first) return null
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
