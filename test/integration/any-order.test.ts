/** Actions of people, mishaps and restarts of the service in any order: in the end everything is as desired. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Container } from '../../src/domain/environment/environment.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { rounds } from '../support/rounds.ts'

const image = 'ai-lab/jupyterlab:latest'
const people = ['alice@lab', 'bob@lab'] as const
const actions = ['start', 'stop', 'restart', 'pause', 'resume', 'recreate', 'delete'] as const
const byHand = ['docker stop', 'docker rm', 'docker pause', 'docker unpause', 'ends'] as const
const around = [
  'the engine goes',
  'the engine comes',
  'docker rmi',
  'all ports are taken',
  'all ports are free',
  'the service is restarted',
  'all comes to rest',
] as const

type Event =
  | { create: (typeof people)[number] }
  | { act: (typeof actions)[number]; on: number }
  | { happens: (typeof byHand)[number]; on: number }
  | { around: (typeof around)[number] }
  | { waitMs: number }

const desired = {
  ...{ start: 'running', restart: 'running', resume: 'running', recreate: 'running' },
  ...{ stop: 'stopped', pause: 'paused', delete: 'gone' },
} as const satisfies Record<(typeof actions)[number], string>

const on = fc.nat(3)
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ create: fc.constantFrom(...people) }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom(...actions), on }) },
  { weight: 4, arbitrary: fc.record({ happens: fc.constantFrom(...byHand), on }) },
  { weight: 2, arbitrary: fc.record({ around: fc.constantFrom(...around) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.nat(60) }) },
)

// Trouble (desired): actions and mishaps come in any order
test('after any sequence of actions and mishaps, engine and records agree, and every file is still there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 10, maxLength: 30, size: 'max' }), async (events) => {
      await using lab = await openLab({ registry: [image], env: { STARTS_AT_ONCE: '2' } })
      const world = createWorld(lab)
      for (const id of people) {
        await lab.newUser(id)
        await world.live({ create: id })
      }
      await world.live({ around: 'all comes to rest' })
      const kept = ['shared', ...people.map((id) => `users/${id}`)].map((folder) =>
        join(lab.dataDir, folder, 'kept.txt'),
      )
      for (const file of kept) await writeFile(file, file)
      lab.engine.beforeCall = () => sleep(Math.random() * 3)

      for (const each of events) await world.live(each)
      await world.live({ around: 'the engine comes' })
      await world.live({ around: 'all comes to rest' })
      for (const file of kept) expect(await readFile(file, 'utf8')).toBe(file)
    }),
    { numRuns: rounds(25), endOnFailure: true },
  )
}, 600_000)

function createWorld(lab: Lab): { live: (event: Event) => Promise<void> } {
  const ids: string[] = []
  const ends = new Map<string, number>()
  const removed = new Set<string>()
  /** The state that may be desired of each environment: the last request, or a stop by hand since all was at rest. */
  const may: May = new Map()
  const admin = () => lab.as(lab.adminToken)

  async function create(person: string): Promise<void> {
    if (ids.length === 4) return
    const answer = await admin().post('/api/environments', { template: 'jupyterlab', user_id: person })
    expect([202, 503], answer.text).toContain(answer.status)
    if (answer.status !== 202) return
    ids.push(answer.body.id)
    may.set(answer.body.id, { asked: 'running', byHand: false })
  }

  async function act(id: string, action: (typeof actions)[number]): Promise<void> {
    const path = `/api/environments/${id}`
    const answer = await (action === 'delete' ? admin().delete(path) : admin().post(`${path}/${action}`))
    expect([202, 404, 409, 503], answer.text).toContain(answer.status)
    const before = may.get(id)
    if (answer.status !== 202 || !before) return
    const staysStopped = action === 'recreate' && before.asked === 'stopped'
    may.set(id, { ...before, asked: staysStopped ? 'stopped' : desired[action] })
  }

  async function happens(id: string, what: (typeof byHand)[number]): Promise<void> {
    const container = lab.engine.reachable ? await lab.engine.inspect(id) : null
    const known = may.get(id)
    if (!container) return
    if (known) known.byHand = true
    if (what === 'docker stop') await lab.engine.stop(id, 0)
    if (what === 'docker pause' && container.state === 'running') await lab.engine.pause(id).catch(() => {})
    if (what === 'docker unpause' && container.state === 'paused') await lab.engine.unpause(id).catch(() => {})
    // After each end the next start waits longer than the one before, so allow only a few.
    if ((what === 'ends' || what === 'docker rm') && (ends.get(id) ?? 0) < 3) {
      ends.set(id, (ends.get(id) ?? 0) + 1)
      if (what === 'docker rm') {
        removed.add(id)
        lab.engine.vanish(id)
      } else if (lab.engine.specOf(id)) lab.engine.exit(id, 1)
    }
  }

  async function turn(what: (typeof around)[number]): Promise<void> {
    switch (what) {
      case 'the engine goes':
      case 'the engine comes':
        lab.engine.reachable = what === 'the engine comes'
        return
      case 'docker rmi':
        lab.engine.images.delete(image)
        return
      case 'all ports are taken':
        for (const id of ids) lab.engine.takenPorts.add(lab.engine.specOf(id)?.hostPort ?? 0)
        return
      case 'all ports are free':
        lab.engine.takenPorts.clear()
        return
      case 'the service is restarted':
        return lab.restart()
      case 'all comes to rest':
        if (!lab.engine.reachable) return
        await expect.poll(() => complaints(lab, may, removed), { timeout: 40_000, interval: 50 }).toEqual([])
        for (const id of may.keys())
          may.set(id, { asked: (await recordsOf(lab)).get(id)?.desired_state ?? 'gone', byHand: false })
    }
  }

  return {
    async live(event) {
      if ('create' in event) return create(event.create)
      if ('around' in event) return turn(event.around)
      if ('waitMs' in event) return sleep(event.waitMs)
      const id = ids[event.on % Math.max(1, ids.length)]
      if (id === undefined) return
      if ('act' in event) return act(id, event.act)
      return happens(id, event.happens)
    },
  }
}

/** The states of the container of an environment at rest, by its desired state. */
const fitting: Record<string, readonly (Container['state'] | 'absent')[]> = {
  running: ['running'],
  paused: ['paused'],
  stopped: ['created', 'exited', 'dead', 'absent'],
}
const restful: Record<string, string> = { running: 'running', paused: 'paused', stopped: 'exited' }

/** The differences between the requests, the records, the engine and the answers to people. */
async function complaints(lab: Lab, may: May, removed: ReadonlySet<string>): Promise<string[]> {
  const records = await recordsOf(lab)
  const states = new Map((await lab.engine.list()).map(({ name, state }) => [name, state]))
  const orphans = [...states.keys()].filter((id) => !records.has(id)).map((id) => `${id} has no record`)
  const unlike = [...may].flatMap(([id, { asked, byHand }]) => {
    const found = records.get(id)?.desired_state ?? 'gone'
    // The service respects a stop by hand, and the end of a paused environment.
    return found === asked || (byHand && found === 'stopped') ? [] : [`${id} should be ${asked}, and is to be ${found}`]
  })
  const wrong = [...records.values()].flatMap(({ id, desired_state: wanted, status, status_reason: reason }) => {
    const state = states.get(id) ?? 'absent'
    // A failed container is left for a person to look at, and not made again if somebody removes it.
    const left = state === 'exited' || (state === 'absent' && removed.has(id))
    if (status === 'failed' && /^It ended before it was ready|: its port \d+ is taken/.test(reason ?? '') && left)
      return []
    const fits = status === restful[wanted] && fitting[wanted]?.includes(state)
    return fits ? [] : [`${id} is to be ${wanted}, and is told to be ${status} (${reason}): its container is ${state}`]
  })
  return [...orphans, ...unlike, ...wrong, ...(await wrongWays(lab, records))]
}

/** The gateway leads to those that run, with the secret of their container, and to no other. */
async function wrongWays(lab: Lab, records: ReadonlyMap<string, Told>): Promise<string[]> {
  const wrong: string[] = []
  for (const { id, status } of records.values()) {
    const secret = await lab.recordedSecret(id)
    const own = status === 'running' ? lab.engine.specOf(id)?.env.JUPYTER_TOKEN : null
    if (secret !== own) wrong.push(`${id} is ${status}, and the gateway ${secret ? 'leads to it' : 'does not'}`)
  }
  return wrong
}

async function recordsOf(lab: Lab): Promise<Map<string, Told>> {
  const { body } = await lab.as(lab.adminToken).get('/api/environments?limit=200').expect(200)
  return new Map(body.items.map((item: Told) => [item.id, item]))
}

type May = Map<string, { asked: string; byHand: boolean }>
type Told = {
  id: string
  desired_state: string
  status: string
  status_reason: string | null
}
