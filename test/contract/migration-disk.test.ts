import { execFile } from 'node:child_process'
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs'
import {
  chmod,
  chown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openMigrationDisk } from '../../src/disk/migration-disk.ts'
import type { Haul, Survey } from '../../src/domain/migration/migration.ts'
import { userId } from '../../src/domain/people/user-id.ts'

const execute = promisify(execFile)
const rootId = '11111111-2222-4333-8444-555555555555'
const sharedHaul: Haul = { from: ['shared'], to: ['shared'], user: null }
const demoHaul: Haul = { from: ['users', 'demo_at_x'], to: ['users', 'demo@x'], user: userId.parse('demo@x') }

let folder: string
let legacy: string
let root: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-migration-'))
  legacy = join(folder, 'legacy')
  root = join(folder, 'root')
  await layOut(root)
  for (const path of ['shared', 'users/demo_at_x']) await mkdir(join(legacy, path), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function layOut(path: string): Promise<void> {
  for (const part of ['admin', 'shared', 'users']) await mkdir(join(path, part), { recursive: true })
  for (const part of ['', 'shared', 'users']) await writeFile(join(path, part, '.ai-lab-root'), `${rootId}\n`)
  await writeFile(join(path, 'admin/ai-lab.db'), 'a database')
}

const open = (from = legacy, to = root) =>
  openMigrationDisk({ from, dataDir: to, notebook: { uid: 1000, gid: 100 }, keepsOwners: true })

async function surveyed(haul = sharedHaul): Promise<Survey> {
  return (await open()).survey(haul, () => {})
}

async function migrated(haul = sharedHaul, { between = async () => {}, onCarried = () => {} } = {}) {
  const disk = await open()
  const survey = await disk.survey(haul, () => {})
  await between()
  return { survey, failed: await disk.carry(survey, onCarried) }
}

const inLegacy = (path: string) => join(legacy, 'shared', path)
const inRoot = (path: string) => join(root, 'shared', path)
const text = (path: string) => readFile(path, 'utf8')
const names = async (path: string) => (await readdir(path)).filter((name) => name !== '.ai-lab-root').sort()

describe('two versions of one path:', () => {
  // Trouble (migration): a legacy folder has another version of the same file
  test('both versions are kept, whether files, links or folders, and a second run finds nothing to do', async () => {
    await writeFile(inLegacy('file'), 'legacy')
    await writeFile(inRoot('file'), 'here')
    await symlink('somewhere', inLegacy('link'))
    await symlink('elsewhere', inRoot('link'))
    await mkdir(inLegacy('folder'))
    await writeFile(inLegacy('folder/inside'), 'legacy')
    await writeFile(inRoot('folder'), 'a file here')
    await writeFile(inLegacy('thing'), 'a file there')
    await mkdir(inRoot('thing'))

    const { survey, failed } = await migrated()
    expect(failed).toEqual([])
    expect(survey.conflicts.map(({ keptAs }) => keptAs).sort()).toEqual(
      ['file', 'folder', 'link', 'thing'].map((name) => `${name}.from-legacy`),
    )
    expect(await text(inRoot('file'))).toBe('here')
    expect(await text(inRoot('file.from-legacy'))).toBe('legacy')
    expect(await readlink(inRoot('link'))).toBe('elsewhere')
    expect(await readlink(inRoot('link.from-legacy'))).toBe('somewhere')
    expect(await text(inRoot('folder.from-legacy/inside'))).toBe('legacy')
    expect(await text(inRoot('thing.from-legacy'))).toBe('a file there')

    const again = await surveyed()
    expect([again.branch, again.settled, again.conflicts]).toEqual([null, 4, []])
  })

  test('both versions are kept beside an older name.from-legacy, and only once', async () => {
    await writeFile(inLegacy('a'), 'legacy')
    await writeFile(inRoot('a'), 'here')
    await writeFile(inRoot('a.from-legacy'), 'another one')
    await migrated()
    await migrated()
    expect(await names(join(root, 'shared'))).toEqual(['a', 'a.from-legacy', 'a.from-legacy-2'])
    expect(await text(inRoot('a.from-legacy-2'))).toBe('legacy')
  })

  test('a second version never takes the name of another legacy file', async () => {
    await writeFile(inLegacy('a'), 'legacy')
    await writeFile(inLegacy('a.from-legacy'), 'a file of its own')
    await writeFile(inRoot('a'), 'here')
    const { survey } = await migrated()
    expect(survey.conflicts).toEqual([{ path: 'a', keptAs: 'a.from-legacy-2' }])
    expect(await text(inRoot('a.from-legacy'))).toBe('a file of its own')
    expect(await text(inRoot('a.from-legacy-2'))).toBe('legacy')
  })

  // Trouble (migration): a legacy folder has another version of the same file
  test('both versions are kept when a file appears between the plan and the copy', async () => {
    await writeFile(inLegacy('a'), 'legacy')
    await writeFile(inLegacy('b'), 'same')
    await migrated(sharedHaul, {
      between: async () => {
        await writeFile(inRoot('a'), 'just saved')
        await writeFile(inRoot('b'), 'same')
      },
    })
    expect(await text(inRoot('a'))).toBe('just saved')
    expect(await text(inRoot('a.from-legacy'))).toBe('legacy')
    expect(await names(join(root, 'shared'))).toEqual(['a', 'a.from-legacy', 'b'])
  })

  test('files count as identical if only times and modes differ, or if both names are one file', async () => {
    for (const path of [inLegacy('a'), inRoot('a')]) await writeFile(path, 'same')
    await chmod(inRoot('a'), 0o600)
    await utimes(inRoot('a'), 1, 1)
    await writeFile(inLegacy('one'), 'x')
    await link(inLegacy('one'), inRoot('one'))
    const { identical, branch } = await surveyed()
    expect([identical.files, branch]).toEqual([2, null])
  })

  test('both versions are kept when two legacy folders go to one person', async () => {
    await writeFile(join(legacy, 'users/demo_at_x/a'), 'one')
    await mkdir(join(legacy, 'users/demo'))
    await writeFile(join(legacy, 'users/demo/a'), 'other')
    const second = { ...demoHaul, from: ['users', 'demo'] }
    for (const haul of [demoHaul, second, demoHaul, second]) await migrated(haul)
    expect(await names(join(root, 'users/demo@x'))).toEqual(['a', 'a.from-legacy'])
    expect(await text(join(root, 'users/demo@x/a'))).toBe('one')
  })
})

describe('copies:', () => {
  const look = async (path: string) => {
    const { uid, gid, mode, mtimeMs, size } = await lstat(path)
    return { uid, gid, mode: mode.toString(8), mtime: Math.round(mtimeMs * 100) / 100, size }
  }

  test('copies of files, links and folders have the owner, mode and time of the original', async () => {
    await mkdir(inLegacy('folder/deep'), { recursive: true })
    await writeFile(inLegacy('folder/deep/file'), 'x')
    await symlink('deep/file', inLegacy('folder/link'))
    await chown(inLegacy('folder/deep/file'), 1234, 5678)
    await chmod(inLegacy('folder/deep/file'), 0o640)
    await chmod(inLegacy('folder/deep'), 0o2750)
    await chown(inLegacy('folder'), 4321, 8765)
    await chmod(inLegacy('folder'), 0o500)
    await lutimes(inLegacy('folder/link'), 1_111_111_111, 1_222_222_222.25)
    for (const path of ['folder/deep/file', 'folder/deep', 'folder']) await utimes(inLegacy(path), 1, 1_333_333_333.123)
    expect((await migrated()).failed).toEqual([])
    for (const path of ['folder', 'folder/deep', 'folder/deep/file', 'folder/link']) {
      expect(await look(inRoot(path)), path).toEqual(
        path === 'folder' || path === 'folder/deep'
          ? { ...(await look(inLegacy(path))), size: expect.any(Number) }
          : await look(inLegacy(path)),
      )
    }
  })

  test('the copy of a personal folder is open to that person alone, and the survey counts the files of other owners', async () => {
    await writeFile(join(legacy, 'users/demo_at_x/mine'), 'x')
    await writeFile(join(legacy, 'users/demo_at_x/roots'), 'x')
    await chown(join(legacy, 'users/demo_at_x/mine'), 1000, 100)
    const { survey } = await migrated(demoHaul)
    expect(survey.foreign).toBe(1)
    const { uid, gid, mode } = await stat(join(root, 'users/demo@x'))
    expect([uid, gid, (mode & 0o7777).toString(8)]).toEqual([1000, 100, '700'])
    expect((await stat(join(root, 'users/demo@x/mine'))).uid).toBe(1000)
  })

  test('the copy of a sparse file keeps the holes, and is compared without reading them', async () => {
    await writeFile(inLegacy('sparse'), 'start')
    await truncate(inLegacy('sparse'), 10 * 2 ** 30)
    await execute('dd', [
      'if=/dev/urandom',
      `of=${inLegacy('sparse')}`,
      'bs=1M',
      'count=1',
      'seek=5000',
      'conv=notrunc',
    ])
    const startedAt = performance.now()
    expect((await migrated()).failed).toEqual([])
    expect((await surveyed()).identical.files).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(5_000) // reading 10 GiB of holes takes 27 s
    const { size, blocks } = await stat(inRoot('sparse'))
    expect([size, blocks * 512 < 4 * 2 ** 20]).toEqual([10 * 2 ** 30, true])
    const piece = async (path: string) =>
      (await execute('sh', ['-c', `dd if='${path}' bs=1M count=3 skip=4999 2>/dev/null | sha256sum`])).stdout
    expect(await piece(inRoot('sparse'))).toBe(await piece(inLegacy('sparse')))
    expect((await execute('head', ['-c', '5', inRoot('sparse')])).stdout).toBe('start')
    await execute('sh', ['-c', `printf x | dd of='${inRoot('sparse')}' bs=1 seek=7000000000 conv=notrunc 2>/dev/null`])
    expect((await surveyed()).conflicts).toHaveLength(1)
  })

  test('the copy of a small sparse file keeps the holes too', async () => {
    await writeFile(inLegacy('sparse'), 'start')
    await truncate(inLegacy('sparse'), 3 * 2 ** 20)
    await migrated()
    const { size, blocks } = await stat(inRoot('sparse'))
    expect([size, blocks * 512 < 2 ** 18]).toEqual([3 * 2 ** 20, true])
    await execute('cmp', [inLegacy('sparse'), inRoot('sparse')])
  })

  // Trouble (migration): names hold line breaks, quotes or bytes that are no UTF-8
  test('copies keep any name that a file can have', async () => {
    const odd = ['with\nline', 'quote\'"s', ' blanks ', '-rf', '日本', '\\', '*', 'ü'.repeat(127), 'a'.repeat(255)]
    for (const name of odd) await writeFile(inLegacy(name), name)
    await execute('sh', ['-c', `printf x > "$(printf '${join(legacy, 'shared')}/\\377\\033[31m')"`])
    expect((await migrated()).failed).toEqual([])
    const listing = async (path: string) =>
      (await readdir(path, { encoding: 'latin1' })).filter((name) => name !== '.ai-lab-root').sort()
    expect(await listing(join(root, 'shared'))).toEqual(await listing(join(legacy, 'shared')))
    await writeFile(inRoot('a'.repeat(255)), 'other')
    const { conflicts } = await surveyed()
    expect(conflicts).toEqual([{ path: 'a'.repeat(255), keptAs: `${'a'.repeat(243)}.from-legacy` }])
  })

  // Trouble (migration): a copy reads back differently
  test('a copy that reads back differently is removed, and named', async () => {
    await writeFile(inLegacy('file'), 'x')
    const spoil = () => {
      for (const name of readdirSync(join(root, 'shared'))) {
        if (name.startsWith('.ai-lab-migrate-')) writeFileSync(inRoot(name), 'y')
      }
    }
    const { failed } = await migrated(sharedHaul, { onCarried: spoil })
    expect(failed).toEqual([{ path: 'file', reason: 'what was written reads back differently' }])
    expect(await names(join(root, 'shared'))).toEqual([])
  })

  // Trouble (migration): a file changes while it is copied
  test.each([
    ['grows', () => appendFileSync(inLegacy('log'), 'more')],
    ['keeps its length', () => writeFileSync(inLegacy('log'), 'y')],
  ])('a file that changes and %s is copied again, and given up if it keeps changing', async (_, change) => {
    await writeFile(inLegacy('log'), 'x')
    let times = 0
    const changing = (limit: number) => ({
      onCarried: () => {
        times += 1
        if (times <= limit) change()
      },
    })
    const { failed } = await migrated(sharedHaul, changing(100))
    expect(failed).toEqual([{ path: 'log', reason: 'it changes while it is copied' }])
    expect(await names(join(root, 'shared'))).toEqual([])
    times = 0
    expect((await migrated(sharedHaul, changing(1))).failed).toEqual([])
    expect(await text(inRoot('log'))).toBe(await text(inLegacy('log')))
  })
})

describe('entries that are not copied as they are:', () => {
  // Trouble (migration): FIFOs and devices
  test('a migration leaves FIFOs and devices, names them, and never waits for them', async () => {
    await execute('mkfifo', [inLegacy('fifo')])
    await execute('mknod', [inLegacy('device'), 'c', '1', '3'])
    await writeFile(inLegacy('file'), 'x')
    await execute('mkfifo', [inRoot('file')])
    const { survey } = await migrated()
    expect(survey.skipped.map(({ path }) => path)).toEqual(['device', 'fifo'])
    expect(await names(join(root, 'shared'))).toEqual(['file', 'file.from-legacy'])
  })

  test('a migration leaves and names a folder that is the same in both roots', async () => {
    await mkdir(inLegacy('data'))
    await mkdir(inRoot('data'))
    await writeFile(inLegacy('data/x'), 'x')
    await execute('mount', ['--bind', inLegacy('data'), inRoot('data')])
    try {
      const { skipped, branch } = await surveyed()
      expect(skipped).toEqual([{ path: 'data', reason: 'it is the very same folder in both roots' }])
      expect(branch).toBeNull()
    } finally {
      await execute('umount', [inRoot('data')])
    }
  })

  test('a migration leaves the marker of the legacy root', async () => {
    await writeFile(inLegacy('.ai-lab-root'), 'aaaaaaaa-2222-4333-8444-555555555555\n')
    await migrated()
    expect(await text(inRoot('.ai-lab-root'))).toBe(`${rootId}\n`)
    expect((await surveyed()).branch).toBeNull()
  })

  test('a migration copies hard links as separate files, and counts them', async () => {
    await writeFile(inLegacy('a'), 'x')
    await link(inLegacy('a'), inLegacy('b'))
    const { survey } = await migrated()
    expect([survey.hardLinks, (await stat(inRoot('a'))).nlink]).toEqual([2, 1])
  })

  test('a migration gives up on a tree of 500 nested folders, and names it', async () => {
    await execute('sh', [
      '-c',
      `cd '${join(legacy, 'shared')}' && for i in $(seq 500); do mkdir d && cd d || exit 1; done`,
    ])
    const { failed } = await migrated()
    expect(failed).toHaveLength(1)
    expect(failed[0]?.reason).toContain('deep')
  })
})

describe('a hostile person:', () => {
  const theirs = () => join(root, 'users/demo@x')
  beforeEach(async () => {
    await mkdir(join(legacy, 'users/demo_at_x/notebooks'))
    await writeFile(join(legacy, 'users/demo_at_x/notebooks/a'), 'legacy')
    await mkdir(join(folder, 'outside'))
  })

  // Trouble (migration): a person swaps a folder for a link meanwhile
  test('a link in place of a folder, before or after the survey, cannot lead the migration out of the target folder', async () => {
    await mkdir(join(theirs(), 'notebooks'), { recursive: true })
    const swapped = await migrated(demoHaul, {
      between: async () => {
        await rename(join(theirs(), 'notebooks'), join(theirs(), 'moved'))
        await symlink(join(folder, 'outside'), join(theirs(), 'notebooks'))
      },
    })
    expect(swapped.failed).toEqual([{ path: 'notebooks', reason: 'not a directory' }])
    expect(await readdir(join(folder, 'outside'))).toEqual([])
    expect((await migrated(demoHaul)).failed).toEqual([])
    expect(await readdir(join(folder, 'outside'))).toEqual([])
    expect(await text(join(theirs(), 'notebooks.from-legacy/a'))).toBe('legacy')
  })

  test('a link in place of the whole target folder cannot lead the migration elsewhere', async () => {
    await symlink(join(folder, 'outside'), theirs())
    const { failed } = await migrated(demoHaul)
    expect(failed).toEqual([{ path: '', reason: 'not a directory' }])
    expect(await readdir(join(folder, 'outside'))).toEqual([])
  })

  test('a link in the legacy folder is copied as a link, and shows no files of others', async () => {
    await writeFile(join(folder, 'outside/secret'), 'secret')
    await rm(join(legacy, 'users/demo_at_x/notebooks'), { recursive: true })
    await symlink(join(folder, 'outside'), join(legacy, 'users/demo_at_x/notebooks'))
    await migrated(demoHaul)
    expect(await readlink(join(theirs(), 'notebooks'))).toBe(join(folder, 'outside'))
  })
})

// Trouble (migration): leftovers of a killed run
test('the next run removes the leftovers of a killed run, and sets the times of folders', async () => {
  await mkdir(inLegacy('folder'))
  await writeFile(inLegacy('folder/a'), 'x')
  await utimes(inLegacy('folder'), 1, 1_333_333_333)
  await mkdir(inRoot('folder'))
  await writeFile(inRoot('folder/a'), 'x')
  await link(inRoot('folder/a'), inRoot('folder/.ai-lab-migrate-00112233445566ff'))
  await mkdir(inRoot('folder/.ai-lab-migrate-0011223344556677'))
  await writeFile(inRoot('folder/.ai-lab-migrate-0011223344556688'), 'half')
  await writeFile(inLegacy('.ai-lab-migrate-0011223344556699'), 'a leftover in the source is nothing to keep')
  await migrated()
  expect(await readdir(inRoot('folder'))).toEqual(['a'])
  expect((await stat(inRoot('folder'))).mtimeMs).toBe(1_333_333_333_000)
  expect((await surveyed()).branch).toBeNull()
})

// Trouble (migration): the disk gets full
test('a full disk ends a migration with a sentence and no half-written file; the migration goes on when there is room', async () => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk])
  try {
    await layOut(join(disk, 'root'))
    for (let i = 0; i < 8; i += 1)
      await execute('dd', ['if=/dev/urandom', `of=${inLegacy(`f${i}`)}`, 'bs=512k', 'count=1'])
    const opened = await open(legacy, join(disk, 'root'))
    const survey = await opened.survey(sharedHaul, () => {})
    expect(survey.need.bytes).toBeGreaterThan((await opened.room(sharedHaul)).freeBytes)
    await expect(opened.carry(survey, () => {})).rejects.toThrow(/The disk of .* is full\. Make room\./)
    const left = await names(join(disk, 'root/shared'))
    expect(left.filter((name) => name.startsWith('.ai-lab-migrate'))).toEqual([])
    for (const name of left) await execute('cmp', [join(disk, 'root/shared', name), inLegacy(name)])
    await execute('mount', ['-o', 'remount,size=20m', disk])
    expect(await opened.carry(await opened.survey(sharedHaul, () => {}), () => {})).toEqual([])
    expect(await names(join(disk, 'root/shared'))).toHaveLength(8)
  } finally {
    await execute('umount', [disk])
  }
})

describe('refusals:', () => {
  // Trouble (migration): both roots are one, or one is in the other
  test('a migration is refused when both roots are one, also under another path', async () => {
    await expect(open(root)).rejects.toThrow('is this data root itself')
    await symlink(root, join(folder, 'link'))
    await expect(open(join(folder, 'link'))).rejects.toThrow('is this data root itself')
    await execute('mount', ['--bind', root, legacy])
    try {
      await expect(open()).rejects.toThrow('are the very same folder')
    } finally {
      await execute('umount', [legacy])
    }
  })

  // Trouble (migration): both roots are one, or one is in the other
  test('a migration is refused when one root is inside the other', async () => {
    await mkdir(join(root, 'shared/legacy'))
    await expect(open(join(root, 'shared/legacy'))).rejects.toThrow('is inside of')
    await expect(open(folder)).rejects.toThrow('is inside of')
    await expect(open('/')).rejects.toThrow('is inside of')
  })

  // Trouble (migration): the legacy root is a copy of this one
  test('a migration is refused when the legacy root is missing, a file, or a copy of the data root', async () => {
    await expect(open(join(folder, 'none'))).rejects.toThrow('does not exist. Is its disk mounted?')
    await writeFile(join(folder, 'file'), '')
    await expect(open(join(folder, 'file'))).rejects.toThrow('is not a folder')
    await writeFile(join(legacy, '.ai-lab-root'), `${rootId}\n`)
    await expect(open()).rejects.toThrow(/has the same marker as this data root .* a copy of it/)
  })

  // Trouble (migration): the marker of the legacy root holds garbage, and no message names the cure
  test('a migration is refused when the legacy marker holds garbage, until somebody removes it as the message says', async () => {
    await writeFile(join(legacy, '.ai-lab-root'), 'garbage\n')
    await expect(open()).rejects.toThrow(/\.ai-lab-root does not hold a root id.*remove that file, and run this again/)
    await rm(join(legacy, '.ai-lab-root'))
    expect((await open()).from).toBe(legacy)
  })

  test('a migration is refused when the data root is missing or incomplete', async () => {
    await expect(open(legacy, join(folder, 'none'))).rejects.toThrow('does not exist')
    await rm(join(root, 'users/.ai-lab-root'))
    await expect(open()).rejects.toThrow(`missing or another one in ${root}/users. Is every disk mounted?`)
    await layOut(root)
    await writeFile(join(root, 'admin/ai-lab.db'), '')
    await expect(open()).rejects.toThrow('is gone or empty')
  })

  test('a migration is not refused when the legacy root is another root of this platform', async () => {
    await writeFile(join(legacy, '.ai-lab-root'), 'aaaaaaaa-2222-4333-8444-555555555555\n')
    expect((await open()).from).toBe(legacy)
  })
})

test('the migration accounts for everything at the top of a legacy root', async () => {
  await mkdir(join(legacy, 'admin/backups'), { recursive: true })
  await mkdir(join(legacy, 'lost+found'))
  await mkdir(join(legacy, 'models'))
  await writeFile(join(legacy, 'admin/old.db'), '')
  await writeFile(join(legacy, 'users/notes.txt'), '')
  await symlink('/', join(legacy, 'users/everything'))
  await writeFile(join(legacy, 'resource_tracking.json'), '{}')
  expect(await (await open()).contents()).toEqual({
    hasShared: true,
    hasBackups: true,
    userFolders: ['demo_at_x'],
    tracking: '{}',
    strange: ['models', 'users/everything', 'users/notes.txt'].map((path) =>
      expect.objectContaining({ path, reason: expect.stringContaining('at no place that the platform knows') }),
    ),
    platforms: ['admin/old.db'],
  })
  await rm(legacy, { recursive: true })
  await mkdir(legacy)
  expect(await (await open()).contents()).toMatchObject({
    hasShared: false,
    hasBackups: false,
    userFolders: [],
    tracking: null,
  })
})
