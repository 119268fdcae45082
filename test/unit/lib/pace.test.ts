import { expect, test } from 'vitest'
import { Pace } from '../../../src/lib/pace.ts'

/** A clock that tests turn by hand, and work that takes the given time. */
function scene() {
  let now = 0
  const due: { at: number; call: () => void }[] = []
  const clock = {
    steady: () => now,
    after: (ms: number, call: () => void) => {
      due.push({ at: now + ms, call })
      return () => {}
    },
  }
  const turnTo = async (time: number) => {
    now = time
    for (const each of due.filter(({ at }) => at <= now)) due.splice(due.indexOf(each), 1)[0]?.call()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const pace = new Pace(clock)
  const begun: string[] = []
  const work = (key: string, tookMs: number, signal?: AbortSignal) =>
    pace.run(
      key,
      async () => {
        begun.push(key)
        now += tookMs
      },
      signal && { signal },
    )
  return { turnTo, work, begun }
}

test('the next work of a key waits nine times as long as its last work took; work of another key begins at once', async () => {
  const { turnTo, work, begun } = scene()
  await work('alice', 100)
  const next = work('alice', 100)
  await work('bob', 0)
  await turnTo(999)
  expect(begun).toEqual(['alice', 'bob'])
  await turnTo(1000)
  await next
  expect(begun).toEqual(['alice', 'bob', 'alice'])
})

test('the wait is at least 50 ms and at most 2 s', async () => {
  const { turnTo, work, begun } = scene()
  await work('alice', 0)
  const next = work('alice', 10_000)
  await turnTo(49)
  expect(begun).toHaveLength(1)
  await turnTo(50)
  await next
  const last = work('alice', 0)
  await turnTo(12_050)
  await last
  expect(begun).toHaveLength(3)
})

test('work that is aborted while it waits never begins, and does not delay the next work', async () => {
  const { turnTo, work, begun } = scene()
  await work('alice', 100)
  const giveUp = new AbortController()
  const given = work('alice', 0, giveUp.signal)
  const after = work('alice', 0)
  giveUp.abort(new Error('enough'))
  await expect(given).rejects.toThrow('enough')
  await turnTo(1000)
  await after
  expect(begun).toHaveLength(2)
})
