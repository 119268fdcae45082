import { expect, test } from 'vitest'
import { createThread } from '../../../src/lib/thread.ts'

/** A thread whose messages are programs. */
const program = new URL(
  `data:text/javascript,${encodeURIComponent(
    `import { parentPort } from 'node:worker_threads'
     parentPort.on('message', async (code) => parentPort.postMessage(await eval(code)))`,
  )}`,
)
const limits = { what: 'Counting', limitMs: 2_000, memoryMebibytes: 32 }

test('a thread answers its calls, one after the other', async () => {
  await using thread = createThread<string, number>(program, limits)
  expect(await Promise.all(['1 + 1', 'Promise.resolve(3)'].map(thread.call))).toEqual([2, 3])
})

test('a call over the limit of time or memory, or one that throws, fails, and the next one is answered', async () => {
  await using thread = createThread<string, number>(program, limits)
  await expect(thread.call('for (;;);')).rejects.toThrow('Counting took longer than 2000 ms')
  expect(await thread.call('2')).toBe(2)
  await expect(thread.call('const all = []; for (;;) all.push({ all: [...all] })')).rejects.toThrow('memory')
  await expect(thread.call('missing()')).rejects.toThrow('missing is not defined')
  expect(await thread.call('3')).toBe(3)
})

test('a call that waits while its thread is closed fails, and begins no other thread', async () => {
  const thread = createThread<string, number>(program, limits)
  const running = thread.call('for (;;);')
  const waiting = thread.call('1')
  const ended = Promise.allSettled([running, waiting])
  await thread[Symbol.asyncDispose]()
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(waiting).rejects.toThrow('closed')
})
