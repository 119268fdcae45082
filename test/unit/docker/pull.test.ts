import { expect, test } from 'vitest'
import { createPull } from '../../../src/docker/pull.ts'

function pullThatEnds(words: string) {
  async function* chunks() {
    yield new TextEncoder().encode(`${JSON.stringify({ error: words, errorDetail: { message: words } })}\n`)
  }
  return createPull({} as never, (async () => chunks()) as never, 1_000)('lab/i:1', () => {})
}

// Trouble (desired): the engine's own disk is full
test('a pull for which the engine has no room is not the fault of the image', async () => {
  const full = 'failed to register layer: write /usr/lib/x: no space left on device'
  await expect(pullThatEnds(full)).rejects.toMatchObject({ code: 'no-room', detail: expect.stringContaining(full) })
  await expect(pullThatEnds('manifest unknown')).rejects.toMatchObject({ code: 'image-unavailable' })
})
