import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Action, actions, can, type Resource } from '../../../../src/domain/people/can.ts'
import { type Scope, scope } from '../../../../src/domain/people/scope.ts'
import { userId } from '../../../../src/domain/people/user-id.ts'
import { callerNamed } from '../../../support/caller.ts'

const own: Resource = { owner: userId.parse('alice') }
const others: Resource = { owner: userId.parse('bob') }
const everyones: Resource = {}

/** What of `own`, `others`, `everyones` a user may do it to, an administrator, and the scopes that keep an administrator able to. */
const table: Record<Action, { user: string; admin: string; scopes: Scope[] }> = {
  'template:see': {
    user: 'own others everyones',
    admin: 'own others everyones',
    scopes: ['environments:read', 'environments'],
  },
  'environment:see': { user: 'own', admin: 'own others everyones', scopes: ['environments:read', 'environments'] },
  'environment:open': { user: 'own', admin: 'own others everyones', scopes: ['environments'] },
  'environment:create': { user: 'own', admin: 'own others everyones', scopes: ['environments'] },
  'environment:change': { user: 'own', admin: 'own others everyones', scopes: ['environments'] },
  'token:see': { user: 'own', admin: 'own others everyones', scopes: ['tokens'] },
  'token:issue': { user: 'own', admin: 'own others everyones', scopes: ['tokens'] },
  'token:revoke': { user: 'own', admin: 'own others everyones', scopes: ['tokens'] },
  'metrics:read': { user: '', admin: 'own others everyones', scopes: ['metrics', 'admin'] },
  'lab:administer': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'users:manage': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'data:prove': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'container:adopt': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'container:replace': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'host-path:see': { user: '', admin: 'own others everyones', scopes: ['admin'] },
  'request:for-many': {
    user: '',
    admin: 'own others everyones',
    scopes: ['environments:read', 'environments', 'admin'],
  },
}

const rows = Object.entries(table) as [Action, (typeof table)[Action]][]

test.each(rows)('%s: what a user may do it to, and an administrator', (action, { user, admin }) => {
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

test('a scope adds nothing to a role', () => {
  const narrowed = callerNamed('alice', { scopes: [...scope.options] })
  const whole = callerNamed('alice')
  for (const [action] of rows) {
    for (const resource of [own, others, everyones]) {
      expect([action, can(narrowed, action, resource)]).toEqual([action, can(whole, action, resource)])
    }
  }
})

const ofToken = { id: 't', role: 'user', scopes: null, expiresAt: null } as const

// Trouble (authority): a leaked token is exchanged for one with more rights or a longer life
test.each([
  ['its own kind', {}, {}, true],
  ['the token of an administrator, with that of a user', {}, { role: 'admin' }, false],
  ['the token of a user, with that of an administrator', { role: 'admin' }, {}, true],
  ['one that never expires, with one that does', { expiresAt: 10 }, {}, false],
  ['one that expires later', { expiresAt: 10 }, { expiresAt: 11 }, false],
  ['one that expires at the same moment', { expiresAt: 10 }, { expiresAt: 10 }, true],
  ['one that expires, with one that never does', {}, { expiresAt: 10 }, true],
  ['one that is not narrowed, with one that is', { scopes: ['tokens'] }, {}, false],
  ['one that is narrowed, with one that is not', {}, { scopes: ['metrics'] }, true],
  ['one with some of the same scopes', { scopes: ['tokens', 'environments'] }, { scopes: ['environments'] }, true],
  ['reading, with changing', { scopes: ['tokens', 'environments'] }, { scopes: ['environments:read'] }, true],
  ['changing, with reading', { scopes: ['tokens', 'environments:read'] }, { scopes: ['environments'] }, false],
  ['one with another scope', { scopes: ['tokens'] }, { scopes: ['metrics'] }, false],
  ['itself, whatever it is', { scopes: ['tokens'], expiresAt: 10 }, { id: 'of alice', role: 'admin' }, true],
] as const)('a token has a right over %s', (_, holder, credential, right) => {
  for (const action of ['token:see', 'token:issue', 'token:revoke'] as const) {
    const resource = { ...own, credential: { ...ofToken, ...credential } }
    expect(can(callerNamed('alice', holder), action, resource)).toBe(right)
  }
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
