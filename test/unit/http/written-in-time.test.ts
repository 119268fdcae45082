import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writtenInTime } from '../../../src/http/written-in-time.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const idleMs = 120_000

test('a client that takes nothing is cut off after that time', async () => {
  const client = new Writable({ highWaterMark: 1, write: () => {} })
  client.on('error', () => {})
  const ended = expect(writtenInTime(client, Buffer.alloc(10), idleMs)).rejects.toThrow()
  await vi.advanceTimersByTimeAsync(idleMs)
  await ended
  expect(client.destroyed).toBe(true)
})

// Trouble (files): the repository is slow, and the service takes its client for a slow one
test('time between two pieces is not held against the client', async () => {
  const client = new Writable({ write: (_piece, _encoding, done) => done() })
  for (const piece of ['first', 'second']) {
    await writtenInTime(client, Buffer.from(piece), idleMs)
    await vi.advanceTimersByTimeAsync(10 * idleMs)
  }
  expect(client.destroyed).toBe(false)
})
