import { userFolder } from '../domain/names.ts'
import type { Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { dayMs, keptMs, type Place, type PlaceCount, placeOf, type Sample } from '../domain/usage/place.ts'
import { type Room, requireStorage, requireTrashRoom, type Standing, standingOf } from '../domain/usage/standing.ts'
import type { Octets } from '../lib/octets.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { UsageStore } from '../ports/usage-store.ts'
import type { Announced, Ledger } from './ledger.ts'

/** The figures of a place, against the limit of its person if it has one. */
export type PlaceUsage = PlaceCount &
  Pick<Place, 'kind' | 'userId'> & {
    limitBytes: number | null
    standing: Standing
    /** What was in a person's folder and is in the trash now: it counts for them too. */
    trashBytes: number
  }

export type History = { hours: Sample[]; days: Sample[] }

export type Usage = {
  /** All places, the biggest first. */
  all(): Promise<PlaceUsage[]>
  /** A person's own. @throws Problem forbidden, user-not-found; not-found before their folder was counted */
  ofPerson(caller: Caller, id: UserId): Promise<PlaceUsage & { history: History }>
  /** The history of any place. @throws Problem not-found */
  history(path: Octets): Promise<History>
  /** What a person may store, and does as far as is known; null for a person whose tier has no limit. */
  roomFor(id: UserId): Promise<{ limitBytes: number; usedBytes: number } | null>
  /** @throws Problem storage-full if a person is over their limit. `what`: the refused thing, as a sentence begins */
  requireRoom(id: UserId, what: string, moreBytes?: number): Promise<void>
  /** @throws Problem storage-full if a person's trash takes as much as they may store. `by`: who deletes */
  requireTrashRoom(by: UserId, id: UserId): Promise<void>
  /** The limit of each person; null: none. */
  limits(): Promise<ReadonlyMap<UserId, number | null>>
  /** Notes what the service itself has written into a person's folder, or removed (less than 0), until the next count. `file`: as Ledger. */
  wrote(id: UserId, bytes: number, file?: string): void
  /** Notes what came back from the trash into a person's folder that it left at that moment. */
  cameBack(id: UserId, bytes: number, leftAt: number): Promise<void>
  /** Lets what is on its way into a person's folder count already. */
  announce(id: UserId, bytes: number): Announced
}

export function createUsage({
  ledger,
  store,
  accounts,
  trashOfPeople,
  limitOf,
  clock,
}: {
  ledger: Ledger
  store: UsageStore
  accounts: AccountStore
  /** The bytes in the trash that were in each person's folder, or in that of one person. */
  trashOfPeople: (only?: UserId) => Promise<ReadonlyMap<UserId, number>>
  /** The storage that a tier allows; null: no limit. */
  limitOf: (tier: string) => number | null
  clock: Clock
}): Usage {
  async function limitsOfAll(): Promise<Map<UserId, number | null>> {
    const limits = new Map<UserId, number | null>()
    const limit = 1_000
    for (let after: UserId | undefined; ; ) {
      const page = await accounts.accounts({ after, limit })
      for (const { id, tier } of page) limits.set(id, limitOf(tier))
      after = page.at(-1)?.id
      if (page.length < limit) return limits
    }
  }

  function against(
    counted: PlaceCount,
    limits: ReadonlyMap<UserId, number | null>,
    trash: ReadonlyMap<UserId, number>,
  ): PlaceUsage {
    const { kind, userId } = placeOf(counted.path)
    const limitBytes = (userId && limits.get(userId)) ?? null
    const trashBytes = (userId && trash.get(userId)) ?? 0
    const standing = standingOf({ limitBytes, usedBytes: counted.count.bytes + trashBytes })
    return { ...counted, kind, userId, limitBytes, standing, trashBytes }
  }

  async function historyOf(path: Octets): Promise<History> {
    const now = clock.now()
    return {
      hours: await store.history(path, 'hour', now - keptMs.hour),
      days: await store.history(path, 'day', now - keptMs.day - dayMs),
    }
  }

  async function roomFor(id: UserId): Promise<(Required<Room> & { limitBytes: number }) | null> {
    const account = await accounts.account(id)
    const limitBytes = account && limitOf(account.tier)
    if (limitBytes === null) return null
    const usedBytes = await ledger.usedBytes(userFolder(id))
    const trashBytes = (await trashOfPeople(id)).get(id) ?? 0
    return { limitBytes, usedBytes: usedBytes + trashBytes, trashBytes }
  }

  return {
    async all() {
      const [counted, limits, trash] = await Promise.all([ledger.all(), limitsOfAll(), trashOfPeople()])
      const all = counted.map((each) => against(each, limits, trash))
      return all.sort((one, other) => other.count.bytes - one.count.bytes || (one.path < other.path ? -1 : 1))
    },

    async ofPerson(caller, id) {
      requireRight(caller, 'usage:see', { owner: id }, "Only an administrator sees the usage of others' folders.")
      const account = await accounts.account(id)
      if (!account) throw new Problem('user-not-found', `There is no user ${id}.`)
      const counted = await ledger.of(userFolder(id))
      if (!counted) throw new Problem('not-found', `The folder of ${id} was not counted yet, or there is none.`)
      const usage = against(counted, new Map([[id, limitOf(account.tier)]]), await trashOfPeople(id))
      return { ...usage, history: await historyOf(counted.path) }
    },

    async history(path) {
      const history = await historyOf(path)
      if (history.days.length > 0 || (await ledger.of(path))) return history
      throw new Problem('not-found', 'No folder of that path was counted. GET /api/data/usage lists those that are.')
    },

    roomFor,
    limits: limitsOfAll,
    async requireRoom(id, what, moreBytes = 0) {
      const room = await roomFor(id)
      if (room) requireStorage(room, what, moreBytes)
    },
    async requireTrashRoom(by, id) {
      const room = await roomFor(id)
      if (room) requireTrashRoom(room, { by, id })
    },
    wrote: (id, bytes, file) => ledger.wrote(userFolder(id), bytes, file),
    cameBack: (id, bytes, leftAt) => ledger.cameBack(userFolder(id), bytes, leftAt),
    announce: (id, bytes) => ledger.announce(userFolder(id), bytes),
  }
}
