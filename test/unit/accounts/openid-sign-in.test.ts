import { expect, test } from 'vitest'
import { createOpenIdSignIn } from '../../../src/accounts/openid-sign-in.ts'
import { Problem } from '../../../src/domain/problem.ts'
import type { AccountStore } from '../../../src/ports/account-store.ts'
import type { IdentityProvider } from '../../../src/ports/identity-provider.ts'

const groups = { groupsClaim: 'groups', allowed: null, administrators: null, tiers: null }
const noRecords = { together: () => Promise.reject(new Error('no records')) }

/** How a sign-in that breaks off counts, with that answer of the provider. Unless told otherwise, it breaks off at the records. */
async function countsAs(
  claimsOf: IdentityProvider['claimsOf'],
  { allowed = null, records = noRecords }: { allowed?: string[] | null; records?: object } = {},
): Promise<string> {
  let counts = 'under way'
  const openId = createOpenIdSignIn({
    provider: { claimsOf } as IdentityProvider,
    settings: { name: 'The Club', issuer: 'https://club', userClaim: 'email', groups: { ...groups, allowed } },
    accounts: records as AccountStore,
    attempts: {
      beginElsewhere: () => ({
        failed() {
          counts = 'failed'
        },
        refused(subject) {
          counts = `refused ${subject}`
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

// Trouble (cost): a person whom the lab refuses makes the service ask the provider without end
test('an answer that the lab refuses counts for its person: by its groups, its claim, or an account that it does not open', async () => {
  const claims = async () => ({ subject: 's', email: 'a@lab', groups: ['others'] })
  const account = { id: 'a@lab', role: 'admin', tier: 'default', disabled: false, createdAt: 0 }
  const recordsWith = (found: object) => ({
    together: (work: (records: object) => unknown) =>
      Promise.resolve({ identified: () => null, account: () => found, identityOf: () => null }).then(work),
  })
  expect(await countsAs(claims, { allowed: ['lab'] })).toBe('refused s')
  expect(await countsAs(async () => ({ subject: 's' }), { records: recordsWith(account) })).toBe('refused s')
  expect(await countsAs(claims, { records: recordsWith({ ...account, disabled: true }) })).toBe('refused s')
  expect(await countsAs(claims, { records: recordsWith(account) })).toBe('refused s')
})
