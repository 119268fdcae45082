import { expect, test } from 'vitest'
import { Counts } from '../../../src/lib/counts.ts'

test('a count begins with its first event and is forgotten after its time', () => {
  let now = 0
  const counts = new Counts(100, () => now)
  counts.add('a')
  now = 60
  counts.add('a')
  expect([counts.of('a'), counts.endsInMs('a'), counts.of('b'), counts.endsInMs('b')]).toEqual([2, 40, 0, 0])
  now = 100
  expect(counts.of('a')).toBe(0)
})

test('of too many counts the oldest is forgotten', () => {
  const counts = new Counts(100, () => 0)
  for (let at = 0; at <= 10_000; at += 1) counts.add(`${at}`)
  expect([counts.of('0'), counts.of('1'), counts.of('10000')]).toEqual([0, 1, 1])
})
