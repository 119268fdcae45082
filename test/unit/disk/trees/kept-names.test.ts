import { expect, test } from 'vitest'
import { createKeptNames } from '../../../../src/disk/trees/kept-names.ts'
import { fileSystemNumber } from '../../../../src/domain/file-system.ts'
import type { FolderStamp } from '../../../../src/domain/files/kept-names.ts'
import { type PackedNames, packNames, unpackNames } from '../../../../src/domain/files/packed-names.ts'

const startMs = 1_800_000_000_000
const nfs = 0x6969

/** A folder on a disk of which a test turns everything by hand. `readings`: how often its names were read. */
class FakeFolder {
  readings = 0
  changedMs = startMs - 60_000
  ino: bigint
  inside: string[]
  type: number
  whileReading = () => {}

  constructor(ino: number, inside: string[], type: number = fileSystemNumber.ext) {
    this.ino = BigInt(ino)
    this.inside = inside
    this.type = type
  }
  async stamp(): Promise<FolderStamp> {
    const ns = BigInt(this.changedMs) * 1_000_000n
    return { dev: 1n, ino: this.ino, size: 4096n, mtimeNs: ns, ctimeNs: ns }
  }
  async packedNames(): Promise<PackedNames> {
    this.readings += 1
    const names = packNames(this.inside)
    this.whileReading()
    return names
  }
  async fileSystem(): Promise<number> {
    return this.type
  }
}

const time = { now: startMs, steady: 0 }
const clock = { now: () => time.now, steady: () => time.steady }
function newStore(octets = 1_000) {
  const kept = createKeptNames(clock, { from: 9, octets })
  return { of: async (folder: Parameters<typeof kept.of>[0]) => unpackNames(await kept.of(folder)) }
}

test('the names of a large folder are read once, until it changes', async () => {
  const names = newStore()
  const folder = new FakeFolder(1, ['c', 'a\nb', '\xff\xfe'])
  for (const _ of [1, 2]) expect(await names.of(folder)).toEqual(['c', 'a\nb', '\xff\xfe'])
  expect(folder.readings).toBe(1)
  folder.inside = ['a', 'b', 'c', 'd']
  folder.changedMs = startMs - 5_000
  for (const _ of [1, 2]) expect(await names.of(folder)).toEqual(['a', 'b', 'c', 'd'])
  expect(folder.readings).toBe(2)
})

test.each([
  ['a small folder', new FakeFolder(1, ['a', 'b'])],
  ['a folder on a file system with the times of a server', new FakeFolder(1, ['a', 'b', 'c'], nfs)],
  [
    'a folder that changed a moment ago',
    Object.assign(new FakeFolder(1, ['a', 'b', 'c']), { changedMs: startMs - 1_000 }),
  ],
])('%s is read each time', async (_what, folder) => {
  const names = newStore()
  for (const _ of [1, 2]) expect(await names.of(folder)).toEqual(folder.inside)
  expect(folder.readings).toBe(2)
})

test('names that were read while the folder changed are given, and not kept', async () => {
  const names = newStore()
  const folder = new FakeFolder(1, ['a', 'b', 'c'])
  folder.whileReading = () => {
    folder.whileReading = () => {}
    folder.inside = ['b', 'c', 'd']
    folder.changedMs = startMs - 50_000
  }
  expect(await names.of(folder)).toEqual(['a', 'b', 'c'])
  expect(await names.of(folder)).toEqual(['b', 'c', 'd'])
})

test('two readers at one instant, with a change between them: the later names count', async () => {
  const names = newStore()
  const folder = new FakeFolder(1, ['a', 'b', 'c'])
  const [hasRead, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slow = names.of({
    stamp: () => folder.stamp(),
    packedNames: async () => {
      const read = await folder.packedNames()
      hasRead.resolve()
      await goOn.promise
      return read
    },
    fileSystem: () => folder.fileSystem(),
  })
  await hasRead.promise
  folder.inside = ['a', 'b', 'c', 'd']
  folder.changedMs = startMs - 50_000
  expect(await names.of(folder)).toHaveLength(4)
  goOn.resolve()
  expect(await slow).toHaveLength(3)
  expect(await names.of(folder)).toHaveLength(4)
})

test('if there is no room for all, the names that nobody asked for the longest go first', async () => {
  const names = newStore(26)
  const folders = [1, 2, 3].map((ino) => new FakeFolder(ino, ['aa', 'bb', 'cc'])) as [
    FakeFolder,
    FakeFolder,
    FakeFolder,
  ]
  const [first, second, third] = folders
  for (const folder of [first, second, first, third]) await names.of(folder) // twelve octets each
  for (const folder of [first, third]) await names.of(folder)
  expect(folders.map(({ readings }) => readings)).toEqual([1, 1, 1])
  await names.of(second)
  expect(second.readings).toBe(2)
})

test('names that take more than all may are not kept, and push out no others', async () => {
  const names = newStore(26)
  const [other, long] = [new FakeFolder(1, ['aa', 'bb', 'cc']), new FakeFolder(2, ['a', 'b', 'c'.repeat(255)])]
  for (const folder of [other, long, other, long]) expect(await names.of(folder)).toEqual(folder.inside)
  expect([other.readings, long.readings]).toEqual([1, 2])
})

test('what takes the place of other names frees their room', async () => {
  const names = newStore(26)
  const other = new FakeFolder(2, ['aa', 'bb', 'cc'])
  const folder = new FakeFolder(1, ['aa', 'bb', 'cc'])
  await names.of(other)
  for (let change = 1; change <= 10; change++) {
    folder.changedMs += 1
    await names.of(folder)
  }
  await names.of(other)
  expect(other.readings).toBe(1)
})

test('if the time of day is set back, all is read again', async () => {
  const names = newStore()
  const folder = new FakeFolder(1, ['a', 'b', 'c'])
  await names.of(folder)
  time.now -= 10_000
  await names.of(folder)
  expect(folder.readings).toBe(2)
  time.now += 10_000
})
