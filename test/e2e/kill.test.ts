/** After kills at random instants, engine and records agree again, and nothing is lost, doubled or left over. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rounds } from '../support/rounds.ts'
import { type Chance, createChance } from './support/chance.ts'
import { docker } from './support/docker.ts'
import { type Json, type RunningService, startService } from './support/service.ts'
import { tinyCatalog } from './support/tiny-catalog.ts'

const kills = Number(process.env.KILL_ROUNDS ?? rounds(100))
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
const mostEnvironments = 6
const latestKillMs = 900
const agreesWithinMs = 10_000

type Desired = 'running' | 'paused' | 'stopped' | 'gone'

/** The states that may be desired of each environment, by the answers of the service, and the calls since it was certain. */
type Model = Map<string, { may: Set<Desired>; calls: number }>

const wants = {
  start: 'running',
  restart: 'running',
  recreate: 'running',
  stop: 'stopped',
  pause: 'paused',
  resume: 'running',
  delete: 'gone',
} as const

// Trouble (desired): kill -9 at a random instant, 100 times
test(`after each of ${kills} kills at random instants there is no orphan and no double, and nothing is lost (KILL_SEED=${seed})`, async () => {
  console.log(`KILL_SEED=${seed} KILL_ROUNDS=${kills}`)
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-kill-'))
  await writeFile(join(folder, 'catalog.yaml'), tinyCatalog)
  const env = { CATALOG_FILE: join(folder, 'catalog.yaml'), PROOF_INTERVAL: '60s' }
  await using service = await startService({ env, folder })
  const chance = createChance(seed)
  const model: Model = new Map()
  const tookMs: number[] = []
  await service.call('POST', '/api/users', { body: { id: 'demo@ailab.com' } })
  await create(service, model, 'first')
  await agree(service, model)
  const kept = join(service.dataDir, 'users/admin/kept.txt')
  await writeFile(kept, 'kept')

  for (let round = 1; round <= kills; round += 1) {
    const acts = Array.from({ length: 1 + chance.int(5) }, (_, at) => act(service, model, chance, `${round}-${at}`))
    await sleep(chance.int(latestKillMs))
    await service.end('SIGKILL')
    const before = service.output()
    await Promise.all(acts)
    await service.startAgain()
    const startedAt = Date.now()
    await agree(service, model).catch((error: Error) => {
      const about = (before + service.output())
        .split('\n')
        .filter((line) => line.includes(error.message.split(' ')[0] ?? ''))
      throw new Error(`KILL_SEED=${seed}, round ${round}: ${error.message}\n${about.join('\n')}`, { cause: error })
    })
    tookMs.push(Date.now() - startedAt)
    if (round % 10 === 0) console.log(`round ${round} of ${kills}`)
    expect(await readFile(kept, 'utf8')).toBe('kept')
  }
  tookMs.sort((one, other) => one - other)
  console.log(`agreed again after ${tookMs[tookMs.length >> 1]} ms (median), ${tookMs.at(-1)} ms (longest)`)
  await service.end()
  await rm(folder, { recursive: true, force: true })
}, 1_800_000)

/** Makes one call, or none if nothing fits. If it gets no answer, the model allows both outcomes. */
async function act(service: RunningService, model: Model, chance: Chance, key: string): Promise<void> {
  const ids = [...model].filter(([, { may }]) => !may.has('gone')).map(([id]) => id)
  if (ids.length === 0 || (ids.length < mostEnvironments && chance.int(3) === 0)) return create(service, model, key)
  const id = chance.pick(ids)
  const action = chance.pick(Object.keys(wants) as (keyof typeof wants)[])
  const [method, path] = action === 'delete' ? ['DELETE', ''] : ['POST', `/${action}`]
  return want(model, id, action, () => service.call(method, `/api/environments/${id}${path}`))
}

async function create(service: RunningService, model: Model, key: string): Promise<void> {
  const body = { template: 'tiny', name: key, user_id: key.endsWith('1') ? 'demo@ailab.com' : 'admin' }
  const headers = { 'idempotency-key': key }
  const answer = await service.call('POST', '/api/environments', { body, headers }).catch(() => null)
  if (answer?.status === 202) model.set(answer.body.id, { may: new Set(['running']), calls: 0 })
}

async function want(
  model: Model,
  id: string,
  action: keyof typeof wants,
  call: () => Promise<{ status: number }>,
): Promise<void> {
  const known = model.get(id)
  if (!known) return
  const desired = wants[action]
  known.calls += 1
  const staysStopped = action === 'recreate' && known.may.has('stopped')
  known.may.add(desired) // possible from now on, with or without an answer
  const answer = await call().catch(() => null)
  // The service must keep what it accepted; of two calls at the same time, either may be the last.
  if (answer?.status === 202 && known.calls === 1 && !staysStopped) known.may = new Set([desired])
}

/** Waits until the engine, the records and the model agree; then the model takes over the records. */
async function agree(service: RunningService, model: Model): Promise<void> {
  const deadline = Date.now() + agreesWithinMs
  for (;;) {
    const [records, containers] = await Promise.all([recordsOf(service), containersOf(service)])
    const complaints = [...recordComplaints(records, model), ...containerComplaints(records, containers)]
    if (complaints.length === 0) {
      for (const id of model.keys()) if (!records.has(id)) model.delete(id)
      for (const [id, { desired_state: desired }] of records) model.set(id, { may: new Set([desired]), calls: 0 })
      return
    }
    if (Date.now() > deadline) throw new Error(complaints.join('\n'))
    await sleep(50)
  }
}

async function recordsOf(service: RunningService): Promise<Map<string, Json>> {
  const { body } = await service.call('GET', '/api/environments?limit=200')
  return new Map(body.items.map((item: Json) => [item.id, item]))
}

/** The state of each container, by its environment. Two containers of one environment are an error. */
async function containersOf(service: RunningService): Promise<Map<string, string>> {
  const format = '{{.Label "ai-lab.environment"}} {{.Names}} {{.State}}'
  const text = await docker('ps', '--all', '--filter', `label=ai-lab.root=${service.rootId}`, '--format', format)
  const lines = text.split('\n').filter(Boolean)
  const states = new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[2] ?? '']))
  if (states.size !== lines.length) throw new Error(`Two containers of one environment:\n${text}`)
  return states
}

/** The statuses of an environment at rest, by its desired state. */
const atRest: Record<string, readonly string[]> = { running: ['running'], paused: ['paused'], stopped: ['exited'] }

function recordComplaints(records: Map<string, Json>, model: Model): string[] {
  const lost = [...model].filter(([id, { may }]) => !records.has(id) && !may.has('gone')).map(([id]) => `${id} is lost`)
  const wrong = [...records.values()].flatMap(({ id, desired_state: desired, status, status_reason: reason }: Json) => {
    const may = model.get(id)?.may
    const settledInstead = desired === 'stopped' && may?.has('paused')
    if (may && !may.has(desired) && !settledInstead) return [`${id} should be ${[...may].join(' or ')}, not ${desired}`]
    return atRest[desired]?.includes(status) ? [] : [`${id} is ${status}, not ${desired}: ${reason}`]
  })
  return [...lost, ...wrong]
}

function containerComplaints(records: Map<string, Json>, containers: Map<string, string>): string[] {
  const orphans = [...containers.keys()].filter((id) => !records.has(id)).map((id) => `${id} is an orphan`)
  const wrong = [...records.values()].flatMap(({ id, status }: Json) => {
    const state = containers.get(id) ?? 'absent'
    const fits = status === 'exited' ? ['exited', 'created', 'absent'].includes(state) : state === status
    return fits ? [] : [`${id} is ${status}, but its container is ${state}`]
  })
  return [...orphans, ...wrong]
}
