import type { Environment, Status } from '../domain/environment/environment.ts'
import { type Runtime, statusOf } from '../domain/environment/status.ts'
import type { Caller } from '../domain/people/account.ts'
import { type Action, can, requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { EnvironmentStore, ListPosition } from '../ports/environment-store.ts'
import { createFindRecord } from './find-record.ts'

/** An environment, with its state at this moment. */
export type Found = { environment: Environment; runtime: Runtime; status: Status }

export type Filter = { userId?: UserId | undefined; template?: string | undefined; status?: Status | undefined }

export type Find = {
  /** Finds an environment on which the caller may do `action` (by default, see it). @throws as FindRecord does */
  one(caller: Caller, id: string, action?: Action): Promise<Found>
  /** Newest first. `next` is where the following page begins, null at the end. */
  page(
    caller: Caller,
    filter: Filter,
    options: { after: ListPosition | null; limit: number },
  ): Promise<{ items: Found[]; next: ListPosition | null }>
}

const scanned = 500

export function createFind({ store, runtime }: { store: EnvironmentStore; runtime: (id: string) => Runtime }): Find {
  const findRecord = createFindRecord(store)

  function found(environment: Environment): Found {
    const known = runtime(environment.id)
    return { environment, runtime: known, status: statusOf(environment, known.seen, known.activity) }
  }

  return {
    async one(caller, id, action = 'environment:see') {
      return found(await findRecord(caller, id, action))
    },

    async page(caller, { userId, template, status }, { after, limit }) {
      const owner = userId ?? caller.userId
      requireRight(caller, 'environment:see', { owner }, "Only an administrator lists others' environments.")
      const whose = can(caller, 'environment:see') ? userId : owner
      const items: Found[] = []
      let from = after ?? undefined
      // The database does not know the status: read pages of records until one page of matches is full.
      for (;;) {
        const records = await store.list({ userId: whose, template, after: from, limit: status ? scanned : limit + 1 })
        items.push(...records.map(found).filter((each) => status === undefined || each.status === status))
        const last = records.at(-1)
        if (items.length > limit) {
          items.length = limit
          return { items, next: positionOf(items.at(-1)) }
        }
        if (!last || status === undefined || records.length < scanned) return { items, next: null }
        from = { createdAt: last.createdAt, id: last.id }
      }
    },
  }
}

function positionOf(found: Found | undefined): ListPosition | null {
  return found ? { createdAt: found.environment.createdAt, id: found.environment.id } : null
}
