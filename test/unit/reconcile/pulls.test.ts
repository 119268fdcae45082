import { expect, test } from 'vitest'
import type { PullProgress, PullState } from '../../../src/domain/environment/pull.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { createPulls } from '../../../src/reconcile/pulls.ts'
import { createFakeEngine } from '../../support/fake-engine.ts'

const { signal } = new AbortController()

function progress(currentBytes: number): PullProgress {
  return { currentBytes, totalBytes: 1000, layers: [{ id: 'a', phase: 'downloading', currentBytes, totalBytes: 1000 }] }
}

/** A clock that tests turn by hand; a call given to `after` happens when it is due. */
function manualClock(): Pick<Clock, 'steady' | 'after'> & { pass(ms: number): void } {
  let now = 0
  const due = new Map<() => void, number>()
  return {
    steady: () => now,
    after(ms, call) {
      due.set(call, now + ms)
      return () => due.delete(call)
    },
    pass(ms) {
      for (const end = now + ms; now < end; ) {
        now += 50
        for (const [call, at] of [...due]) if (at <= now && due.delete(call)) call()
      }
    },
  }
}

/** A pull that a test drives, and a function that waits for it. */
function pulling() {
  const clock = manualClock()
  const engine = createFakeEngine({ registry: ['x:1'] })
  const begun = Promise.withResolvers<(progress: PullProgress) => void>()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  engine.duringPull = (_, onProgress) => {
    begun.resolve(onProgress)
    return promise
  }
  const pulls = createPulls({ engine, clock })
  const wait = () => {
    const states: PullState[] = []
    return { states, done: pulls.pull('x:1', { signal, onState: (state) => states.push(state) }) }
  }
  return { clock, engine, begun: begun.promise, end: resolve, fail: reject, wait }
}

test('the first state comes at once, then at most four a second, and the last state at the end', async () => {
  const { clock, begun, end, wait } = pulling()
  const { states, done } = wait()
  const tell = await begun
  tell(progress(10))
  expect(states.map(({ currentBytes }) => currentBytes)).toEqual([10])
  for (let bytes = 11; bytes <= 100; bytes += 1) tell(progress(bytes))
  expect(states).toHaveLength(1)
  clock.pass(250)
  expect(states.map(({ currentBytes }) => currentBytes)).toEqual([10, 100])
  tell(progress(1000))
  end()
  await done
  expect(states.at(-1)).toMatchObject({ image: 'x:1', percent: 100, currentBytes: 1000 })
})

// Trouble (progress): a slow registry
test('while the registry is silent the rate falls to 0, and then no more states come', async () => {
  const { clock, begun, end, wait } = pulling()
  const { states, done } = wait()
  const tell = await begun
  tell(progress(0))
  clock.pass(1000)
  tell(progress(500))
  clock.pass(250)
  expect(states.at(-1)?.bytesPerSecond).toBe(400)
  clock.pass(10_000)
  expect(states.at(-1)).toMatchObject({ currentBytes: 500, bytesPerSecond: 0 })
  const told = states.length
  clock.pass(10_000)
  expect(states).toHaveLength(told)
  end()
  await done
})

test('a later waiter gets the present state at once, and shares the pull', async () => {
  const { engine, begun, end, wait } = pulling()
  const first = wait()
  ;(await begun)(progress(300))
  const second = wait()
  expect(second.states).toEqual(first.states)
  end()
  await Promise.all([first.done, second.done])
  expect(engine.calls.filter(({ name }) => name === 'pull')).toHaveLength(1)
})

test('a failure reaches all waiters, and a later waiter begins a new pull', async () => {
  const { engine, begun, fail, wait } = pulling()
  const [first, second] = [wait(), wait()]
  await begun
  const reason = new Error('the registry is gone')
  fail(reason)
  await expect(first.done).rejects.toBe(reason)
  await expect(second.done).rejects.toBe(reason)
  engine.duringPull = () => {}
  await wait().done
  expect(engine.calls.filter(({ name }) => name === 'pull')).toHaveLength(2)
})
