import { expect, test } from 'vitest'
import { hashPassword, presentCost, verifyPassword } from '../../../src/lib/argon2.ts'

const cheap = { memoryKiB: 64, passes: 1, lanes: 1 }

test('a hash records its cost and its salt, and no two are the same', async () => {
  const hash = await hashPassword('correct horse battery')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(await hashPassword('correct horse battery')).not.toBe(hash)
  expect(await verifyPassword(hash, 'correct horse battery')).toEqual({ matches: true, isOutdated: false })
  expect(await verifyPassword(hash, 'correct horse batterY')).toMatchObject({ matches: false })
})

test.each([
  { ...presentCost, memoryKiB: 18_432 },
  { ...presentCost, passes: 1 },
  { ...presentCost, lanes: 2 },
])('a hash of another cost (%j) still works, and is outdated', async (cost) => {
  const hash = await hashPassword('correct horse battery', cost)
  expect(await verifyPassword(hash, 'correct horse battery')).toEqual({ matches: true, isOutdated: true })
})

// The vector of the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c).
test('a hash of another implementation works', async () => {
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await verifyPassword(hash, 'password')).toMatchObject({ matches: true })
})

test('a letter matches however the keyboard writes it', async () => {
  const hash = await hashPassword('Stra\u00dfe \u00fcber dem Flu\u00df', cheap)
  expect(await verifyPassword(hash, 'Stra\u00dfe u\u0308ber dem Flu\u00df')).toMatchObject({ matches: true })
})

test('without a hash nothing matches, and a text that is no hash is an error', async () => {
  expect(await verifyPassword(null, 'correct horse battery')).toMatchObject({ matches: false })
  await expect(verifyPassword('$2b$10$abc', 'x')).rejects.toThrow('cannot be read')
})

// Trouble (authority): the time of a sign-in tells whether there is such an account
test('without a hash as much is computed as with one', async () => {
  const hash = await hashPassword('correct horse battery')
  const cpu = async (known: string | null) => {
    const before = process.cpuUsage()
    for (let at = 0; at < 5; at += 1) await verifyPassword(known, 'something else')
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  await cpu(hash)
  const ratio = (await cpu(null)) / (await cpu(hash))
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
})
