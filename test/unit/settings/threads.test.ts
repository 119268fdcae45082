import { expect, test } from 'vitest'
import { haveThreads, threadsIn } from '../../../src/settings/threads.ts'

test('a process has 16 threads for disks, or as many as its environment says', () => {
  const env: NodeJS.ProcessEnv = {}
  haveThreads(env)
  expect(threadsIn(env)).toBe(16)
  const own = { UV_THREADPOOL_SIZE: '8' }
  haveThreads(own)
  expect(threadsIn(own)).toBe(8)
  expect([threadsIn({}), threadsIn({ UV_THREADPOOL_SIZE: 'x' })]).toEqual([4, 1])
})
