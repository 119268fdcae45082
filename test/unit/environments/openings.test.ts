import { expect, test } from 'vitest'
import type { Caller } from '../../../src/domain/people/account.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { createOpenings } from '../../../src/environments/openings.ts'
import type { Opening } from '../../../src/ports/environment-store.ts'

const admin = { userId: userId.parse('admin'), credentialId: 't' } as unknown as Caller
const environment = { id: 'e', userId: userId.parse('alice') }

function openingsOn(write: () => Promise<void>) {
  const written: Opening[] = []
  let now = 0
  const openings = createOpenings({
    store: {
      async addOpening(opening) {
        await write()
        written.push(opening)
      },
      openings: async () => written,
    },
    findRecord: () => Promise.reject(new Error('nobody asks')),
    clock: { now: () => now },
    log: { opened: () => {} },
  })
  return { openings, written, later: (ms: number) => (now += ms) }
}

// Trouble (authority): the disk is full, and of two requests of an administrator at one instant one leaves no trace
test('no request of a token goes on before its opening is recorded, also at the same instant as another one', async () => {
  const { openings } = openingsOn(() => Promise.reject(new Error('full')))
  const both = [openings.byToken(admin, environment), openings.byToken(admin, environment)]
  for (const each of both) await expect(each).rejects.toThrow('full')
  await expect(openings.byToken(admin, environment)).rejects.toThrow('full')
})

test('requests of one token are one opening in an hour', async () => {
  const { openings, written, later } = openingsOn(async () => {})
  await Promise.all([openings.byToken(admin, environment), openings.byToken(admin, environment)])
  later(3_599_999)
  await openings.byToken(admin, environment)
  expect(written).toEqual([{ environmentId: 'e', userId: 'admin', by: 'token', at: 0 }])
  later(1)
  await openings.byToken(admin, environment)
  expect(written).toHaveLength(2)
})
