// An open page keeps asking for its environment during a restart. Does this delay the start, for the page and for others?
import { networkName } from '../../src/domain/names.ts'
import { serverUrl } from '../support/server-url.ts'
import { createRunning } from './support/environments.ts'
import { printFigures, write } from './support/figures.ts'
import { forgetNeighbours } from './support/forget-neighbours.ts'
import { type Client, expectStatus } from './support/request.ts'
import { runBench } from './support/run-bench.ts'
import { startMeasured } from './support/service.ts'
import { settle } from './support/settle.ts'
import { median, quantile } from './support/statistics.ts'
import { until } from './support/until.ts'
import { visit } from './support/visitor.ts'

const pairs = Number(process.env.PAIRS ?? 15)
const warmUpPairs = 1

type Start = { runningMs: number; answeredMs: number }

await runBench('A start that somebody waits for at its address', async (signal) => {
  await using measured = await startMeasured()
  const { api } = measured
  const { id } = await createRunning(api)
  const url = await serverUrl(id)
  const results: { alone: Start; visited: Start }[] = []
  for (let index = -warmUpPairs; index < pairs; index += 1) {
    signal.throwIfAborted()
    const aloneFirst = index % 2 === 0
    const early = aloneFirst ? await startAgain(api, id, { signal }) : null
    const visited = await startAgain(api, id, { signal, visited: url })
    const alone = early ?? (await startAgain(api, id, { signal }))
    if (index < 0) continue
    results.push({ alone, visited })
    console.log(
      `  ${write.ms(alone.runningMs)} alone   ${write.ms(visited.runningMs)} asked for   ${write.ms(visited.answeredMs)} answered`,
    )
  }
  const ratios = (of: 'runningMs' | 'answeredMs') => results.map((each) => each.visited[of] / each.alone.runningMs)
  printFigures([
    {
      name: 'running, left alone',
      value: median(results.map(({ alone }) => alone.runningMs)),
      write: write.ms,
    },
    {
      name: 'running, asked for meanwhile',
      value: median(results.map(({ visited }) => visited.runningMs)),
      write: write.ms,
    },
    ratioOf('their ratio, pair by pair', ratios('runningMs')),
    ratioOf('the page is answered, to running left alone', ratios('answeredMs')),
  ])
})

function ratioOf(name: string, values: number[]) {
  const remark = `quartiles ${write.ratio(quantile(values, 0.25))} to ${write.ratio(quantile(values, 0.75))}, of ${values.length} pairs`
  return { name, value: median(values), write: write.ratio, target: { atMost: 1.05 }, remark }
}

/** Stops an environment and starts it again; with a URL, a visitor keeps asking for it from then on. */
async function startAgain(
  api: Client,
  id: string,
  { signal, visited }: { signal: AbortSignal; visited?: string },
): Promise<Start> {
  const path = `/api/environments/${id}`
  const becomes = (status: string) =>
    until(`${id} is ${status}`, async () => (await expectStatus(api('GET', path), 200)).status === status, {
      everyMs: 5,
    })
  await expectStatus(api('POST', `${path}/stop`), 202)
  await becomes('exited')
  await settle()
  await forgetNeighbours(networkName)
  const startedAt = performance.now()
  const visitor = visited === undefined ? null : visit(visited, { signal })
  await expectStatus(api('POST', `${path}/start`), 202)
  await becomes('running')
  const runningMs = performance.now() - startedAt
  const answeredAt = (await visitor) ?? Number.NaN
  return { runningMs, answeredMs: answeredAt - startedAt }
}
