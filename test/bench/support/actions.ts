import { setTimeout as sleep } from 'node:timers/promises'
import { createRunning } from './environments.ts'
import { type Client, expectStatus, type Json } from './request.ts'
import { timed, until } from './until.ts'

const settleMs = 300
const names = ['stop', 'start again', 'restart', 'pause', 'resume', 'delete'] as const
type Name = (typeof names)[number]

/** Milliseconds of each action, from the request until the API shows that it is done, on one environment a round. */
export async function measureActions(
  api: Client,
  { rounds, signal }: { rounds: number; signal: AbortSignal },
): Promise<Record<Name, number[]>> {
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round += 1) {
    const { id } = await createRunning(api)
    for (const [name, act] of Object.entries(actionsOn(api, id))) {
      signal.throwIfAborted()
      await sleep(settleMs)
      const { ms } = await timed(act)
      results[name as Name].push(ms)
    }
  }
  return results
}

function actionsOn(api: Client, id: string): Record<Name, () => Promise<unknown>> {
  const path = `/api/environments/${id}`
  const shows = (what: string, isDone: (environment: Json) => boolean) =>
    until(`${id} is ${what}`, async () => isDone(await expectStatus(api('GET', path), 200)), { everyMs: 5 })
  const act = async (action: string, status: string) => {
    await expectStatus(api('POST', `${path}/${action}`), 202)
    await shows(status, (environment) => environment.status === status)
  }
  return {
    stop: () => act('stop', 'exited'),
    'start again': () => act('start', 'running'),
    async restart() {
      const before = await expectStatus(api('GET', path), 200)
      await expectStatus(api('POST', `${path}/restart`), 202)
      await shows('restarted', ({ status, started }) => status === 'running' && started !== before.started)
    },
    pause: () => act('pause', 'paused'),
    resume: () => act('resume', 'running'),
    async delete() {
      await expectStatus(api('DELETE', path), 202)
      await until(`${id} is gone`, async () => (await api('GET', path)).status === 404, { everyMs: 5 })
    },
  }
}
