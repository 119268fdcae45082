import { expect, test } from 'vitest'
import { Semaphore } from '../../../src/lib/semaphore.ts'

test('lets so many in and the others wait their turn, in order', async () => {
  const semaphore = new Semaphore(1)
  const first = await semaphore.acquire('a')
  const entered: string[] = []
  const enter = async (key: string) => {
    const turn = await semaphore.acquire(key)
    entered.push(key)
    return turn
  }
  const second = enter('b')
  const third = enter('c')
  expect([semaphore.place('a'), semaphore.place('b'), semaphore.place('c')]).toEqual([null, 0, 1])

  first[Symbol.dispose]()
  const turn = await second
  expect(entered).toEqual(['b'])
  expect(semaphore.place('c')).toBe(0)
  turn[Symbol.dispose]()
  await third
  expect(entered).toEqual(['b', 'c'])
})

test('a turn given back twice lets one in, not two', async () => {
  const semaphore = new Semaphore(1)
  const first = await semaphore.acquire('a')
  const second = semaphore.acquire('b')
  void semaphore.acquire('c')
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  await second
  expect(semaphore.place('c')).toBe(0)
})

test('who gives up leaves the queue', async () => {
  const semaphore = new Semaphore(1)
  const first = await semaphore.acquire('a')
  const abort = new AbortController()
  const second = semaphore.acquire('b', abort)
  const third = semaphore.acquire('c')
  abort.abort(new Error('changed my mind'))
  await expect(second).rejects.toThrow('changed my mind')
  first[Symbol.dispose]()
  await third
})
