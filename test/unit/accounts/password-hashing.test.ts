import { expect, test } from 'vitest'
import { createPasswordHashing } from '../../../src/accounts/password-hashing.ts'
import { userId } from '../../../src/domain/people/user-id.ts'

const [alice, bob] = [userId.parse('alice'), userId.parse('bob')]

// Trouble (cost): a thousand sign-ins at once fill every core and 19 GB of memory
test('two passwords are computed at one time, thirty wait, and further ones are refused', async () => {
  const waiting: (() => void)[] = []
  const hashing = createPasswordHashing({
    hash: () => new Promise((resolve) => waiting.push(() => resolve('hash'))),
    verify: async () => ({ matches: true, isOutdated: false }),
  })
  const asked = Array.from({ length: 33 }, (_, at) =>
    hashing.hash(userId.parse(`person${at}`), 'x').catch((error: unknown) => error),
  )
  await expect(hashing.verify(alice, null, 'x')).rejects.toMatchObject({
    code: 'too-many-at-once',
    retryAfterSeconds: 1,
  })
  expect(await asked[32]).toMatchObject({ code: 'too-many-at-once' })
  for (let done = 0; done < 32; done += 1) {
    expect(waiting.length).toBeLessThanOrEqual(2)
    waiting.shift()?.()
    await new Promise(setImmediate)
  }
  expect(await Promise.all(asked.slice(0, 32))).toEqual(Array.from({ length: 32 }, () => 'hash'))
  expect(await hashing.verify(alice, null, 'x')).toMatchObject({ matches: true })
})

// Trouble (cost): one person's program signs in or changes their password again and again, and nobody else can sign in
test("one person's passwords fill neither the queue nor its head", async () => {
  const begun: string[] = []
  const first = Promise.withResolvers<void>()
  const hashing = createPasswordHashing({
    async hash(password) {
      begun.push(password)
      await first.promise
      return password
    },
    verify: async () => ({ matches: true, isOutdated: false }),
  })
  const asked = Promise.allSettled(Array.from({ length: 40 }, () => hashing.hash(alice, 'hers')))
  const his = hashing.hash(bob, 'his')
  await new Promise(setImmediate)
  first.resolve()
  await his
  expect(begun.slice(0, 3)).toEqual(['hers', 'hers', 'his'])
  const results = await asked
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(12)
  expect(results.at(-1)).toMatchObject({ reason: { code: 'too-many-at-once', retryAfterSeconds: 1 } })
})
