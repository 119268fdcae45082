/** Pages of a large folder, whose names the service keeps, on the file systems that it runs on. */
import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, readdir, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Folder } from '../../src/disk/folder.ts'
import { getdents, readNames } from '../../src/disk/getdents.ts'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createFileTrees } from '../../src/disk/trees/file-trees.ts'
import { createKeptNames, type KeptNames } from '../../src/disk/trees/kept-names.ts'
import { unpackNames } from '../../src/domain/files/packed-names.ts'
import type { Tree } from '../../src/domain/files/tree.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createDisk, createHangingDisk, createQuotaDisk } from '../e2e/support/disk.ts'

const rootId = '5f3c0000-0000-4000-8000-000000000000'
const alice: Tree = { kind: 'person', userId: userId.parse('alice') }
const firstPage = { sort: 'name', after: null, limit: 10 } as const
const hadFolder = async () => false
// To the service each change is seconds old, so nobody has to wait.
const clock = { now: () => Date.now() + 10_000, steady: systemClock.steady }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp('/dev/shm/ai-lab-names-')
})
afterAll(() => rm(folder, { recursive: true }))

type Place = AsyncDisposable & { at: string }

const disks: [string, (at: string) => Promise<Place>][] = [
  ['tmpfs', async (at) => ({ at: await made(at), [Symbol.asyncDispose]: async () => {} })],
  ['ext4', async (at) => Object.assign(await createDisk(at), { at })],
  ['Btrfs', (at) => createQuotaDisk(at, '200M').then((disk) => Object.assign(disk, { at: disk.limited }))],
  [
    'FUSE',
    async (at) => {
      const disk = await createHangingDisk(await made(`${at}-below`), at)
      return { at, [Symbol.asyncDispose]: () => disk[Symbol.asyncDispose]() }
    },
  ],
]

async function made(path: string): Promise<string> {
  await mkdir(path)
  return path
}

/** The names in a store that counts how often it reads a folder. */
function counted(): { keptNames: KeptNames; readings: () => number } {
  const kept = createKeptNames(clock)
  let readings = 0
  const names: KeptNames['of'] = (source) =>
    kept.of({
      stamp: () => source.stamp(),
      fileSystem: () => source.fileSystem(),
      packedNames: (how) => {
        readings += 1
        return source.packedNames(how)
      },
    })
  return { keptNames: { of: names }, readings: () => readings }
}

// Trouble (files): a large folder has names that are no text, or as long as a name can be
test.each(disks)('on %s the names of a large folder are those that Node reads', async (name, make) => {
  await using disk = await make(join(folder, `names-${name}`))
  const at = join(disk.at, 'many')
  await made(at)
  const script =
    'chdir shift; for (1..3000) { open F, ">", ("x" x ($_ % 200)) . $_ } open F, ">", $_ for "\\xff\\n", ".a", "...", "y" x 255'
  execFileSync('perl', ['-e', script, at])
  await using opened = await Folder.open(at)
  const read = async (isLarge: boolean) => unpackNames(await opened.packedNames({ isLarge })).sort()
  const [large, small] = [await read(true), await read(false)]
  expect(large).toHaveLength(3_004)
  expect(large).toEqual(small)
  expect(await Promise.all([read(true), read(true)])).toEqual([small, small])
})

test('the call of the kernel gives the names', async () => {
  const at = await made(join(folder, 'one'))
  await writeFile(join(at, 'a'), '')
  await using opened = await Folder.open(at)
  const pieces = await readNames((into) => getdents(opened.handle.fd, into))
  expect(pieces && unpackNames(pieces)).toEqual(['a'])
})

test('a call that fails gives no names at all, not some of them', async () => {
  expect(await readNames((into) => getdents(-1, into))).toBe(null)
  const at = await made(join(folder, 'some'))
  await writeFile(join(at, 'a'), '')
  await using opened = await Folder.open(at)
  let calls = 0
  const failingLater = (into: Buffer) => getdents(calls++ === 0 ? opened.handle.fd : -1, into)
  expect(await readNames(failingLater)).toBe(null)
})

// Trouble (files): koffi does not know the processor, or was not installed
test('where koffi cannot be loaded, Node reads a large folder', async () => {
  const at = await made(join(folder, 'without-koffi'))
  await writeFile(join(at, 'a'), '')
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({ resolve: (name, context, next) => next(name === 'koffi' ? 'no-such-package' : name, context) })`
  const script = `const { Folder } = await import(process.argv[1])
    const folder = await Folder.open(process.argv[2])
    const { getdents } = await import(process.argv[3])
    console.log(await getdents(folder.handle.fd, Buffer.alloc(4096)), String(await folder.packedNames({ isLarge: true })).length)
    await folder[Symbol.asyncDispose]()`
  const modules = ['folder', 'getdents'].map((name) => new URL(`../../src/disk/${name}.ts`, import.meta.url).href)
  const args = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, '--input-type=module', '--eval', script]
  const printed = execFileSync(process.execPath, [...args, modules[0] ?? '', at, modules[1] ?? ''], {
    encoding: 'utf8',
  })
  expect(printed).toBe('-1 3\n')
})

// Trouble (files): a large folder changes between two looks, and somebody hides that by setting its times
test.each(disks)(
  'on %s the page of a large folder shows every change at once',
  async (name, make) => {
    const { path } = await layOutDataRoot(join(folder, `lab-${name}`), rootId, null)
    await using disk = await make(join(folder, name))
    await using _bound = await bound(disk.at, await made(join(path, 'users/alice')))
    const { keptNames, readings } = counted()
    const trees = createFileTrees({ root: path, rootId, owner: null, hadFolder, keptNames })
    const many = join(disk.at, 'many')
    const at = (entry: string) => join(many, entry)
    const fill = () =>
      execFileSync('perl', ['-e', 'chdir shift; for (1..6000) { open F, ">", sprintf("%06d", $_) }', many])
    const page = async () => (await trees.list(alice, ['many'], firstPage)).entries.map((entry) => entry.name)
    const truth = async () => (await readdir(many)).sort().slice(0, 10)

    await made(many)
    await writeFile(join(disk.at, 'elsewhere'), '')
    fill()
    const longAgo = new Date('2020-01-01')
    const changes: Record<string, () => Promise<unknown>> = {
      'it is new': async () => {},
      'a file is added': () => writeFile(at('000'), ''),
      'a folder is added': () => mkdir(at('0000')),
      'a second name is given': () => link(at('000'), at('00')),
      'a file is renamed': () => rename(at('00'), at('0')),
      'a file takes the place of another': () => rename(at('0'), at('000001')),
      'a file is removed': () => unlink(at('000002')),
      'a file comes from elsewhere': () => rename(join(disk.at, 'elsewhere'), at('0a')),
      'a file goes elsewhere': () => rename(at('000003'), join(disk.at, 'elsewhere')),
      'its times are set back': () => utimes(many, longAgo, longAgo),
      'a file is added, and its times are set to what they were': async () => {
        await writeFile(at('0b'), '')
        await utimes(many, longAgo, longAgo)
      },
      'a file is removed, and the times are set to the future': async () => {
        await unlink(at('0b'))
        await utimes(many, new Date('2100-01-01'), new Date('2100-01-01'))
      },
      'another folder has its name': async () => {
        await rename(many, join(disk.at, 'other'))
        await made(many)
        fill()
      },
      'it is removed and made anew': async () => {
        await rm(many, { recursive: true })
        await made(many)
        fill()
        await unlink(at('000001'))
      },
    }
    for (const [what, change] of Object.entries(changes)) {
      await change()
      const readBefore = readings()
      for (const _ of [1, 2, 3]) expect([what, await page()]).toEqual([what, await truth()])
      expect([what, readings() - readBefore]).toEqual([what, name === 'FUSE' ? 3 : 1])
    }
  },
  60_000,
)

/** Shows the folder `from` at `to` as well. */
async function bound(from: string, to: string): Promise<AsyncDisposable> {
  execFileSync('mount', ['--bind', from, to])
  return { [Symbol.asyncDispose]: async () => void execFileSync('umount', ['--lazy', to]) }
}
