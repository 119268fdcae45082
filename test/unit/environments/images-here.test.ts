import { beforeEach, expect, test, vi } from 'vitest'
import { createImagesHere } from '../../../src/environments/images-here.ts'
import { createFakeEngine } from '../../support/fake-engine.ts'

let engine: ReturnType<typeof createFakeEngine>
let now: number
const looks = () => engine.calls.filter(({ name }) => name === 'findImage').length
const here = (...images: string[]) => createImagesHere({ engine, images, clock: { steady: () => now } })

beforeEach(() => {
  engine = createFakeEngine({ images: ['here:1'] })
  now = 0
})

test('it says of each image whether the engine has it', async () => {
  expect(await here('here:1', 'away:1')()).toEqual(
    new Map([
      ['here:1', true],
      ['away:1', false],
    ]),
  )
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
  expect((await images()).get('away:1')).toBe(true)
})

// Trouble (dependency): the engine is away or hangs, and nobody can choose a template
test('it knows nothing of the images while the engine is away, and asks it no oftener', async () => {
  engine.reachable = false
  const images = here('here:1')
  expect(await images()).toEqual(new Map([['here:1', null]]))
  await images()
  expect(looks()).toBe(1)
})

test('it waits no longer than two seconds for an engine that hangs', async () => {
  vi.useFakeTimers()
  const hangs = { findImage: () => new Promise<never>(() => {}) }
  const found = createImagesHere({ engine: hangs, images: ['here:1'], clock: { steady: () => 0 } })()
  await vi.advanceTimersByTimeAsync(2_000)
  expect((await found).get('here:1')).toBeNull()
  vi.useRealTimers()
})
