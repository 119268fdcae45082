import { expect, test } from 'vitest'
import type { Status } from '../../../src/domain/environment/environment.ts'
import type { MachineSample } from '../../../src/domain/machine.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { keepSampling } from '../../../src/machine/keep-sampling.ts'

const minute = 60_000
const amount = (usedBytes: number) => ({ usedBytes, totalBytes: 100 })

/** Runs it for so many samples, from 30 s after a full minute on. */
async function sampled(samples: number, { diskAnswers = true, full = [] as number[], measures = true } = {}) {
  const closing = new AbortController()
  const recorded: (MachineSample & { keepFrom: number })[] = []
  const errors: unknown[] = []
  let now = 10_000 * minute + 30_000
  let busy = 0
  let slept = 0
  await keepSampling(
    {
      async measure() {
        if (!measures && slept === 0) throw new Error('There is no /proc.')
        busy += 25
        return { cpu: { busy, idle: busy * 3 }, memory: amount(40) }
      },
      room: async () => {
        if (!diskAnswers) throw new Error('It hangs.')
        return { totalBytes: 100, freeBytes: 70, totalFiles: 0, freeFiles: 0 }
      },
      census: () => ({ running: 2, pending: 1 }) as Record<Status, number>,
      store: {
        async record(sample, { keepFrom }) {
          if (full.includes(slept)) throw new Problem('no-room', 'The disk is full.')
          recorded.push({ ...sample, keepFrom })
        },
        since: async () => [],
      },
      clock: {
        now: () => now,
        steady: () => now,
        after: () => () => {},
        async sleep(ms) {
          now += ms
          slept += 1
          if (slept > samples) closing.abort()
        },
      },
      onError: (error) => errors.push(error),
    },
    { signal: closing.signal },
  )
  return { recorded, errors }
}

test('each minute has one sample, at its beginning, and what is older than a day goes', async () => {
  const { recorded } = await sampled(3)
  expect(recorded.map(({ at }) => at)).toEqual([10_000, 10_001, 10_002].map((each) => each * minute))
  expect(recorded[1]).toEqual({
    at: 10_001 * minute,
    memory: amount(40),
    cpuPercent: 25,
    disk: amount(30),
    running: 2,
    waiting: 1,
    keepFrom: 10_001 * minute - 24 * 60 * minute,
  })
})

// Trouble (mounts): the disk hangs while the machine is measured
test('while the disk does not answer, the sample has no room', async () => {
  const { recorded, errors } = await sampled(1, { diskAnswers: false })
  expect([recorded[0]?.disk, errors]).toEqual([null, []])
})

// Trouble (worst): the disk is full when a sample is written
test('a sample that the disk does not take is left out, and the next one is written', async () => {
  const { recorded, errors } = await sampled(3, { full: [2] })
  expect(recorded.map(({ at }) => at / minute)).toEqual([10_000, 10_002])
  expect(errors).toEqual([])
})

test('a machine that cannot be measured at first is told of, and measured from the next minute on', async () => {
  const { recorded, errors } = await sampled(3, { measures: false })
  expect(errors).toEqual([new Error('There is no /proc.')])
  expect(recorded.length).toBeGreaterThan(0)
})
