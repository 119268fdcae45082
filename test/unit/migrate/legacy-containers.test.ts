import { expect, test } from 'vitest'
import { parseResourceTracking } from '../../../src/domain/migration/resource-tracking.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { containerOwners, ownerByMount } from '../../../src/migrate/legacy-containers.ts'

const people = { accounts: new Set([userId.parse('demo@ailab.com')]), mentioned: new Set<never>() }

test("a container's owner is found under the id and under the cleaned name", () => {
  const text =
    '{"user_environments": {"demo@ailab.com": ["one"], "demo_at_ailab_com": ["two", "one"]}, "allocated_ports": [1]}'
  const { owners, ownerless } = containerOwners(parseResourceTracking(text), people, new Map())
  expect(Object.fromEntries(owners)).toEqual({ one: 'demo@ailab.com', two: 'demo@ailab.com' })
  expect(ownerless).toEqual([])
})

test('a container that is recorded for two people, or for an unknown person, has no owner', () => {
  const tracked = new Map([
    ['demo@ailab.com', ['shared-one', 'mine']],
    ['other@ailab.com', ['shared-one']],
    ['demo_at_ailab_com', ['shared-one']],
    ['who_knows', ['lost']],
  ])
  const { owners, ownerless } = containerOwners(tracked, people, new Map())
  expect(Object.fromEntries(owners)).toEqual({ mine: 'demo@ailab.com' })
  expect(ownerless.map(({ container }) => container)).toEqual(['shared-one', 'lost'])
})

test('a container without a record belongs to the person whose folder it mounts', () => {
  const owner = ownerByMount(new Map(), people, new Map())
  expect(owner('x', 'demo_at_ailab_com')).toBe('demo@ailab.com')
  expect(owner('x', 'who_knows')).toBeNull()
  expect(owner('x', null)).toBeNull()
})

test.each(['[]', '{"user_environments": []}', '{"user_environments": {"x": "y"}}', 'no JSON'])(
  'resource_tracking.json with the text %j is refused',
  (text) => expect(() => parseResourceTracking(text)).toThrow(/./),
)
