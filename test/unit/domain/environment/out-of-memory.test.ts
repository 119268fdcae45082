import { expect, test } from 'vitest'
import {
  endedForMemory,
  killedWords,
  limitWords,
  memoryLimitOf,
} from '../../../../src/domain/environment/out-of-memory.ts'

const GiB = 2 ** 30
const at = Date.UTC(2026, 10, 26, 14, 3, 59)

test('people read when memory ran out, how much there is, and what to do', () => {
  expect(killedWords(at, { bytes: 2 * GiB, tier: { name: 'default', bytes: 8 * GiB } })).toBe(
    'On 2026-11-26 at 14:03 UTC its memory ran out, and a program in it was killed, for example the kernel of a notebook. ' +
      'It may use 2 GiB. Use less at a time, or create an environment with more: the tier "default" allows 8 GiB.',
  )
})

test('the limit names what the tier of the owner allows, if there is such a tier', () => {
  const tiers = { default: { memory: 8 * GiB, cpu_cores: 2, gpus: 0, max_environments: 5 } }
  const resources = { memoryBytes: GiB }
  expect(memoryLimitOf(resources, 'default', tiers)).toEqual({ bytes: GiB, tier: { name: 'default', bytes: 8 * GiB } })
  for (const tier of ['of-before', null])
    expect(memoryLimitOf(resources, tier, tiers)).toEqual({ bytes: GiB, tier: null })
})

test('nobody is sent to create an environment with more than their tier allows', () => {
  expect(limitWords({ bytes: 8 * GiB, tier: { name: 'default', bytes: 8 * GiB } })).toBe(
    'It may use 8 GiB. The tier "default" allows no more: use less at a time, or ask an administrator for a higher tier.',
  )
  expect(limitWords({ bytes: GiB / 2, tier: null })).toBe('It may use 512 MiB. Use less at a time.')
})

// Trouble (input): a program takes more memory than its environment has
test('an environment that ended by itself, long after a program in it was killed, did not end for want of memory', () => {
  expect(endedForMemory({ outOfMemory: true, exitCode: 137 })).toBe(true)
  expect(endedForMemory({ outOfMemory: true, exitCode: 1 })).toBe(false)
  expect(endedForMemory({ outOfMemory: false, exitCode: 137 })).toBe(false)
})
