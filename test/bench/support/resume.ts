import { setTimeout as sleep } from 'node:timers/promises'
import { serverUrl } from '../../support/server-url.ts'
import { createRunning } from './environments.ts'
import { type Client, createClient, expectStatus } from './request.ts'
import { timed, until } from './until.ts'

const settleMs = 300

/**
 * Milliseconds of each resume of one paused environment: until the API has answered, and until the environment's own
 * server has answered a request that was made in the same moment.
 */
export async function measureResume(
  api: Client,
  { rounds, signal }: { rounds: number; signal: AbortSignal },
): Promise<{ answerMs: number[]; usableMs: number[] }> {
  const { id } = await createRunning(api)
  const { port, searchParams } = new URL(await serverUrl(id))
  const headers = { authorization: `token ${searchParams.get('token')}` }
  const notebook = createClient({ port: Number(port) }, { headers, keepAlive: false })
  const path = `/api/environments/${id}`
  const results = { answerMs: [] as number[], usableMs: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted()
    await expectStatus(api('POST', `${path}/pause`), 202)
    await until(`${id} is paused`, async () => (await expectStatus(api('GET', path), 200)).status === 'paused')
    await sleep(settleMs)
    const [answer, usable] = await Promise.all([
      timed(() => expectStatus(api('POST', `${path}/resume`), 202)),
      timed(() => expectStatus(notebook('GET', `/env/${id}/api/kernels`), 200)),
    ])
    results.answerMs.push(answer.ms)
    results.usableMs.push(usable.ms)
    await until(`${id} runs`, async () => (await expectStatus(api('GET', path), 200)).status === 'running')
  }
  return results
}
