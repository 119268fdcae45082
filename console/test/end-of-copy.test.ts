import { expect, test } from 'vitest'
import type { Job } from '../src/api/bodies.ts'
import { Refusal, Unreachable } from '../src/api/refusal.ts'
import { endOfCopy } from '../src/files/end-of-copy.ts'
import { aJob } from './support/a-job.ts'

/** Follows a copy that gets these answers, and notes the waits before them. */
async function followed(...answers: (Job | Error)[]): Promise<{ status: string; waits: number[] }> {
  const waits: number[] = []
  const { status } = await endOfCopy(aJob(), {
    wait: async (ms) => void waits.push(ms),
    look: async () => {
      const answer = answers.shift()
      if (!answer) throw new Error('It asked again after the end.')
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  return { status, waits }
}

// Trouble (files): the service refuses one look at a copy, and the page says that the copy failed while it goes on
test('a copy is followed to its end through answers that may not last, as seldom as the service asks', async () => {
  const answers = [
    new Refusal(429, {}, '7'),
    aJob(),
    new Refusal(503, {}),
    new Unreachable('away'),
    aJob({ status: 'done' }),
  ]
  expect(await followed(...answers)).toEqual({ status: 'done', waits: [2_500, 7_000, 2_500, 2_500, 2_500] })
})

test('a refusal for good ends the news of a copy', async () => {
  await expect(followed(aJob(), new Refusal(404, { detail: 'There is no such job.' }))).rejects.toThrow('no such job')
})
