import type { SessionStanding } from '../domain/people/account.ts'
import { endOfSession } from '../domain/people/session.ts'
import type { AccountRecords } from '../ports/account-store.ts'

const onceInMs = 60_000
const rememberedAtMost = 10_000

type Credential = { id: string; lastUsedAt: number | null }

/**
 * Records when credentials are used, at most once a minute for each. The request neither waits for the record nor fails
 * with it: a full disk must not keep people from reading.
 */
export function createNoteUse<C extends Credential>(deps: {
  record: (credential: C, at: number) => Promise<void>
  onFirst?: (credential: C) => void
}): (credential: C, now: number) => void {
  const noted = new Map<string, number>()
  return (credential, now) => {
    const last = noted.get(credential.id) ?? credential.lastUsedAt
    if (last !== null && Math.abs(now - last) < onceInMs) return
    if (noted.size >= rememberedAtMost) noted.clear()
    noted.set(credential.id, now)
    if (last === null) deps.onFirst?.(credential)
    deps.record(credential, now).catch(() => {})
  }
}

/** The same for sessions, whose use also puts off their end. */
export function createNoteSessionUse(accounts: Pick<AccountRecords, 'recordSessionUse'>) {
  return createNoteUse<SessionStanding['session']>({
    record: ({ id, createdAt }, lastUsedAt) =>
      accounts.recordSessionUse(id, { lastUsedAt, expiresAt: endOfSession({ createdAt, lastUsedAt }) }),
  })
}
