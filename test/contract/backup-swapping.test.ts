import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UserId } from '../../src/domain/people/user-id.ts'
import { realEngine } from '../support/engine-real.ts'
import { realRepository } from '../support/real-restic.ts'
import { swappingFolder } from '../support/swapping.ts'

// A hostile notebook swaps folders for links while root's restic reads them. Restic opens by path, so on the host it reads whatever
// the link leads to, and the person finds it in their own backup.

const secret = `secret of another person ${randomUUID()}`
const key = `the key of the backups ${randomUUID()}`
const largestFileBytes = 2 ** 30
const hostRounds = 20
const rounds = 3
const limitMs = 170_000
/** So many that many are opened while the link is there. */
const works = Array.from({ length: 150 }, (_, n) => `work${n}.ipynb`)
const ofProcess = ['environ', 'cmdline', 'mountinfo', 'status', 'maps', 'comm']
const descriptors = Array.from({ length: 40 }, (_, n) => String(n))

let folder: string
let swapping: AsyncDisposable
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-swapping-'))
  const victim = join(folder, 'victim')
  await mkdir(victim)
  await Promise.all(works.map((name) => writeFile(join(victim, name), secret)))
  await mkdir(join(folder, 'repository'))
  const targets = [
    { path: victim, names: works },
    { path: '/proc/self', names: ofProcess },
    { path: victim, names: works },
    { path: '/proc/self/fd', names: descriptors },
    { path: victim, names: works },
    { path: '/', names: ['restored', 'repository', 'proc', 'etc', 'data'] },
    { path: '../victim', names: works },
    { path: '../..', names: ['restored', 'repository', 'proc', 'victim'] },
  ]
  swapping = await swappingFolder(join(folder, 'hostile'), targets, targets.length)
})
afterAll(async () => {
  await swapping?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** The regular files below a folder. Unlike Node's own, this walk follows no link. */
async function filesBelow(root: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('find', [root, '-type', 'f', '-print0'])
  return stdout.split('\0').filter(Boolean)
}

/** Those that hold a text. */
async function holding(root: string, text: string): Promise<string[]> {
  const files = await filesBelow(root)
  const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')))
  return files.filter((_, at) => texts[at]?.includes(text))
}

test(
  'restic on the host itself reads what a swapped link leads to: the attack works',
  async () => {
    const repository = join(folder, 'plain')
    const run = (...args: string[]) =>
      promisify(execFile)('restic', ['-r', repository, '--no-cache', ...args], {
        env: { ...process.env, RESTIC_PASSWORD: key },
      }).catch((error: unknown) => error)
    await run('init')
    const found: string[] = []
    for (let round = 0; round < hostRounds && found.length === 0; round += 1) {
      await run('backup', '--force', join(folder, 'hostile'))
      const target = join(folder, `plain-${round}`)
      await run('restore', 'latest', '--target', target)
      found.push(...(await holding(target, secret)))
    }
    expect(found).not.toEqual([])
  },
  limitMs,
)

// Trouble (files): a folder is swapped for a link while a backup reads it
test(
  'restic in its container reads nothing outside of the one folder, and never its own key',
  async () => {
    using engine = realEngine()
    const repository = realRepository(engine, join(folder, 'repository'), key)
    await repository.begin()
    for (let round = 0; round < rounds; round += 1) {
      // Each round as another person: restic does not open a file again that it knows from an earlier snapshot.
      const part = { kind: 'person', userId: `mallory-${round}` as UserId } as const
      const hostPath = join(folder, 'hostile')
      await repository.save({ part, hostPath, backupId: `round-${round}`, largestFileBytes }, () => {})
    }
    const snapshots = await repository.snapshots()
    expect(snapshots.length).toBe(rounds)
    for (const snapshot of snapshots) {
      const hostPath = await mkdtemp(join(folder, 'restored-'))
      await repository.restore({ snapshot, path: '', hostPath }, () => {}).catch(() => {})
      expect(await holding(hostPath, secret)).toEqual([])
      expect(await holding(hostPath, key)).toEqual([])
      // A repository inside of the backup would have packs of data, all by names of 64 digits.
      const all = await filesBelow(hostPath)
      expect(all.filter((path) => /\/[0-9a-f]{64}$/.test(path))).toEqual([])
    }
  },
  limitMs,
)

/** Swaps folders for links to one path of the repository. Gives the restored files that are of the repository itself. */
async function reachedThrough(random: () => string, roundsAtMost: number): Promise<string[]> {
  const inside = 'inside of the repository'
  const place = await mkdtemp(join(folder, 'known-'))
  const [hostile, own] = [join(place, 'hostile'), join(place, 'repository')]
  await mkdir(own)
  const target = { path: `/${'0'.repeat(32)}/repository`, names: works }
  await using _swapping = await swappingFolder(
    hostile,
    Array.from({ length: 8 }, () => target),
  )
  using engine = realEngine()
  const repository = realRepository(engine, own, key, random)
  await repository.begin()
  // restic minds no other files there. They make the attack as likely to succeed as on the files of a person.
  await Promise.all(works.map((name) => writeFile(join(own, name), inside)))
  const found: string[] = []
  for (let round = 0; round < roundsAtMost && found.length === 0; round += 1) {
    const part = { kind: 'person', userId: `mallory-${round}` as UserId } as const
    await repository.save({ part, hostPath: hostile, backupId: `round-${round}`, largestFileBytes }, () => {})
    const snapshot = (await repository.snapshots()).find(({ backupId }) => backupId === `round-${round}`)
    const hostPath = await mkdtemp(join(place, 'restored-'))
    if (snapshot) await repository.restore({ snapshot, path: '', hostPath }, () => {}).catch(() => {})
    found.push(...(await holding(hostPath, inside)))
  }
  return found
}

// The control for the next test: nothing but the path keeps the person out.
test(
  'a person who knows the path of the repository in the container reads it through a swapped link: the attack works',
  async () => {
    expect(await reachedThrough(() => '0'.repeat(16), hostRounds)).not.toEqual([])
  },
  limitMs,
)

// Trouble (files): a folder is swapped for a link to the repository of the backups
test(
  'a swapped link does not reach the repository, because its path is another one in each run',
  async () => {
    expect(await reachedThrough(() => randomBytes(8).toString('hex'), rounds)).toEqual([])
  },
  limitMs,
)
