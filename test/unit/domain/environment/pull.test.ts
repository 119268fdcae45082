import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesPerSecond, type PullLayer, percentOf, withSample } from '../../../../src/domain/environment/pull.ts'

const layer = (currentBytes: number, totalBytes: number | null, phase: PullLayer['phase'] = 'downloading') => ({
  id: 'a',
  phase,
  currentBytes,
  totalBytes,
})

test('there is no percentage before a size is known', () => {
  expect(percentOf([])).toBeNull()
  expect(percentOf([layer(0, null, 'waiting')])).toBeNull()
})

test('a layer of unknown size counts as the average of the others', () => {
  expect(percentOf([layer(50, 100), layer(0, null, 'waiting')])).toBe(25)
})

test('layers that the engine already had do not count', () => {
  expect(percentOf([layer(50, 100), layer(0, null, 'present')])).toBe(50)
})

test('layers without bytes count as complete', () => {
  expect(percentOf([layer(0, 0, 'done')])).toBe(100)
})

test('the percentage is always a whole number from 0 to 100', () => {
  const layers = fc.array(fc.record({ of: fc.nat(), to: fc.option(fc.nat()) }))
  fc.assert(
    fc.property(layers, (given) => {
      const percent = percentOf(given.map(({ of, to }) => layer(to === null ? 0 : Math.min(of, to), to)))
      expect(percent === null || (Number.isInteger(percent) && percent >= 0 && percent <= 100)).toBe(true)
    }),
  )
})

test('the rate covers the last seconds', () => {
  let samples = withSample([], { at: 0, bytes: 0 })
  expect(bytesPerSecond(samples)).toBeNull()
  samples = withSample(samples, { at: 250, bytes: 9_000 })
  expect(bytesPerSecond(samples)).toBeNull()
  for (let at = 1_000; at <= 20_000; at += 250) samples = withSample(samples, { at, bytes: 9_000 + at })
  expect(bytesPerSecond(samples)).toBe(1_000)
  expect(samples.length).toBeLessThan(25)
})

test('the rate of a pull that stands still falls to 0, and is never negative', () => {
  let samples = [
    { at: 0, bytes: 0 },
    { at: 1_000, bytes: 5_000 },
  ]
  for (let at = 1_250; at <= 7_000; at += 250) samples = withSample(samples, { at, bytes: 5_000 })
  expect(bytesPerSecond(samples)).toBe(0)
  expect(bytesPerSecond(withSample(samples, { at: 7_250, bytes: 10 }))).toBe(0)
})

test('after a long silence the rate starts again from the last sample', () => {
  const samples = withSample([{ at: 0, bytes: 100 }], { at: 60_000, bytes: 60_100 })
  expect(bytesPerSecond(samples)).toBe(1_000)
})
