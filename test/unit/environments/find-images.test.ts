import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createFindImages } from '../../../src/environments/find-images.ts'
import { createFakeEngine } from '../../support/fake-engine.ts'

let engine: ReturnType<typeof createFakeEngine>
let now: number
const looks = () => engine.calls.filter(({ name }) => name === 'findImage').length
const here = (...images: string[]) => createFindImages({ engine, images, clock: { steady: () => now } })

beforeEach(() => {
  engine = createFakeEngine({ images: ['here:1'] })
  now = 0
})

test('it finds the images that the engine has, and says which are missing', async () => {
  const found = await here('here:1', 'away:1')()
  expect([...found.keys()]).toEqual(['here:1', 'away:1'])
  expect(found.get('here:1')).toMatchObject({ bytes: expect.any(Number) })
  expect(found.get('away:1')).toBeNull()
})

// Trouble (cost): each page that somebody opens asks the engine for every image of the catalogue
test('people who ask at one time, or soon after each other, cost one look at each image', async () => {
  const images = here('here:1', 'here:1', 'away:1')
  await Promise.all([images(), images(), images()])
  now = 4_999
  await images()
  expect(looks()).toBe(2)
})

test('an image that has come since is known five seconds later', async () => {
  const images = here('away:1')
  await images()
  engine.images.add('away:1')
  now = 5_000
  expect((await images()).get('away:1')).not.toBeNull()
})

// Trouble (worst): the engine is away or hangs, and nobody can choose a template
test('it knows nothing of the images while the engine is away, and asks it no oftener', async () => {
  engine.reachable = false
  const images = here('here:1')
  expect([...(await images())]).toEqual([])
  await images()
  expect(looks()).toBe(1)
})

test('it waits no longer than two seconds for an engine that hangs', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const hangs = { findImage: () => new Promise<never>(() => {}) }
  const found = createFindImages({ engine: hangs, images: ['here:1'], clock: { steady: () => 0 } })()
  await vi.advanceTimersByTimeAsync(2_000)
  expect([...(await found)]).toEqual([])
})
