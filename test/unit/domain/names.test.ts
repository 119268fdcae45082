import { expect, test } from 'vitest'
import {
  below,
  environmentId,
  longestTemplateName,
  markerPath,
  probeName,
  userFolder,
} from '../../../src/domain/names.ts'
import { userId } from '../../../src/domain/people/user-id.ts'

test("an environment's id has its template and six characters that are easy to read aloud", () => {
  expect(environmentId('jupyterlab', Uint8Array.of(0, 31, 32, 255, 10, 18))).toBe('ai-lab-jupyterlab-0z0zaj')
})

test('the longest name of a template makes an id that a host name may have', () => {
  expect(environmentId('a'.repeat(longestTemplateName), new Uint8Array(6))).toHaveLength(63)
})

// Trouble (known): "cleaned" user names collide
test("a person's folder has exactly the person's id", () => {
  expect(userFolder(userId.parse('demo@ailab.com'))).toBe('users/demo@ailab.com')
})

test('paths below a data root', () => {
  expect(below('/srv/lab', 'shared')).toBe('/srv/lab/shared')
  expect(below('/srv/lab', '')).toBe('/srv/lab')
  expect(below('/', 'shared')).toBe('/shared')
})

test('markers of the root and of its folders', () => {
  expect(markerPath('')).toBe('.ai-lab-root')
  expect(markerPath('users')).toBe('users/.ai-lab-root')
})

test('a data root and its copy with the same id have different probes', () => {
  const id = '5f3c0000-0000-4000-8000-000000000000'
  expect(probeName(id, '/srv/lab')).toMatch(/^ai-lab-probe-5f3c0000-[0-9a-f]{6}$/)
  expect(probeName(id, '/srv/copy')).not.toBe(probeName(id, '/srv/lab'))
})
