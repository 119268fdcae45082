/** The service on an engine in memory, with so many environments, in a separate process: a lab to look at in a browser. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { openLab } from '../../support/lab.ts'
import { until } from './until.ts'

const environments = Number(process.argv[2])
const owner = process.argv[3] // of the stopped ones; none: fifty belong to each person
const each = 50 // the number that the highest tier allows one person
const running = 20

const lab = await openLab({ logLevel: 'error' })
const admin = lab.as(lab.adminToken)
const people = Array.from({ length: Math.ceil(environments / each) }, (_, at) => `person-${at}@lab`)
for (const id of people) await admin.post('/api/users', { id, tier: 'enterprise' }).expect(201)

// Those that run are made through the API, so that the engine knows them; the others are records of stopped ones.
const ids: string[] = []
for (let count = 0; count < Math.min(running, environments); count += 1) {
  const asked = { template: 'jupyterlab', user_id: people[count % people.length] }
  const { body } = await admin.post('/api/environments', asked).expect(202)
  ids.push(body.id)
}
await until('they run', async () => {
  const { body } = await admin.get('/api/environments?status=running&limit=200').expect(200)
  return body.items.length === ids.length
})
// The service looks at all of them when it starts.
await lab.restart(() =>
  lab.withRecords(async (store) => {
    const sample = await store.get(ids[0] ?? '')
    if (!sample) throw new Error('The sample of an environment is not recorded.')
    for (let at = ids.length; at < environments; at += 1) {
      await store.insert(stoppedLike(sample, at, owner ?? people[at % people.length] ?? ''), {
        claim: null,
        atMost: environments,
      })
    }
  }),
)
await until('all are seen', async () => {
  const { body } = await admin.get('/api/environments?status=unknown&limit=1').expect(200)
  return body.items.length === 0
})
const url = await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ url, token: lab.adminToken, ids })

type Wish = { stop: string } | { change: number; overMs: number }

process.on('message', async (wish: Wish) => {
  if ('stop' in wish) {
    lab.engine.beforeCall = ({ name }) => {
      if (name === 'stop') process.send?.({ at: Date.now() })
    }
    await admin.post(`/api/environments/${wish.stop}/stop`).expect(202)
    return
  }
  const { body } = await admin.get('/api/environments?status=exited&limit=200').expect(200)
  const items = body.items as { id: string }[]
  for (let at = 0; at < wish.change; at += 1) {
    const { id } = items[at % items.length] ?? { id: '' }
    await Promise.all([
      admin.patch(`/api/environments/${id}`, { name: `renamed ${at}` }),
      sleep(wish.overMs / wish.change),
    ])
  }
  process.send?.({ done: true })
})
process.once('disconnect', async () => {
  await lab[Symbol.asyncDispose]()
  process.exit(0)
})

function stoppedLike(sample: Environment, at: number, owner: string): Environment {
  const name = `study ${at}`
  const id = `${sample.id.slice(0, -8)}${String(at).padStart(8, '0')}`
  return {
    ...sample,
    id,
    name,
    userId: userId.parse(owner),
    token: randomUUID(),
    hostPort: null,
    desired: 'stopped',
    madeFrom: null,
    createdAt: sample.createdAt - at * 60_000,
    lastActivityAt: null,
    upstream: null,
  }
}
