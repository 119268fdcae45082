/** kill -9 at random instants while backups are made and restored: real restic on the real engine. */
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import SQLite from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { archiveProgram } from '../../src/disk/program-archive.ts'
import { labels } from '../../src/domain/names.ts'
import { createChance } from '../e2e/support/chance.ts'
import type { Order } from '../support/backups-worker.ts'
import { makeKeyCheap } from '../support/cheap-key.ts'
import { realEngine } from '../support/engine-real.ts'
import { rounds } from '../support/rounds.ts'

const kills = Number(process.env.KILL_ROUNDS ?? rounds(100))
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
const worker = fileURLToPath(new URL('../support/backups-worker.ts', import.meta.url))

/** Labs of their own, at the same time. A container costs ten times as much as a process: nine of ten rounds do without. */
const lanes = [
  { kind: 'backup', inContainers: true, share: 0.05 },
  { kind: 'restore', inContainers: true, share: 0.05 },
  { kind: 'backup', inContainers: false, share: 0.23 },
  { kind: 'backup', inContainers: false, share: 0.22 },
  { kind: 'restore', inContainers: false, share: 0.23 },
  { kind: 'restore', inContainers: false, share: 0.22 },
] as const
const packs = ['one', 'two', 'three']
const files = ['a', 'b', 'c', 'd']
const key = 'the key of the backups of a test'

let folder: string
let image: string
let rootfs: string
beforeAll(async () => {
  folder = await mkdtemp('/dev/shm/ai-lab-killed-')
  const { digest, tar } = await archiveProgram('/usr/bin/restic', ['DAC_OVERRIDE'])
  image = `ai-lab/restic:${digest.slice(0, 12)}`
  using engine = realEngine()
  await engine.importImage(image, tar)
  rootfs = join(folder, 'rootfs')
  await mkdir(join(rootfs, 'tmp'), { recursive: true })
  await promisify(execFile)('tar', ['-xf', await written(join(folder, 'restic.tar'), await tar()), '-C', rootfs])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function written(file: string, bytes: Uint8Array): Promise<string> {
  await writeFile(file, bytes)
  return file
}

type Lab = { root: string; order: Omit<Order, 'kind' | 'id' | 'backupId'>; restic(...args: string[]): Promise<string> }

async function openLab(name: string, inContainers: boolean): Promise<Lab> {
  const rootId = randomUUID()
  const { path: root, seal } = await layOutDataRoot(join(folder, name), rootId, null)
  await seal()
  const database = new SQLite(join(root, 'admin/ai-lab.db'))
  database.exec('create table accounts (id text); create table environments (id text)')
  database.close()
  await writePacks(join(root, 'users/alice'), 'saved')
  await writePacks(join(root, 'shared'), 'saved')
  const keyFile = join(folder, `${name}.key`)
  await writeFile(keyFile, key)
  await mkdir(`${keyFile}.running`)
  const env = { ...process.env, RESTIC_PASSWORD: key, RESTIC_REPOSITORY: join(root, 'admin/backups') }
  return {
    root,
    order: { root, rootId, keyFile, image, rootfs: inContainers ? null : rootfs },
    restic: async (...args) =>
      (await promisify(execFile)('restic', ['--no-cache', '--no-lock', ...args], { env })).stdout,
  }
}

async function writePacks(into: string, word: string): Promise<void> {
  for (const pack of packs) {
    await mkdir(join(into, pack), { recursive: true })
    for (const file of files) await writeFile(join(into, pack, file), `${word} `.repeat(5_000))
  }
}

/** The word of a whole folder; fails if it is half, or mixed. */
async function wordOf(pack: string, about: string): Promise<string> {
  expect((await readdir(pack)).toSorted(), `${about}: ${pack}`).toEqual(files)
  const texts = await Promise.all(files.map((file) => readFile(join(pack, file), 'utf8')))
  const [word = ''] = (texts[0] ?? '').split(' ')
  for (const text of texts) expect(text === `${word} `.repeat(5_000), `${about}: ${pack}`).toBe(true)
  return word
}

/** Runs the worker, and kills it after that time. Gives whether it was done before. */
async function run(order: Order, killAfterMs: number | null): Promise<{ isDone: boolean; tookMs: number }> {
  const child = spawn(process.execPath, [worker, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  let [said, lines] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close')
  const reader = createInterface(child.stdout).on('line', (line) => (lines += `${line};`))
  await Promise.race([once(reader, 'line'), ended])
  const beganAt = performance.now()
  if (killAfterMs !== null) {
    await Promise.race([sleep(killAfterMs), ended])
    child.kill('SIGKILL')
  }
  await ended
  expect(said, JSON.stringify(order)).toBe('')
  return { isDone: lines.includes('done'), tookMs: performance.now() - beganAt }
}

/** Makes the repository with a first backup. */
async function begun({ root, order }: Lab): Promise<void> {
  await run({ ...order, kind: 'backup', id: '', backupId: idOf(0) }, null)
  await makeKeyCheap(join(root, 'admin/backups'), key)
}

const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0)

const idOf = (number: number) => `2026-11-26T03-00-00Z-${String(number).padStart(4, '0')}`

/** Each snapshot that is listed has all that it names; a backup is whole if it has its last part. */
async function lookAtBackups(lab: Lab, done: ReadonlySet<string>, about: string): Promise<void> {
  const text = await lab.restic('snapshots', '--json').catch((error: { stderr: string }) => {
    if (/Is there a repository/.test(error.stderr)) return '[]'
    throw error
  })
  const listed = JSON.parse(text) as { hostname: string; tags: string[] }[]
  const whole = listed.filter(({ hostname }) => hostname === 'admin').map(({ tags }) => tags.join())
  for (const id of done)
    expect(
      whole.filter((tag) => tag.includes(id)),
      about,
    ).toHaveLength(1)
}

async function killBackups(lab: Lab, count: number, chance: ReturnType<typeof createChance>, about: string) {
  await begun(lab)
  const first = await run({ ...lab.order, kind: 'backup', id: '', backupId: idOf(1) }, null)
  const done = new Set([idOf(0), idOf(1)])
  let [number, cut] = [2, 0]
  for (let round = 1; round <= count; round += 1) {
    const order = { ...lab.order, kind: 'backup', id: '', backupId: idOf(number) } as const
    const { isDone } = await run(order, chance.int(Math.ceil(first.tookMs)))
    if (isDone) done.add(idOf(number++))
    else cut += 1
    await lookAtBackups(lab, done, `${about}, round ${round}`)
  }
  await run({ ...lab.order, kind: 'backup', id: '', backupId: idOf(number) }, null)
  await lookAtBackups(lab, new Set([...done, idOf(number)]), about)
  expect(await lab.restic('check', '--read-data'), about).toContain('no errors were found')
  const target = join(lab.root, 'admin/restored')
  await lab.restic('restore', 'latest', '--host', 'users/alice', '--target', target)
  for (const pack of packs) expect(await wordOf(join(target, 'data', pack), about)).toBe('saved')
  return { cut, done: done.size }
}

async function killRestores(lab: Lab, count: number, chance: ReturnType<typeof createChance>, about: string) {
  await begun(lab)
  const alice = join(lab.root, 'users/alice')
  const trash = join(lab.root, 'admin/trash')
  const order = (number: number) => ({ ...lab.order, kind: 'restore', id: `job-${number}`, backupId: idOf(0) }) as const
  const look = async (at: string) => {
    for (const name of (await readdir(alice)).filter((each) => !each.startsWith('.'))) {
      expect(['saved', 'later'], at).toContain(await wordOf(join(alice, name), at))
    }
    for (const name of await readdir(trash).catch(() => [])) await wordOf(join(trash, name), at)
  }
  const { tookMs } = await run(order(0), null)
  let [number, cut] = [0, 0]
  let laterPacks = 0
  const begin = async () => {
    number += 1
    await rm(alice, { recursive: true })
    await writePacks(alice, 'later')
    laterPacks += packs.length
  }
  const complete = async (at: string) => {
    for (const pack of packs) expect(await wordOf(join(alice, pack), at), at).toBe('saved')
    const words = await Promise.all((await readdir(trash)).map((name) => wordOf(join(trash, name), at)))
    expect(
      words.filter((word) => word === 'later'),
      at,
    ).toHaveLength(laterPacks)
    expect(await readdir(join(lab.root, 'admin/restores')), at).toEqual([])
  }
  await begin()
  for (let round = 1; round <= count; round += 1) {
    const at = `${about}, round ${round}`
    const { isDone } = await run(order(number), chance.int(Math.ceil(tookMs)))
    await look(at)
    if (!isDone) cut += 1
    else {
      await complete(at)
      await begin()
    }
  }
  await run(order(number), null)
  await complete(about)
  return { cut, done: number }
}

// Trouble (files): kill -9 in the middle of a backup or a restore, 100 times
test(`after each of ${kills} kills each backup and each restored folder is whole or absent, and is made when repeated (KILL_SEED=${seed})`, async () => {
  console.log(`KILL_SEED=${seed} KILL_ROUNDS=${kills}`)
  const outcomes = await Promise.allSettled(
    lanes.map(async ({ kind, inContainers, share }, lane) => {
      const about = `KILL_SEED=${seed}, ${kind} ${lane}`
      const chance = createChance(seed + lane)
      const lab = await openLab(`lab-${lane}`, inContainers)
      const kill = kind === 'backup' ? killBackups : killRestores
      try {
        return { kind, inContainers, ...(await kill(lab, Math.ceil(kills * share), chance, about)) }
      } finally {
        using engine = realEngine()
        await engine.endErrands({ name: labels.errand, value: lab.order.rootId })
      }
    }),
  )
  const all = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
  console.log(JSON.stringify(all))
  // Of few kills, all of one lab may miss by chance: then the labs of a kind count together.
  const groups = kills < 100 ? [...Map.groupBy(all, ({ kind }) => kind).values()] : all.map((one) => [one])
  for (const group of groups) {
    const [cut, done] = [group.map((each) => each.cut), group.map((each) => each.done)]
    expect(sum(cut) * sum(done), 'the kills came too early or too late').toBeGreaterThan(0)
  }
}, 600_000)
