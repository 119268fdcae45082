import { expect, test } from 'vitest'
import { whileAllowed } from '../../../src/backups/while-allowed.ts'

const never = new AbortController().signal
/** Each sleep lasts until the next turn of the loop. */
const clock = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) }

const untilAborted = ({ signal }: { signal: AbortSignal }) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('work that is not allowed does not begin', async () => {
  const denied = async () => {
    throw new Error('not yours')
  }
  const work = async () => expect.unreachable('it began')
  await expect(whileAllowed(denied, work, { signal: never, clock })).rejects.toThrow('not yours')
})

test('work ends with the refusal once it is no longer allowed', async () => {
  let asked = 0
  const twice = async () => {
    asked += 1
    if (asked > 2) throw new Error('no longer yours')
  }
  await expect(whileAllowed(twice, untilAborted, { signal: never, clock })).rejects.toThrow('no longer yours')
  expect(asked).toBe(3)
})

test('work ends with the reason of its caller, and nobody asks after its end', async () => {
  const leaving = new AbortController()
  let asked = 0
  const count = async () => {
    asked += 1
    if (asked === 3) leaving.abort(new Error('gone'))
  }
  await expect(whileAllowed(count, untilAborted, { signal: leaving.signal, clock })).rejects.toThrow('gone')
  expect(await whileAllowed(count, async () => 'done', { signal: never, clock })).toBe('done')
  const before = asked
  for (let turn = 0; turn < 3; turn += 1) await clock.sleep()
  expect(asked).toBe(before)
})
