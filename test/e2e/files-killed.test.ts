// kill -9 of the whole service at random instants while files are uploaded, copied, moved, deleted, brought back and removed through it.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rounds } from '../support/rounds.ts'
import { type Chance, createChance } from './support/chance.ts'
import { contentOf, jobsOf, leftOvers, Person, packed, whatIsWrong } from './support/killed-files.ts'
import { type RunningService, startService } from './support/service.ts'

const kills = Number(process.env.KILL_ROUNDS ?? rounds(100))
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
// Most of a round is a start, which takes one core.
const services = 2
const killedWithinMs = 250
// What one person deletes is on the file system of the trash; the other's has to be copied there and back.
const names = ['admin', 'bob']

// Trouble (files): kill -9 in the middle of an upload, a copy, a move, a deletion or a restore, 100 times
test(`after each of ${kills} kills each file and folder is whole or absent, what was acknowledged is there, and the trash agrees with its list (KILL_SEED=${seed})`, async () => {
  console.log(`KILL_SEED=${seed} KILL_ROUNDS=${kills}`)
  const lanes = Array.from({ length: services }, (_, lane) => {
    const first = Math.ceil((kills * lane) / services)
    return killAgainAndAgain(
      createChance(seed + lane),
      Math.ceil((kills * (lane + 1)) / services) - first,
      `service ${lane}`,
    )
  })
  await Promise.allSettled(lanes) // each removes what it made, also if another one failed
  const met = await Promise.all(lanes)
  const left = met.reduce((sum, each) => sum + each.left, 0)
  const resumed = met.reduce((sum, each) => sum + each.resumed, 0)
  console.log(`${left} left over after the kills, ${resumed} jobs resumed`)
  // Of few kills, all may miss one of the two by chance: then the other will do.
  const caught = kills < 100 ? left + resumed : left * resumed
  expect(caught, 'the kills came too early or too late').toBeGreaterThan(0)
}, 600_000)

async function killAgainAndAgain(
  chance: Chance,
  count: number,
  which: string,
): Promise<{ left: number; resumed: number }> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp('/dev/shm/ai-lab-killed-')
  stack.defer(() => void execFileSync('rm', ['-rf', folder]))
  const service = stack.use(await startService({ folder, env: { USAGE_INTERVAL: 'off' } }))
  await service.call('POST', '/api/users', { body: { id: 'bob', tier: 'default' } })
  const bob = join(service.dataDir, 'users/bob')
  await mkdir(bob, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', 'none', bob])
  stack.defer(() => void execFileSync('umount', ['--lazy', bob]))
  const people = names.map((name) => new Person(name, service, chance))
  for (const { home } of people) await fill(home)
  const met = { left: 0, resumed: 0 }
  for (let round = 1; round <= count; round += 1) {
    await actUntilKilled(service, people, chance.int(killedWithinMs))
    met.left += (await leftOvers(service.dataDir, names)).length
    await service.startAgain()
    met.resumed += await requireSettled(service, people, `KILL_SEED=${seed}, ${which}, round ${round}`)
  }
  return met
}

async function fill(home: string): Promise<void> {
  const pack = join(home, 'pack')
  await mkdir(pack, { recursive: true })
  for (const name of packed) await writeFile(join(pack, name), contentOf('p', 1))
  execFileSync('chown', ['-R', '1000:100', home])
}

async function actUntilKilled(service: RunningService, people: readonly Person[], afterMs: number): Promise<void> {
  let isKilled = false
  const acting = people.map(async (person) => {
    while (!isKilled) {
      await person.act().catch((error: unknown) => {
        if (!isKilled) throw error
      })
    }
  })
  const ended = Promise.all(acting)
  await Promise.race([ended, sleep(afterMs)])
  isKilled = true
  await service.end('SIGKILL')
  await ended
}

/** Gives how many jobs the service went on with. */
async function requireSettled(service: RunningService, people: readonly Person[], about: string): Promise<number> {
  const resumed = (await jobsOf(service)).underWay
  await expect.poll(() => jobsOf(service), { message: about }).toEqual({ underWay: 0, wrong: [] })
  await expect.poll(() => leftOvers(service.dataDir, names), { message: about }).toEqual([])
  const recorded = async () => (await Promise.all(people.map((person) => person.trash()))).flat().sort()
  const trash = join(service.dataDir, 'admin/trash')
  const there = await readdir(trash).catch(() => [])
  await expect.poll(recorded, { message: about }).toEqual(there.sort())
  for (const id of there) expect(await whatIsWrong(join(trash, id)), about).toBeNull()
  for (const person of people) expect(await person.trouble(), about).toBeNull()
  return resumed
}
