/** How much of the CPU a container has: less than it may have, if other tests run beside this one. */
import { expect, test } from 'vitest'
import { realWorld } from '../support/engine-real.ts'

test('the stats of a busy container show its CPU', async () => {
  await using world = await realWorld()
  const spec = world.spec({ command: ['bash', '-c', 'while :; do :; done'] })
  await world.engine.create(spec)
  await world.engine.start(spec.name)
  const stats = await world.engine.stats(spec.name)
  expect(stats?.cpuPercent).toBeGreaterThan(20)
  expect(stats?.cpuPercent).toBeLessThan(80)
  const usedMs = await world.engine.cpuTimeMs(spec.name)
  expect(usedMs).toBeGreaterThan(50)
  expect(usedMs).toBeLessThan(60_000)
})
