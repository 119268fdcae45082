import { expect, test } from 'vitest'
import { userId } from '../../../src/domain/people/user-id.ts'
import { roomLimits } from '../../../src/domain/room.ts'
import { type Asked, createPromiseRoom, type Promised, type Room } from '../../../src/files/promised-room.ts'

const alice = userId.parse('alice')
const bob = userId.parse('bob')

function asked(comingBytes: number | null, more: Partial<Asked> = {}): Asked {
  return { key: {}, by: alice, userId: alice, comingBytes, storedBytes: 0, ...more }
}

/** Room for 100 bytes on the disk, above what is kept for the platform's own records. */
const disk = () => diskWith(0)
/** The same disk once so much was written to it. */
const diskWith = async (takenBytes: number): Promise<Room> => ({
  freeBytes: roomLimits.problem.bytes + 100 - takenBytes,
  allowed: null,
})
/** A huge disk, and a person who may store 100 bytes more. */
const tier = () => tierWith(0)
/** The same person once their unfinished uploads hold so much. */
const tierWith = async (waitingBytes: number): Promise<Room> => ({
  freeBytes: 2 ** 40,
  allowed: { limitBytes: 150, usedBytes: 50, waitingBytes },
})

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
  let taken = 0
  const now = () => diskWith(taken)
  const others = await promise(asked(100, { by: bob, userId: null }), now)
  const own = await promise(asked(60), now)
  await others.onBytes(50)
  await own.onBytes(50)
  taken = 100
  await expect(own.onBytes(51)).rejects.toThrow('no-room')
  own[Symbol.dispose]() // nothing of it stays on the disk
  taken = 50
  await others.onBytes(100)
})

// Trouble (files): an upload has filled the disk with its last byte, and its end broke off
test('an upload at its last byte needs no more room on the disk', async () => {
  const promise = createPromiseRoom()
  const full = () => diskWith(200)
  await promise(asked(0, { storedBytes: 100 }), full)
  await expect(promise(asked(1, { storedBytes: 99 }), full)).rejects.toThrow('no-room')
})

// Trouble (files): a program uploads empty files without end while the disk has too little room left
test('an upload of an empty file needs room on the disk, where its note and its name go', async () => {
  const promise = createPromiseRoom()
  await promise(asked(0), disk)
  await expect(promise(asked(0), () => diskWith(101))).rejects.toThrow('no-room')
})

test('what an upload leaves on the disk is not given back', async () => {
  const promise = createPromiseRoom()
  let taken = 0
  const now = () => diskWith(taken)
  const other = await promise(asked(null, { by: bob, userId: bob }), now)
  const whole = await promise(asked(60), now)
  await whole.onBytes(60)
  whole.keep()
  whole[Symbol.dispose]()
  await other.onBytes(40)
  taken = 100
  await expect(other.onBytes(41)).rejects.toThrow('no-room')
})

// Trouble (files): a program writes the same file again and again while somebody uploads a large one
test('an upload goes on where the disk has room, whatever others have written and removed again', async () => {
  const promise = createPromiseRoom()
  const long = await promise(asked(90), disk)
  for (let turn = 0; turn < 5; turn += 1) {
    using again = await promise(asked(60, { by: bob, userId: bob }), disk)
    await again.onBytes(60)
    again.keep() // it takes the place of the one before
    await long.onBytes(turn)
  }
  await long.onBytes(90)
})

test('what an upload has written is not counted once more as what is to come', async () => {
  const promise = createPromiseRoom()
  const first = await promise(asked(90), disk)
  await first.onBytes(80)
  await promise(asked(10), () => diskWith(80))
})

test('what others write while the disk is measured is not missed', async () => {
  const promise = createPromiseRoom()
  const first = await promise(asked(null), disk)
  let taken = 0
  const second = promise(asked(60), async () => {
    const measured = await diskWith(taken)
    await first.onBytes(50)
    taken = 50
    return measured
  })
  await expect(second).rejects.toMatchObject({ code: 'no-room' })
})

/** A huge disk, and a person who stores nothing yet and may store 100 bytes. `stored` changes as uploads end. */
function person() {
  const person = {
    stored: 0,
    measure: async (): Promise<Room> => ({
      freeBytes: 2 ** 40,
      allowed: { limitBytes: 100, usedBytes: person.stored, waitingBytes: 0 },
    }),
    /** Ends an upload as its end is told to the ledger. */
    end(upload: Promised, bytes: number) {
      upload.keep()
      person.stored += bytes
      upload[Symbol.dispose]()
    },
  }
  return person
}

// Trouble (files): a person opens several uploads without a length, and sends them one after the other
test('uploads and copies that ended count for those of the same person that still go on', async () => {
  const promise = createPromiseRoom()
  const { measure, end } = person()
  const [first, second] = [await promise(asked(null), measure), await promise(asked(null), measure)]
  const copy = await promise(asked(1, { by: null }), measure)
  const others = await promise(asked(null, { by: bob, userId: bob }), tier)
  await second.onBytes(1)
  await first.onBytes(98)
  end(first, 98)
  await expect(second.onBytes(2)).rejects.toThrow('storage-full')
  await expect(copy.onBytes(2)).rejects.toThrow('storage-full')
  await others.onBytes(100)
})

test('an upload goes on below the limit of its person, whatever they have replaced meanwhile', async () => {
  const promise = createPromiseRoom()
  const { measure, end } = person()
  const long = await promise(asked(null), measure)
  for (let turn = 0; turn < 5; turn += 1) {
    const again = await promise(asked(40), measure)
    await again.onBytes(40)
    end(again, turn === 0 ? 40 : 0) // it takes the place of the one before
    await long.onBytes(turn)
  }
  await long.onBytes(60)
  await expect(long.onBytes(61)).rejects.toThrow('storage-full')
})

// Trouble (files): an upload ends in the instant in which the room of the next one is measured
test('what ends while the storage of its person is measured is not missed', async () => {
  const promise = createPromiseRoom()
  const { measure, end } = person()
  const first = await promise(asked(60), measure)
  await first.onBytes(60)
  const second = promise(asked(60), async () => {
    const measured = await measure()
    if (measured.allowed?.usedBytes === 0) end(first, 60)
    return measured
  })
  await expect(second).rejects.toThrow('storage-full')
})

test('a request that ends while the one that goes on with its upload begins is not counted twice', async () => {
  const promise = createPromiseRoom()
  const { measure } = person()
  const broken = await promise(asked(100, { key: 'one' }), measure)
  broken.keep()
  const goesOn = promise(asked(60, { key: 'one', storedBytes: 40 }), async () => {
    const measured = await measure()
    broken[Symbol.dispose]()
    return measured
  })
  await expect(goesOn).resolves.toBeDefined()
})

// Trouble (files): a client asks to go on with its upload while an earlier request still brings bytes of it
test('what a request brings after another one took its place counts too', async () => {
  const promise = createPromiseRoom()
  const alices = person()
  const [first, second] = [
    await promise(asked(60, { key: 'one', storedBytes: 10 }), alices.measure),
    await promise(asked(60, { key: 'one', storedBytes: 10 }), alices.measure),
  ]
  const other = await promise(asked(null), alices.measure)
  first.note(50)
  alices.stored = 60
  for (const request of [first, second]) {
    request.keep()
    request[Symbol.dispose]()
  }
  await other.onBytes(40)
  await expect(other.onBytes(41)).rejects.toThrow('storage-full')
})

test("a person's limit counts what their unfinished uploads hold, and not those of others", async () => {
  const promise = createPromiseRoom()
  await promise(asked(90, { by: bob, userId: bob }), tier)
  await promise(asked(60, { storedBytes: 20 }), () => tierWith(20))
  const next = promise(asked(1), () => tierWith(20))
  await expect(next).rejects.toMatchObject({
    code: 'storage-full',
    detail: expect.stringContaining('beside the 20 B in unfinished uploads'),
  })
})

test('the measure is told which uploads are under way, so that they do not count as unfinished too', async () => {
  const promise = createPromiseRoom()
  const told: unknown[] = []
  const measure = async (underWay: readonly unknown[]) => {
    told.push(underWay)
    return await tier()
  }
  const first = await promise(asked(1, { key: 'one' }), measure)
  await promise(asked(1, { key: 'two' }), measure)
  first[Symbol.dispose]()
  await promise(asked(1, { key: 'three' }), measure)
  expect(told).toEqual([['one'], ['one', 'two'], ['two', 'three']])
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
  await copy.onBytes(1_000)
  await upload.onBytes(60)
  await promise(asked(40), disk)
})
