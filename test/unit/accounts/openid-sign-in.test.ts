import { expect, test } from 'vitest'
import { createOpenIdSignIn } from '../../../src/accounts/openid-sign-in.ts'
import { Problem } from '../../../src/domain/problem.ts'
import type { AccountStore } from '../../../src/ports/account-store.ts'
import type { IdentityProvider } from '../../../src/ports/identity-provider.ts'

const groups = { groupsClaim: 'groups', allowed: null, administrators: null, tiers: null }

/** Finishes a sign-in with that answer of the provider; the sign-in breaks off when it comes to the records. */
async function countsAs(claimsOf: IdentityProvider['claimsOf']): Promise<'under way' | 'failed' | 'nothing'> {
  let counts: 'under way' | 'failed' | 'nothing' = 'under way'
  const openId = createOpenIdSignIn({
    provider: { claimsOf } as IdentityProvider,
    settings: { name: 'The Club', issuer: 'https://club', userClaim: 'email', groups },
    accounts: { together: () => Promise.reject(new Error('no records')) } as unknown as AccountStore,
    attempts: {
      beginElsewhere: () => ({
        failed() {
          counts = 'failed'
        },
        takeBack() {
          counts = 'nothing'
        },
      }),
    },
    clock: { now: () => 1, steady: () => 1 },
    log: { began() {}, linked() {}, endedElsewhere() {}, keptRole() {} },
  })
  const back = { query: '', attempt: 'x', present: null, address: '192.0.2.1', client: 'x', earlierSecret: null }
  await expect(openId.finish(back)).rejects.toThrow()
  return counts
}

test('only an answer that signs nobody in counts against its address', async () => {
  expect(await countsAs(async () => ({ subject: 's' }))).toBe('nothing')
  expect(await countsAs(() => Promise.reject(new Problem('identity-provider-away', 'x')))).toBe('nothing')
  expect(await countsAs(() => Promise.reject(new Error('a fault')))).toBe('nothing')
  expect(await countsAs(() => Promise.reject(new Problem('sign-in-failed', 'x')))).toBe('failed')
})
