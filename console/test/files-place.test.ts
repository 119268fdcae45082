import { expect, test } from 'vitest'
import {
  addressOf,
  apiPathOf,
  nameBelow,
  namesBelow,
  placeOf,
  type Root,
  trailOf,
  trashRootOf,
  uploadTargetOf,
} from '../src/files/place.ts'

const own: Root = { kind: 'data', userId: 'demo@ailab.com' }
const odd = ['100% #1?&.txt', 'a%23b', 'line\nend', '<b>', 'مرحبا', 'a\\b', '%E0%A4%A']

test('an address leads back to the same names, whatever signs they have', () => {
  const path = odd.join('/')
  const address = `/lab${addressOf({ root: own, path })}`
  expect(namesBelow(address, '/lab/console/files/data')).toEqual(odd)
  expect(new URL(address, 'http://localhost').pathname).toBe(address)
})

test('an address that was cut, or is of another page, has names that can be shown', () => {
  expect(namesBelow('/console/files/data/a%2', '/console/files/data')).toEqual(['a%2'])
  expect(namesBelow('/console/files/datasets/x', '/console/files/data')).toEqual([])
})

test('no page is at an address whose names lead to another folder than it shows', () => {
  const at = (rest: string) => placeOf('data', namesBelow(`/console/files/data${rest}`, '/console/files/data'), 'alice')
  expect(at('/..%2F..%2Fbob%2Ffiles%2Fx')).toBeNull()
  expect(['/a%2Fb', '/a/%2E%2E/b', '/a/.', '/a//b'].map(at)).toEqual([null, null, null, null])
  expect(at('/a/..b/')).toEqual({ root: { kind: 'data', userId: 'alice' }, path: 'a/..b' })
  expect(at('')).toEqual({ root: { kind: 'data', userId: 'alice' }, path: '' })
  expect(placeOf('of', ['..', 'x'], 'alice')).toBeNull()
  expect(placeOf('of', [], 'alice')).toBeNull()
  expect(trashRootOf(['of', '../bob'], 'alice')).toBeNull()
  expect(trashRootOf(['of', 'bob'], 'alice')).toEqual({ kind: 'of', userId: 'bob' })
})

test('a place has a path in the API, and one for an upload', () => {
  expect(apiPathOf({ root: own, path: 'a b/c#d' })).toBe('users/demo%40ailab.com/files/a%20b/c%23d')
  expect(uploadTargetOf({ root: own, path: 'a b/c#d' })).toBe('/api/users/demo@ailab.com/files/a b/c#d')
  expect(apiPathOf({ root: { kind: 'shared' }, path: '' })).toBe('shared/files')
  expect(addressOf({ root: { kind: 'of', userId: 'eve/x' }, path: 'a' })).toBe('/console/files/of/eve%2Fx/a')
})

test('a path is named from the folder that is open', () => {
  expect([nameBelow('a/b/c', 'a'), nameBelow('a/b', ''), nameBelow('ab/c', 'a')]).toEqual(['b/c', 'a/b', 'ab/c'])
})

test('the trail names each folder from the top', () => {
  expect(trailOf('a/b').map(({ path }) => path)).toEqual(['a', 'a/b'])
  expect(trailOf('')).toEqual([])
})
