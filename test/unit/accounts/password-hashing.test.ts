import { expect, test } from 'vitest'
import { createPasswordHashing } from '../../../src/accounts/password-hashing.ts'

// Trouble (cost): a thousand sign-ins at once fill every core and 19 GB of memory
test('two passwords are computed at one time, thirty wait, and further ones are refused', async () => {
  const waiting: (() => void)[] = []
  const hashing = createPasswordHashing({
    hash: () => new Promise((resolve) => waiting.push(() => resolve('hash'))),
    verify: async () => ({ matches: true, isOutdated: false }),
  })
  const asked = Array.from({ length: 33 }, () => hashing.hash('x').catch((error: unknown) => error))
  await expect(hashing.verify(null, 'x')).rejects.toMatchObject({ code: 'too-many-at-once', retryAfterSeconds: 1 })
  expect(await asked[32]).toMatchObject({ code: 'too-many-at-once' })
  for (let done = 0; done < 32; done += 1) {
    expect(waiting.length).toBeLessThanOrEqual(2)
    waiting.shift()?.()
    await new Promise(setImmediate)
  }
  expect(await Promise.all(asked.slice(0, 32))).toEqual(Array.from({ length: 32 }, () => 'hash'))
  expect(await hashing.verify(null, 'x')).toMatchObject({ matches: true })
})
