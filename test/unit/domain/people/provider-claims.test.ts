import { expect, test } from 'vitest'
import { idInClaim, rightsByGroups } from '../../../../src/domain/people/provider-claims.ts'

const rules = { groupsClaim: 'groups', allowed: null, administrators: null, tiers: null }
const of = (groups: unknown) => ({ subject: 's', groups })

test('groups decide only what they are set to decide', () => {
  expect(rightsByGroups(of(['a']), rules)).toEqual({})
  expect(rightsByGroups(of(['a']), { ...rules, allowed: ['a'] })).toEqual({})
  expect(rightsByGroups(of(['a']), { ...rules, administrators: ['b', 'a'] })).toEqual({ role: 'admin' })
  expect(rightsByGroups(of(['a']), { ...rules, administrators: ['b'] })).toEqual({ role: 'user' })
})

test('the first group that fits gives the tier, and none the lowest', () => {
  const tiers = [
    { group: 'gpu', tier: 'premium' },
    { group: 'all', tier: 'basic' },
  ]
  const tierOf = (groups: unknown) => rightsByGroups(of(groups), { ...rules, tiers }).tier
  expect(tierOf(['all', 'gpu'])).toBe('premium')
  expect(tierOf(['all'])).toBe('basic')
  expect(tierOf([])).toBe('default')
})

test.each([
  [['a'], 'admin'],
  ['a', 'admin'],
  [[['a']], 'user'],
  [[{ name: 'a' }], 'user'],
  [{ a: true }, 'user'],
  [null, 'user'],
  [undefined, 'user'],
  ['a,b', 'user'],
  [['A'], 'user'],
])('the claim %j of groups makes a member of "a" the role %s', (groups, role) => {
  expect(rightsByGroups(of(groups), { ...rules, administrators: ['a'] }).role).toBe(role)
})

test('a mail address counts unless the provider says that it is not verified', () => {
  const idOf = (claims: object) => idInClaim({ subject: 's', email: 'A@b', ...claims }, 'email')
  for (const email_verified of [true, 'true', undefined]) expect(idOf({ email_verified })).toBe('a@b')
  for (const email_verified of [false, 'false']) expect(() => idOf({ email_verified })).toThrow('not verified')
  expect(idInClaim({ subject: 's', nick: 'x', email_verified: false }, 'nick')).toBe('x')
})

test.each([undefined, null, 7, ['a'], '', ' a', '../a', 'a b'])('the claim %j is no user id', (value) => {
  expect(() => idInClaim({ subject: 's', nick: value }, 'nick')).toThrow('sign-in-failed')
})
