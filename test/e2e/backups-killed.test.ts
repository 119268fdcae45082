// kill -9 of the whole service at random instants while it makes and restores backups: its next start goes on with them.
import { chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeKeyCheap } from '../support/cheap-key.ts'
import { rounds } from '../support/rounds.ts'
import { createChance } from './support/chance.ts'
import { type Json, type RunningService, startService } from './support/service.ts'

// test/contract/backups-killed.test.ts makes a hundred of the same kills of a job alone, which costs far less than a service.
const kills = Number(process.env.KILL_ROUNDS ?? rounds(20))
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
const packs = ['one', 'two', 'three']
const files = ['a', 'b', 'c', 'd']
const textOf = (word: string) => `${word} `.repeat(100_000)

// Trouble (files): kill -9 of the service in the middle of a backup or a restore
test(`after each of ${kills} kills of the service each folder is whole, and the backup or the restore goes on at the next start (KILL_SEED=${seed})`, async () => {
  console.log(`KILL_SEED=${seed} KILL_ROUNDS=${kills}`)
  const chance = createChance(seed)
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp('/dev/shm/ai-lab-killed-')
  stack.defer(() => rm(folder, { recursive: true }))
  const key = join(folder, 'key')
  const off = { USAGE_INTERVAL: 'off', BACKUP_SCHEDULE: 'off', BACKUP_CHECK_SCHEDULE: 'off' }
  const service = stack.use(await startService({ folder, env: { ...off, BACKUP_KEY_FILE: key } }))
  await service.call('POST', '/api/users', { body: { id: 'bob', tier: 'default' } })
  const [home, trash] = ['users/bob', 'admin/trash'].map((each) => join(service.dataDir, each)) as [string, string]
  await writePacks(home, 'saved')

  const backUp = { path: '/api/admin/backups' }
  const { result: first } = await endOf(service, await begin(service, backUp))
  await makeKeyCheap(join(service.dataDir, 'admin/backups'), (await readFile(key, 'utf8')).trim())
  const restore = { path: `/api/admin/backups/${first.backup_id}/restore`, body: { user_id: 'bob', in_place: true } }
  const tookMs = new Map<object, number>()
  for (const act of [backUp, restore]) {
    const beganAt = performance.now()
    await endOf(service, await begin(service, act))
    tookMs.set(act, performance.now() - beganAt)
  }

  let [cut, changed] = [0, packs.length]
  const saved = async () => (await service.call('GET', '/api/admin/backups')).body.items
  let backups = (await saved()).length
  for (let round = 1; round <= kills; round += 1) {
    const act = round % 2 === 0 ? backUp : restore
    const about = `KILL_SEED=${seed}, round ${round}, ${act.path}`
    if (act === restore) await writePacks(home, 'later')
    const job = await begin(service, act)
    await sleep(chance.int(tookMs.get(act) ?? 0))
    await service.end('SIGKILL')
    for (const name of await packsIn(home)) expect(['saved', 'later'], about).toContain(await wordOf(join(home, name)))
    for (const name of await readdir(trash))
      expect(['saved', 'later'], about).toContain(await wordOf(join(trash, name)))

    await service.startAgain()
    const { status } = (await service.call('GET', `/api/jobs/${job.id}`)).body
    if (status !== 'done') cut += 1
    await endOf(service, job)
    if (act === backUp) backups += 1
    else changed += packs.length
    expect(await packsIn(home), about).toHaveLength(packs.length)
    for (const pack of packs) expect(await wordOf(join(home, pack)), about).toBe('saved')
    expect(await readdir(trash), about).toHaveLength(changed)
    expect(await readdir(join(service.dataDir, 'admin/restores')), about).toEqual([])
    expect(await saved(), about).toHaveLength(backups)
  }
  console.log(`${cut} of ${kills} kills cut a job short`)
  // Of few kills, all may miss by chance.
  if (kills >= 20) expect(cut, 'the kills came too early or too late').toBeGreaterThan(0)

  await endOf(service, await begin(service, { path: '/api/admin/backups/check' }))
  const [last] = await saved()
  await endOf(
    service,
    await begin(service, { path: `/api/admin/backups/${last.id}/restore`, body: { user_id: 'bob' } }),
  )
  for (const pack of packs) expect(await wordOf(join(home, `restored-${last.id}`, pack))).toBe('saved')
}, 600_000)

async function writePacks(home: string, word: string): Promise<void> {
  for (const pack of packs) {
    await rm(join(home, pack), { recursive: true, force: true })
    await mkdir(join(home, pack), { recursive: true })
    for (const file of files) await writeFile(join(home, pack, file), textOf(word))
  }
  const own = [home, ...packs.flatMap((pack) => [join(home, pack), ...files.map((file) => join(home, pack, file))])]
  for (const path of own) await chown(path, 1000, 100) // and not the work folder, which is the service's own
}

async function packsIn(home: string): Promise<string[]> {
  return (await readdir(home)).filter((name) => !name.startsWith('.'))
}

/** The word of a whole folder. @throws if it is half, or mixed */
async function wordOf(pack: string): Promise<string> {
  expect((await readdir(pack)).toSorted(), pack).toEqual(files)
  const texts = await Promise.all(files.map((file) => readFile(join(pack, file), 'utf8')))
  const [word = ''] = (texts[0] ?? '').split(' ')
  for (const text of texts) expect(text === textOf(word), pack).toBe(true)
  return word
}

async function begin(service: RunningService, { path, ...options }: { path: string; body?: object }): Promise<Json> {
  const { status, body } = await service.call('POST', path, options)
  expect(status, JSON.stringify(body)).toBe(202)
  return body
}

/** The job once it has ended well. */
async function endOf(service: RunningService, { id }: { id: string }): Promise<Json> {
  const { body } = await service.call('GET', `/api/jobs/${id}`, { headers: { prefer: 'wait=55' } })
  expect(body, JSON.stringify(body.failure)).toMatchObject({ status: 'done' })
  return body
}
