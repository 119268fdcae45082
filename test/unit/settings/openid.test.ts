import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '../../../src/settings/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'ai-lab-openid-'))
afterAll(() => rmSync(folder, { recursive: true }))

const load = (env: Record<string, string>) => loadConfig(folder, env, { uid: 0, gid: 0 })
const enough = {
  OIDC_ISSUER: 'https://login.example.org/lab/',
  OIDC_CLIENT_ID: 'ai-lab',
  OIDC_CLIENT_SECRET: 'hunter2',
}

test('without OIDC_ISSUER there is no provider; with it three settings are enough', () => {
  expect(load({}).openId).toBeNull()
  expect(load(enough).openId).toEqual({
    issuer: 'https://login.example.org/lab/',
    clientId: 'ai-lab',
    clientSecret: 'hunter2',
    name: 'login.example.org',
    userClaim: 'email',
    groups: { groupsClaim: 'groups', allowed: null, administrators: null, tiers: null },
  })
})

test('groups are lists, and those of tiers are pairs', () => {
  const groups = { OIDC_ADMIN_GROUPS: 'a, b', OIDC_ALLOWED_GROUPS: 'c', OIDC_TIER_GROUPS: 'cn=x = premium,b=default' }
  expect(load({ ...enough, ...groups }).openId?.groups).toMatchObject({
    administrators: ['a', 'b'],
    allowed: ['c'],
    tiers: [
      { group: 'cn=x', tier: 'premium' },
      { group: 'b', tier: 'default' },
    ],
  })
})

test('the secret may be in a file beside production.env', () => {
  writeFileSync(join(folder, 'secret'), 'from a file\n')
  const { OIDC_CLIENT_SECRET: _, ...others } = enough
  expect(load({ ...others, OIDC_CLIENT_SECRET_FILE: 'secret' }).openId?.clientSecret).toBe('from a file')
})

test.each([
  [{ OIDC_ISSUER: 'login.example.org' }, 'OIDC_ISSUER: write the address of the provider'],
  [{ OIDC_ISSUER: 'http://login.example.org' }, 'OIDC_ISSUER: write an address with https:'],
  [{ OIDC_ISSUER: 'https://login.example.org/?x=1' }, 'OIDC_ISSUER: write the address without ? and #'],
  [{ OIDC_ISSUER: '' }, 'OIDC_ISSUER: is missing, though OIDC_CLIENT_ID is set'],
  [{ OIDC_CLIENT_ID: '' }, 'OIDC_CLIENT_ID: is missing, though OIDC_ISSUER is set'],
  [{ OIDC_CLIENT_SECRET: '' }, 'OIDC_CLIENT_SECRET: is missing, though OIDC_ISSUER is set'],
  [{ OIDC_CLIENT_SECRET_FILE: '/secret' }, 'OIDC_CLIENT_SECRET: is set beside OIDC_CLIENT_SECRET_FILE'],
  [{ OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: '/no/such' }, 'OIDC_CLIENT_SECRET_FILE: /no/such cannot be read'],
  [{ OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: '/dev/null' }, 'OIDC_CLIENT_SECRET_FILE: /dev/null is empty'],
  [{ OIDC_TIER_GROUPS: 'a' }, 'OIDC_TIER_GROUPS: write group=tier'],
  [{ OIDC_ADMIN_GROUPS: 'a,,b' }, 'OIDC_ADMIN_GROUPS: write names of groups'],
  [{ TRUSTED_USER_HEADER: 'X-User' }, 'TRUST_PROXY: is missing, though TRUSTED_USER_HEADER is set'],
  [{ TRUSTED_USER_HEADER: 'X User', TRUST_PROXY: '10.0.0.1' }, 'TRUSTED_USER_HEADER: write the name of a header'],
  [
    { TRUSTED_USER_HEADER: 'Cookie', TRUST_PROXY: '10.0.0.1' },
    'TRUSTED_USER_HEADER: write a header that only the proxy',
  ],
] as const)('%j is refused with one sentence', (env, words) => {
  const wrong = () => load({ ...enough, ...env })
  expect(wrong).toThrow(words)
  expect(wrong).not.toThrow(/\n/)
  expect(wrong).not.toThrow('hunter2')
})

test('a provider on this machine may speak plain http', () => {
  for (const issuer of ['http://localhost:8080', 'http://127.0.0.1:8080/x', 'http://[::1]:8080']) {
    expect(load({ ...enough, OIDC_ISSUER: issuer }).openId?.issuer).toBe(issuer)
  }
})

test('the header is read in lower case, as Node gives it', () => {
  expect(load({ TRUSTED_USER_HEADER: 'X-Forwarded-Email', TRUST_PROXY: '10.0.0.1' }).trustedUserHeader).toBe(
    'x-forwarded-email',
  )
})
