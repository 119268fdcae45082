import type { Standing } from '../domain/people/account.ts'
import type { AccountRecords } from '../ports/account-store.ts'

const onceInMs = 60_000
const rememberedAtMost = 10_000

/**
 * Records when tokens are used, at most once a minute for each. The request neither waits for the record nor fails with
 * it: a full disk must not keep people from reading.
 */
export function createNoteUse(deps: {
  accounts: Pick<AccountRecords, 'recordUse'>
  onFirst: (token: Standing['token']) => void
}): (token: Standing['token'], now: number) => void {
  const noted = new Map<string, number>()
  return (token, now) => {
    const last = noted.get(token.id) ?? token.lastUsedAt
    if (last !== null && Math.abs(now - last) < onceInMs) return
    if (noted.size >= rememberedAtMost) noted.clear()
    noted.set(token.id, now)
    if (last === null) deps.onFirst(token)
    deps.accounts.recordUse(token.id, now).catch(() => {})
  }
}
