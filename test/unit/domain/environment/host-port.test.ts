import { expect, test } from 'vitest'
import { freeHostPort } from '../../../../src/domain/environment/host-port.ts'

const all = Array.from({ length: 65_535 - 61_000 + 1 }, (_, index) => 61_000 + index)

test('the port is always one that no environment has', () => {
  const allBut = (port: number) => new Set(all.filter((each) => each !== port))
  for (const chance of [0, 0.5, 1 - Number.EPSILON]) {
    for (const port of [61_000, 63_000, 65_535]) expect(freeHostPort(allBut(port), chance)).toBe(port)
  }
})

test('every port can be picked', () => {
  const picked = all.map((_, index) => freeHostPort(new Set(), (index + 0.5) / all.length))
  expect(picked).toEqual(all)
})

test('there is no port when all are taken', () => {
  expect(freeHostPort(new Set(all), 0.3)).toBeNull()
})
