import { expect, test } from 'vitest'
import { userId } from '../../../src/domain/people/user-id.ts'
import { roomLimits } from '../../../src/domain/room.ts'
import { type Asked, createPromiseRoom, type Room } from '../../../src/files/promised-room.ts'

const alice = userId.parse('alice')
const bob = userId.parse('bob')

function asked(comingBytes: number | null, more: Partial<Asked> = {}): Asked {
  return { key: {}, by: alice, userId: alice, comingBytes, storedBytes: 0, waitingBytes: 0, ...more }
}

/** Room for 100 bytes on the disk, above what is kept for the platform's own records. */
const disk = async (): Promise<Room> => ({ freeBytes: roomLimits.problem.bytes + 100, allowed: null })
/** A huge disk, and a person who may store 100 bytes more. */
const tier = async (): Promise<Room> => ({ freeBytes: 2 ** 40, allowed: { limitBytes: 150, usedBytes: 50 } })

// Trouble (files): two uploads of one instant each fit, and both together do not
test.each([
  ['on the disk', disk, 'no-room'],
  ['below the limit of a person', tier, 'storage-full'],
])('two uploads of one instant do not both get the last room %s', async (_, measure, code) => {
  const promise = createPromiseRoom()
  const answers = await Promise.allSettled([promise(asked(60), measure), promise(asked(60), measure)])
  expect(answers).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code } }])
})

test('an upload that has ended gives its room back', async () => {
  const promise = createPromiseRoom()
  const first = await promise(asked(100), tier)
  first[Symbol.dispose]()
  await promise(asked(100), tier)
})

// Trouble (files): somebody announces an upload of all the room there is, and sends nothing
test('what others have announced and not sent keeps nobody from uploading; what they write does', async () => {
  const promise = createPromiseRoom()
  const others = await promise(asked(100, { by: bob, userId: null }), disk)
  const own = await promise(asked(60), disk)
  others.onBytes(50)
  own.onBytes(50)
  expect(() => own.onBytes(51)).toThrow('no-room')
  own[Symbol.dispose]() // nothing of it stays on the disk
  others.onBytes(100)
})

test('what an upload leaves on the disk is not given back', async () => {
  const promise = createPromiseRoom()
  const other = await promise(asked(null, { by: bob, userId: bob }), disk)
  const whole = await promise(asked(60), disk)
  whole.onBytes(60)
  whole.keep()
  whole[Symbol.dispose]()
  other.onBytes(40)
  expect(() => other.onBytes(41)).toThrow('no-room')
})

test('what an upload has written is not counted once more as what is to come', async () => {
  const promise = createPromiseRoom()
  const first = await promise(asked(90), disk)
  first.onBytes(80)
  await promise(asked(10), async () => ({ freeBytes: roomLimits.problem.bytes + 20, allowed: null }))
})

test('what others write while the disk is measured is not missed', async () => {
  const promise = createPromiseRoom()
  const first = await promise(asked(null), disk)
  const second = promise(asked(60), async () => {
    const measured = await disk()
    first.onBytes(50)
    return measured
  })
  await expect(second).rejects.toMatchObject({ code: 'no-room' })
})

test("a person's limit counts what their unfinished uploads hold, and not those of others", async () => {
  const promise = createPromiseRoom()
  await promise(asked(90, { by: bob, userId: bob }), tier)
  await promise(asked(60, { storedBytes: 20, waitingBytes: 20 }), tier)
  const next = promise(asked(1, { waitingBytes: 20 }), tier)
  await expect(next).rejects.toMatchObject({ code: 'storage-full' })
})

test('a client that goes on with an upload is not refused because of its broken request', async () => {
  const promise = createPromiseRoom()
  const broken = await promise(asked(100, { key: 'one' }), tier)
  await promise(asked(60, { key: 'one', storedBytes: 40 }), tier)
  broken[Symbol.dispose]()
  await expect(promise(asked(1), tier)).rejects.toMatchObject({ code: 'storage-full' })
})

test('a copy and an upload of one person do not both get the last room below the limit', async () => {
  const promise = createPromiseRoom()
  const copy = await promise(asked(60, { by: null }), tier)
  await expect(promise(asked(60), tier)).rejects.toMatchObject({ code: 'storage-full' })
  copy[Symbol.dispose]()
  await promise(asked(60), tier)
  await expect(promise(asked(60, { by: null }), tier)).rejects.toThrow('The copy is larger')
})

test('a copy takes no room on the disk from an upload: it may share the blocks of its original', async () => {
  const promise = createPromiseRoom()
  const upload = await promise(asked(60), disk)
  const copy = await promise(asked(1_000, { by: null }), async () => ({ freeBytes: Infinity, allowed: null }))
  copy.onBytes(1_000)
  upload.onBytes(60)
  await promise(asked(40), disk)
})
