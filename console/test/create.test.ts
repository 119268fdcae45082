import { expect, test } from 'vitest'
import { Refusal, Unreachable } from '../src/api/refusal.ts'
import { isOver } from '../src/create/is-over.ts'
import { memoryChoices } from '../src/create/memory-choices.ts'

const gib = 2 ** 30
const refusal = (status: number, code: string) => new Refusal(status, { type: `/problems/${code}` })

test.each([
  ['a refusal that stays', refusal(409, 'quota-reached'), true],
  ['a key whose environment was deleted', refusal(404, 'environment-not-found'), true],
  ['a service that is away', new Unreachable('away'), false],
  ['a data root that is not proven at this moment', refusal(503, 'data-root-not-proven'), false],
  ['too many requests', refusal(429, 'too-many-at-once'), false],
  ['the same wish, which is being carried out', refusal(409, 'wrong-state'), false],
])('after %s the wish is over: %s', (_, error, expected) => {
  expect(isOver(error)).toBe(expected)
})

test('memory can be chosen from what the template gives to what the tier allows', () => {
  const choices = (usual: number, most: number, asked?: number) =>
    memoryChoices({ usualBytes: usual * gib, mostBytes: most * gib }, asked && asked * gib).map((bytes) => bytes / gib)
  expect(choices(4, 32)).toEqual([4, 8, 16, 32])
  expect(choices(3, 8)).toEqual([3, 6, 8])
  expect(choices(8, 8)).toEqual([])
  expect(choices(4, 32, 12)).toEqual([4, 8, 12, 16, 32])
  expect(choices(4, 32, 64)).toEqual([4, 8, 16, 32])
  expect(choices(0, 32)).toEqual([])
})
