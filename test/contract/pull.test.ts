import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PullProgress } from '../../src/domain/environment/pull.ts'
import { docker, realEngine } from '../support/engine-real.ts'
import { createFakeEngine } from '../support/fake-engine.ts'
import { type Registry, startRegistry } from '../support/registry.ts'

let registry: Registry
beforeAll(async () => {
  registry = await startRegistry()
})
afterAll(() => registry[Symbol.asyncDispose]())

test.each(['the fake', 'the real'])('%s engine reports a pull layer by layer, up to its end', async (which) => {
  const isReal = which === 'the real'
  const image = isReal ? `127.0.0.1:${registry.port}/${await registry.push(2, 2 ** 20)}` : 'x:1'
  using real = realEngine()
  const engine = isReal ? real : createFakeEngine({ registry: [image] })
  expect(await engine.findImage(image)).toBe(null)
  const seen: PullProgress[] = []
  await engine.pull(image, (progress) => seen.push(progress))
  expect(await engine.findImage(image)).toMatchObject({ id: expect.any(String) })
  for (const { currentBytes, totalBytes, layers } of seen) {
    expect(currentBytes).toBeLessThanOrEqual(totalBytes)
    expect(layers.reduce((sum, layer) => sum + layer.currentBytes, 0)).toBe(currentBytes)
  }
  const last = seen.at(-1)
  expect(last?.totalBytes).toBe(last?.currentBytes)
  expect(last?.totalBytes).toBeGreaterThan(0)
  expect(last?.layers.every(({ phase }) => phase === 'done' || phase === 'present')).toBe(true)
  expect(new Set(last?.layers.map(({ id }) => id)).size).toBe(last?.layers.length)
  if (isReal) await docker.getImage(image).remove()
})
