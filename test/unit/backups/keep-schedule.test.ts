import { expect, test } from 'vitest'
import { keepSchedule } from '../../../src/backups/keep-schedule.ts'
import type { Job } from '../../../src/domain/jobs/job.ts'
import { Problem } from '../../../src/domain/problem.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const threeOClock = (after: number) => Math.ceil((after + 1 - 3 * hourMs) / dayMs) * dayMs + 3 * hourMs

/** The hours at which backups begin within two days, from a start at `from`. `isEmpty`: there is nothing to begin. */
async function begins({
  from,
  last = null,
  busyUntil = 0,
  isEmpty = false,
}: {
  from: number
  last?: number | null
  busyUntil?: number
  isEmpty?: boolean
}) {
  const end = new AbortController()
  let now = from
  let newest = last
  const begun: number[] = []
  const clock = {
    now: () => now,
    steady: () => now,
    after: () => () => {},
    async sleep(ms: number) {
      now += ms
      if (now >= from + 2 * dayMs) end.abort()
    },
  }
  await keepSchedule(
    {
      kind: 'backup',
      jobs: { list: async () => (newest === null ? [] : [{ createdAt: newest } as Job]) },
      async begin() {
        if (now < busyUntil) throw new Problem('job-under-way', 'busy')
        if (!isEmpty) newest = now
        begun.push(now / hourMs)
      },
      next: threeOClock,
      bornAt: async () => 0,
      clock,
      onError: (error) => expect.unreachable(String(error)),
    },
    { signal: end.signal },
  )
  return begun
}

test('a backup begins at each scheduled moment', async () => {
  expect(await begins({ from: hourMs })).toEqual([3, 27])
})

// Trouble (files): the machine is off at the time of its backup each night
test('a backup that was missed while the service was not up begins soon after the start, once', async () => {
  expect(await begins({ from: 10 * hourMs })).toEqual([10, 27, 51])
  expect(await begins({ from: 34 * hourMs, last: 3 * hourMs })).toEqual([34, 51, 75])
})

test('a backup waits for a restore that is under way, and begins then', async () => {
  expect(await begins({ from: hourMs, busyUntil: 4 * hourMs })).toEqual([4, 27])
})

// Trouble (files): checks are due, and no backup was ever made
test('a check that has nothing to begin with is tried once a minute', async () => {
  expect(await begins({ from: 3 * hourMs, isEmpty: true })).toHaveLength(2 * 24 * 60)
})
