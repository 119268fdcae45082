// kill -9 of the whole service at random instants while a person is removed and their folder goes to the trash.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rounds } from '../support/rounds.ts'
import { createChance } from './support/chance.ts'
import { startService } from './support/service.ts'

const kills = Number(process.env.KILL_ROUNDS ?? rounds(10))
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
const killedWithinMs = 150
const files = Array.from({ length: 1_000 }, (_, number) => `file-${number}`)

const isUnderWay = ({ status }: { status: string }) => status === 'queued' || status === 'running'

// Trouble (files): kill -9 in the middle of the removal of a person, and some of their files are neither in the folder nor in the trash
test(`after each of ${kills} kills a removal goes on, and all files of the person come back from the trash (KILL_SEED=${seed})`, async () => {
  console.log(`KILL_SEED=${seed} KILL_ROUNDS=${kills}`)
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp('/dev/shm/ai-lab-removal-')
  stack.defer(() => void execFileSync('rm', ['-rf', folder]))
  const service = stack.use(await startService({ folder, env: { USAGE_INTERVAL: 'off' } }))
  const chance = createChance(seed)
  let resumed = 0
  for (let round = 1; round <= kills; round += 1) {
    const about = `KILL_SEED=${seed}, round ${round}`
    const id = `person-${round}`
    const home = join(service.dataDir, 'users', id)
    await service.call('POST', '/api/users', { body: { id } })
    await mkdir(home)
    if (round % 2 === 0) {
      // From here all is copied to the trash, and the folder stays.
      execFileSync('mount', ['-t', 'tmpfs', 'none', home])
      stack.defer(() => void execFileSync('umount', ['--lazy', home]))
    }
    for (const name of files) await writeFile(join(home, name), name)
    execFileSync('chown', ['-R', '1000:100', home])

    const begun = await service.call('DELETE', `/api/users/${id}?environments=delete&folder=trash`)
    expect(begun.status, about).toBe(202)
    await sleep(chance.int(killedWithinMs))
    await service.end('SIGKILL')
    await service.startAgain()
    const job = async () => (await service.call('GET', `/api/jobs/${begun.body.id}`)).body
    if (isUnderWay(await job())) resumed += 1
    await expect.poll(job, { message: about, timeout: 30_000 }).toMatchObject({ status: 'done', failure: null })
    expect((await service.call('GET', `/api/users/${id}`)).status, about).toBe(404)

    const { items } = (await service.call('GET', `/api/trash?user_id=${id}`)).body
    for (const each of items) {
      const { status } = await service.call('POST', `/api/trash/${each.id}/restore`)
      expect([status, each.path], about).toEqual([200, ''])
    }
    expect((await readdir(home)).filter((name) => name !== '.ai-lab-work').sort(), about).toEqual([...files].sort())
    for (const name of files) expect(await readFile(join(home, name), 'utf8'), about).toBe(name)
    expect(await readdir(join(service.dataDir, 'admin/trash')), about).toEqual([])
  }
  console.log(`${resumed} removals resumed`)
  // Of few kills, all may come too late by chance.
  if (kills >= 10) expect(resumed, 'the kills came too late').toBeGreaterThan(0)
}, 600_000)
