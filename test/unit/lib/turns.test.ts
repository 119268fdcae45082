import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Turns } from '../../../src/lib/turns.ts'

test('only so many enter at once, and the others wait their turn in order', async () => {
  const turns = new Turns(1)
  const first = await turns.acquire('a')
  const entered: string[] = []
  const enter = async (key: string) => {
    const turn = await turns.acquire(key)
    entered.push(key)
    return turn
  }
  const second = enter('b')
  const third = enter('c')
  expect([turns.place('a'), turns.place('b'), turns.place('c')]).toEqual([null, 0, 1])

  first[Symbol.dispose]()
  const turn = await second
  expect(entered).toEqual(['b'])
  expect(turns.place('c')).toBe(0)
  turn[Symbol.dispose]()
  await third
  expect(entered).toEqual(['b', 'c'])
})

test('a turn that is given back twice lets only one in', async () => {
  const turns = new Turns(1)
  const first = await turns.acquire('a')
  const second = turns.acquire('b')
  void turns.acquire('c')
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  await second
  expect(turns.place('c')).toBe(0)
})

test('a waiter that aborts leaves the queue', async () => {
  const turns = new Turns(1)
  const first = await turns.acquire('a')
  const abort = new AbortController()
  const second = turns.acquire('b', abort)
  const third = turns.acquire('c')
  abort.abort(new Error('changed my mind'))
  await expect(second).rejects.toThrow('changed my mind')
  first[Symbol.dispose]()
  await third
})

// Trouble (desired): one person starts many environments
test('many waiters of one group do not keep out another group, and each knows its place', async () => {
  const turns = new Turns(1)
  const first = await turns.acquire('a1', { group: 'a' })
  const entered: string[] = []
  const enter = async (key: string, group: string) => {
    using _turn = await turns.acquire(key, { group })
    entered.push(key)
  }
  const all = [
    enter('a2', 'a'),
    enter('a3', 'a'),
    enter('a4', 'a'),
    enter('b1', 'b'),
    enter('c1', 'c'),
    enter('b2', 'b'),
  ]
  expect(['b1', 'c1', 'a2', 'b2', 'a3', 'a4'].map((key) => turns.place(key))).toEqual([0, 1, 2, 3, 4, 5])
  expect(turns.waiting).toBe(6)
  first[Symbol.dispose]()
  await Promise.all(all)
  expect(entered).toEqual(['b1', 'c1', 'a2', 'b2', 'a3', 'a4'])
})

test('never more are inside than there are turns, in any order of coming, going and aborting', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ group: fc.constantFrom('a', 'b', 'c'), givesUp: fc.boolean() }), { maxLength: 30 }),
      async (size, comers) => {
        const turns = new Turns(size)
        let inside = 0
        const come = async ({ group, givesUp }: { group: string; givesUp: boolean }, at: number) => {
          const abort = new AbortController()
          const entering = turns.acquire(String(at), { group, signal: abort.signal })
          if (givesUp) abort.abort(new Error('changed my mind'))
          const turn = await entering.catch(() => null)
          if (!turn) return
          inside += 1
          expect(inside).toBeLessThanOrEqual(size)
          await Promise.resolve()
          inside -= 1
          turn[Symbol.dispose]()
        }
        await Promise.all(comers.map(come))
        expect([inside, turns.waiting]).toEqual([0, 0])
        await Promise.all(Array.from({ length: size }, (_, at) => turns.acquire(String(at)))) // none was lost
      },
    ),
  )
})
