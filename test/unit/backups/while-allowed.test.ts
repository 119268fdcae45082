import { expect, test } from 'vitest'
import { whileAllowed } from '../../../src/backups/while-allowed.ts'
import { Problem } from '../../../src/domain/problem.ts'

const never = new AbortController().signal
/** Each sleep lasts until the next turn of the loop. */
const clock = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) }

const untilAborted = ({ signal }: { signal: AbortSignal }) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

async function until(isTrue: () => boolean, { signal }: { signal: AbortSignal }): Promise<void> {
  while (!isTrue() && !signal.aborted) await clock.sleep()
}

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
    if (asked > 2) throw new Problem('forbidden', 'no longer yours')
  }
  await expect(whileAllowed(twice, untilAborted, { signal: never, clock })).rejects.toThrow('no longer yours')
  expect(asked).toBe(3)
})

test.each([
  [9, 'done'],
  [10, 'the database is away'],
])('after %d questions in a row that failed, the end of the work is %j', async (failing, expected) => {
  let asked = 0
  const fails = async () => {
    asked += 1
    if (asked > 1 && asked <= 1 + failing) throw new Error('the database is away')
  }
  const work = ({ signal }: { signal: AbortSignal }) =>
    Promise.race([untilAborted({ signal }), until(() => asked > 2 + failing, { signal }).then(() => 'done')])
  const ended = await whileAllowed(fails, work, { signal: never, clock }).catch((error: Error) => error.message)
  expect(ended).toBe(expected)
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
