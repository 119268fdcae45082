import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBatch } from '../src/api/batch.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function recorded() {
  const groups: Record<string, number>[] = []
  return { groups, batch: createBatch<number>((values) => groups.push(Object.fromEntries(values)), { everyMs: 100 }) }
}

test('hands on a change after a quiet time at once', () => {
  const { groups, batch } = recorded()
  batch.add('a', 1)
  expect(groups).toEqual([{ a: 1 }])
  vi.advanceTimersByTime(5_000)
  batch.add('b', 2)
  expect(groups).toEqual([{ a: 1 }, { b: 2 }])
})

test('hands on a hundred changes in a second in ten groups, of each thing only the newest', () => {
  const { groups, batch } = recorded()
  for (let change = 0; change < 100; change += 1) {
    batch.add(change % 2 ? 'odd' : 'even', change)
    vi.advanceTimersByTime(10)
  }
  expect(groups.length).toBeLessThanOrEqual(11)
  vi.advanceTimersByTime(100)
  expect(groups.at(-1)).toMatchObject({ odd: 99 })
})

test('hands on the rest when it is told to, and then nothing twice', () => {
  const { groups, batch } = recorded()
  batch.add('a', 1)
  batch.add('a', 2)
  batch.flush()
  expect(groups).toEqual([{ a: 1 }, { a: 2 }])
  vi.advanceTimersByTime(1_000)
  expect(groups).toHaveLength(2)
})
