import { serverUrl } from '../../support/server-url.ts'
import { recipeOf, removeBare, startBare, untilGone } from './bare-engine.ts'
import { createRunning } from './environments.ts'
import { write } from './figures.ts'
import { type Client, createClient, expectStatus } from './request.ts'
import { timed } from './until.ts'

/** One half of a pair: makes an environment ready, which is timed, and then removes it. */
type Half = (name: string) => Promise<number>
type Halves = { api: Half; bare: Half }
export type Pair = { apiMs: number; bareMs: number }

/** Both halves; the bare one makes the same container as the API. */
export async function createHalves(api: Client): Promise<{ halves: Halves; sample: { image: string } }> {
  const sample = await createRunning(api)
  const recipe = await recipeOf(sample.id)
  await remove(api, sample.id)
  return {
    sample,
    halves: {
      async api() {
        const { ms, result } = await timed(() => createRunning(api))
        await requireAnswer(result.id)
        await remove(api, result.id)
        return ms
      },
      async bare(name) {
        try {
          const { ms } = await timed(() => startBare(name, recipe))
          return ms
        } finally {
          await removeBare(name)
          await untilGone(name)
        }
      },
    },
  }
}

/** Runs the pairs. The halves take turns to be first, so that neither has the quieter machine. */
export async function runPairs(
  { api, bare }: Halves,
  { pairs, warmUpPairs, signal }: { pairs: number; warmUpPairs: number; signal: AbortSignal },
): Promise<Pair[]> {
  const results: Pair[] = []
  for (let index = -warmUpPairs; index < pairs; index += 1) {
    signal.throwIfAborted()
    const name = `bench-bare-${process.pid}-${index + warmUpPairs}`
    const apiFirst = index % 2 === 0
    const early = apiFirst ? await api(name) : 0
    const bareMs = await bare(name)
    const apiMs = apiFirst ? early : await api(name)
    if (index < 0) continue
    results.push({ apiMs, bareMs })
    console.log(line(index + 1, { apiMs, bareMs }, apiFirst))
  }
  return results
}

function line(number: number, { apiMs, bareMs }: Pair, apiFirst: boolean): string {
  const cells = [`API ${write.ms(apiMs).padStart(8)}`, `bare ${write.ms(bareMs).padStart(8)}`]
  const order = apiFirst ? 'API first' : 'bare first'
  return `  ${String(number).padStart(2)}   ${cells.join('   ')}   ${write.ratio(apiMs / bareMs)}   ${order}`
}

/** Whether the server of an environment that the API calls running does answer. */
async function requireAnswer(id: string): Promise<void> {
  const { port, searchParams } = new URL(await serverUrl(id))
  const headers = { authorization: `token ${searchParams.get('token')}` }
  const notebook = createClient({ port: Number(port) }, { headers, keepAlive: false })
  await expectStatus(notebook('GET', `/env/${id}/api/status`), 200)
}

async function remove(api: Client, id: string): Promise<void> {
  await expectStatus(api('DELETE', `/api/environments/${id}`), 202)
  await untilGone(id)
}
