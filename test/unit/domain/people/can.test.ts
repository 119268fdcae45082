import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Action, actions, can, type Resource } from '../../../../src/domain/people/can.ts'
import { type Scope, scope } from '../../../../src/domain/people/scope.ts'
import { userId } from '../../../../src/domain/people/user-id.ts'
import { callerNamed } from '../../../support/caller.ts'

const own: Resource = { owner: userId.parse('alice') }
const others: Resource = { owner: userId.parse('bob') }
const everyones: Resource = {}

const seeing: Scope[] = ['environments:read', 'environments:write', 'environments']
const changing: Scope[] = ['environments:write', 'environments']
const readingFiles: Scope[] = ['files:read', 'files:write', 'files']
const changingFiles: Scope[] = ['files:write', 'files']
const opening: Scope[] = ['environments:open', 'environments']

/** For each action: the resources on which a user and an administrator may do it, and the scopes that suffice for it. */
const table: Record<Action, { user: string; admin: string; scopes: Scope[] }> = {
  'template:see': { user: 'own others everyones', admin: 'own others everyones', scopes: seeing },
  'environment:see': { user: 'own', admin: 'own others everyones', scopes: seeing },
  'environment:open': { user: 'own', admin: 'own others everyones', scopes: opening },
  'environment:create': { user: 'own', admin: 'own others everyones', scopes: changing },
  'environment:change': { user: 'own', admin: 'own others everyones', scopes: changing },
  'shared-file:see': { user: 'own others everyones', admin: 'own others everyones', scopes: readingFiles },
  'shared-file:change': { user: '', admin: 'own others everyones', scopes: changingFiles },
  'file:see': { user: 'own', admin: 'own others everyones', scopes: readingFiles },
  'file:change': { user: 'own', admin: 'own others everyones', scopes: changingFiles },
  'job:see': { user: 'own', admin: 'own others everyones', scopes: [...readingFiles, 'admin'] },
  'job:cancel': { user: 'own', admin: 'own others everyones', scopes: [...changingFiles, 'admin'] },
  'token:see': { user: 'own', admin: 'own others everyones', scopes: ['tokens'] },
  'token:issue': { user: 'own', admin: 'own others everyones', scopes: ['tokens'] },
  'token:revoke': { user: 'own', admin: 'own others everyones', scopes: ['tokens'] },
  'session:see': { user: 'own', admin: 'own others everyones', scopes: [] },
  'session:end': { user: 'own', admin: 'own others everyones', scopes: [] },
  'password:set': { user: 'own', admin: 'own others everyones', scopes: [] },
  'invitation:make': { user: '', admin: 'own others everyones', scopes: [] },
  'metrics:read': { user: '', admin: 'own others everyones', scopes: ['metrics', 'admin'] },
  'usage:see': { user: 'own', admin: 'own others everyones', scopes: [...seeing, 'admin'] },
  'usage:survey': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'lab:administer': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'users:manage': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'machine:see': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'data:prove': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'container:adopt': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'container:replace': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'backup:manage': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'host-path:see': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'request:for-many': { user: '', admin: 'own others everyones', scopes: [...seeing, 'admin'] },
}

const rows = Object.entries(table) as [Action, (typeof table)[Action]][]

test.each(rows)('%s: the resources on which a user and an administrator may do it', (action, { user, admin }) => {
  const allowed = (role: 'user' | 'admin') =>
    Object.entries({ own, others, everyones })
      .filter(([, resource]) => can(callerNamed('alice', { role }), action, resource))
      .map(([name]) => name)
      .join(' ')
  expect({ user: allowed('user'), admin: allowed('admin') }).toEqual({ user, admin })
})

test.each(rows)('%s: the scopes that a narrowed token needs', (action, { scopes }) => {
  const enough = scope.options.filter((each) =>
    can(callerNamed('alice', { role: 'admin', scopes: [each] }), action, own),
  )
  expect(enough).toEqual(scopes)
})

test('a person may change the files of a shared folder that an administrator has opened to them', () => {
  const may = (admits: boolean) => can(callerNamed('alice'), 'shared-file:change', { admits })
  expect([may(true), may(false)]).toEqual([true, false])
})

test('scopes give no right that the role does not have', () => {
  const narrowed = callerNamed('alice', { scopes: [...scope.options] })
  const whole = callerNamed('alice')
  for (const [action] of rows) {
    for (const resource of [own, others, everyones]) {
      if (can(narrowed, action, resource)) expect([action, can(whole, action, resource)]).toEqual([action, true])
    }
  }
})

const ofToken = { id: 't', role: 'user', scopes: null, expiresAt: null } as const

// Trouble (authority): a leaked token is exchanged for a token with more rights or a longer life
test.each([
  ['a token like itself', {}, {}, true],
  ["an administrator's token, with a user's token", {}, { role: 'admin' }, false],
  ["a user's token, with an administrator's token", { role: 'admin' }, {}, true],
  ['a token that never expires, with a token that does', { expiresAt: 10 }, {}, false],
  ['a token that expires later', { expiresAt: 10 }, { expiresAt: 11 }, false],
  ['a token that expires at the same moment', { expiresAt: 10 }, { expiresAt: 10 }, true],
  ['a token that expires, with a token that never does', {}, { expiresAt: 10 }, true],
  ['a full token, with a narrowed one', { scopes: ['tokens'] }, {}, false],
  ['a narrowed token, with a full one', {}, { scopes: ['metrics'] }, true],
  ['a token with some of the same scopes', { scopes: ['tokens', 'environments'] }, { scopes: ['environments'] }, true],
  ...(
    [
      ['environments', 'environments:read', true],
      ['environments', 'environments:write', true],
      ['environments', 'environments:open', true],
      ['environments:write', 'environments:read', true],
      ['environments:write', 'environments:open', false],
      ['environments:write', 'environments', false],
      ['environments:open', 'environments:read', false],
      ['environments:open', 'environments:write', false],
      ['environments:read', 'environments:write', false],
      ['environments:read', 'environments:open', false],
      ['environments:read', 'environments', false],
    ] as const
  ).map(
    ([held, asked, right]) =>
      [`${asked}, with one of ${held}`, { scopes: ['tokens', held] }, { scopes: [asked] }, right] as const,
  ),
  [
    'environments, with one that writes and opens them',
    { scopes: ['tokens', 'environments:write', 'environments:open'] },
    { scopes: ['environments'] },
    true,
  ],
  ['a token with another scope', { scopes: ['tokens'] }, { scopes: ['metrics'] }, false],
  ['itself, whatever it is', { scopes: ['tokens'], expiresAt: 10 }, { id: 'of alice', role: 'admin' }, true],
] as const)('can() decides whether a token has a right over %s', (_, holder, credential, right) => {
  for (const action of ['token:see', 'token:issue', 'token:revoke'] as const) {
    const resource = { ...own, credential: { ...ofToken, ...credential } }
    expect(can(callerNamed('alice', holder), action, resource)).toBe(right)
  }
})

// Trouble (authority): a leaked token without the scope "tokens" cannot be revoked by the program that holds it
test('a token without the scope "tokens" may revoke itself, and neither list itself nor revoke another', () => {
  const holder = callerNamed('alice', { scopes: ['environments'] })
  const mayTo = (action: 'token:see' | 'token:issue' | 'token:revoke', id: string) =>
    can(holder, action, { ...own, credential: { ...ofToken, id, scopes: ['environments'] } })
  expect(mayTo('token:revoke', holder.credentialId)).toBe(true)
  expect(mayTo('token:see', holder.credentialId)).toBe(false)
  expect(mayTo('token:issue', holder.credentialId)).toBe(false)
  expect(mayTo('token:revoke', 'another')).toBe(false)
})

test('docs/access.md has every action and every scope', () => {
  const page = readFileSync(new URL('../../../../docs/access.md', import.meta.url), 'utf8')
  for (const [action, { scopes, who }] of Object.entries(actions)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${action}\``))
    expect(
      row
        ?.split('|')
        .slice(2, 4)
        .map((cell) => cell.trim()),
    ).toEqual([who, scopes.map((each) => `\`${each}\``).join(', ')])
  }
  for (const each of scope.options) expect(page).toMatch(new RegExp(`^\\| \`${each}\` `, 'm'))
})
