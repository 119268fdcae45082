import { describe, expect, test } from 'vitest'
import { fewAtOnce } from '../src/all/few-at-once.ts'

const items = Array.from({ length: 20 }, (_, at) => at)

describe('work for many things', () => {
  test('has at most four under way, and does all', async () => {
    const [done, busy] = [[] as number[], { now: 0, most: 0 }]
    await fewAtOnce(
      items,
      async () => {
        busy.now += 1
        busy.most = Math.max(busy.most, busy.now)
        await Promise.resolve()
        busy.now -= 1
      },
      { atOnce: 4, signal: new AbortController().signal, onDone: (item) => done.push(item) },
    )
    expect(busy.most).toBe(4)
    expect(done.sort((a, b) => a - b)).toEqual(items)
  })

  test('goes on after a refusal, and tells of it', async () => {
    const refused: number[] = []
    let count = 0
    await fewAtOnce(items, async (item) => item % 5 === 0 && Promise.reject(new Error('no')), {
      atOnce: 4,
      signal: new AbortController().signal,
      onDone: (item, error) => {
        count += 1
        if (error) refused.push(item)
      },
    })
    expect([count, refused]).toEqual([20, [0, 5, 10, 15]])
  })

  test('begins nothing more after an abort', async () => {
    const controller = new AbortController()
    const done: number[] = []
    await fewAtOnce(items, async (item) => item === 5 && controller.abort(), {
      atOnce: 2,
      signal: controller.signal,
      onDone: (item) => done.push(item),
    })
    expect(done.length).toBeLessThan(10)
  })

  test('ends at an error after which all others would fail', async () => {
    const done: number[] = []
    await fewAtOnce(items, () => Promise.reject(new Error('away')), {
      atOnce: 4,
      signal: new AbortController().signal,
      onDone: (item) => done.push(item),
      isEnd: () => true,
    })
    expect(done.length).toBeLessThanOrEqual(4)
  })
})
