import type { Environment } from '../domain/environment/environment.ts'
import type { Caller } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore, Opening } from '../ports/environment-store.ts'
import type { FindRecord } from './find-record.ts'

const enterWithinMs = 600_000
const tokenToldForMs = 3_600_000
const shownAtMost = 100
const tokensRemembered = 10_000

type Opened = Pick<Environment, 'id' | 'userId'>

/** The record of administrators who opened environments of others, for the owners to see. */
export type Openings = {
  /** Records that an administrator opens it in a browser. They may then do so for ten minutes: it may have to start. */
  inBrowser(caller: Caller, environment: Opened): Promise<void>
  /** Whether it is the caller's own, or they said in the last ten minutes that they open it all the same. */
  mayEnter(caller: Caller, environment: Opened): Promise<boolean>
  /** The same for a request with a token; once an hour for each token and environment. The owner's own do not count. */
  byToken(caller: Caller, environment: Opened): Promise<void>
  /** Newest first, at most a hundred. @throws as FindRecord does */
  of(caller: Caller, id: string): Promise<Opening[]>
}

export type OpeningsLog = { opened(environment: string, owner: UserId, by: UserId): void }

export function createOpenings(deps: {
  store: Pick<EnvironmentStore, 'addOpening' | 'openings'>
  findRecord: FindRecord
  clock: Pick<Clock, 'now'>
  log: OpeningsLog
}): Openings {
  const { store, findRecord, clock, log } = deps
  const told = new Map<string, { at: number; recorded: Promise<void> }>()

  async function record(caller: Caller, { id, userId }: Opened, by: Opening['by']): Promise<void> {
    await store.addOpening({ environmentId: id, by, userId: caller.userId, at: clock.now() })
    log.opened(id, userId, caller.userId)
  }

  return {
    inBrowser: (caller, environment) => record(caller, environment, 'browser'),

    async mayEnter({ userId }, environment) {
      if (userId === environment.userId) return true
      const since = clock.now() - enterWithinMs
      const openings = await store.openings(environment.id, shownAtMost)
      return openings.some((each) => each.userId === userId && each.by === 'browser' && each.at > since)
    },

    async byToken(caller, environment) {
      if (caller.userId === environment.userId) return
      const key = `${caller.credentialId} ${environment.id}`
      const now = clock.now()
      const last = told.get(key)
      if (last && now - last.at < tokenToldForMs) return await last.recorded
      if (told.size >= tokensRemembered) told.clear()
      const recorded = record(caller, environment, 'token')
      told.set(key, { at: now, recorded })
      await recorded.catch((error: unknown) => {
        told.delete(key)
        throw error
      })
    },

    async of(caller, id) {
      await findRecord(caller, id, 'environment:see')
      return await store.openings(id, shownAtMost)
    },
  }
}
