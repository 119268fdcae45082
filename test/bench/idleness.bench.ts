// The cost of idleness: the time until a paused environment is back, and the time of one look at its activity.
import { askServer } from '../../src/idleness/ask-server.ts'
import { getText } from '../../src/lib/get-text.ts'
import { serverUrl } from '../support/server-url.ts'
import { createRunning } from './support/environments.ts'
import { printFigures, write } from './support/figures.ts'
import { measureResume } from './support/resume.ts'
import { runBench } from './support/run-bench.ts'
import { startMeasured } from './support/service.ts'
import { median, quantile } from './support/statistics.ts'
import { timed } from './support/until.ts'

const rounds = Number(process.env.ROUNDS ?? 30)

await runBench('Idleness: a resume, and a look', async (signal) => {
  await using measured = await startMeasured()
  const { api } = measured
  const { answerMs, usableMs } = await measureResume(api, { rounds, signal })
  const lookMs = await measureLooks(await serverUrl((await createRunning(api)).id), signal)
  const spread = (values: number[]) => `p90 ${write.ms(quantile(values, 0.9))} of ${values.length}`
  const soon = { atMost: 100 }
  printFigures([
    ...[
      { name: 'resume: the API answers', values: answerMs, target: soon },
      { name: 'resume: the environment answers', values: usableMs, target: soon },
    ].map(({ values, ...rest }) => ({ ...rest, value: median(values), write: write.ms, remark: spread(values) })),
    { name: 'one look at a JupyterLab', value: median(lookMs), write: write.ms, remark: spread(lookMs) },
  ])
})

async function measureLooks(url: string, signal: AbortSignal): Promise<number[]> {
  const { hostname: host, port, pathname, searchParams } = new URL(url)
  const environment = {
    id: pathname.split('/')[2] ?? '',
    token: searchParams.get('token') ?? '',
  }
  const results: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const { ms, result } = await timed(() => askServer(environment, { host, port: Number(port) }, { getText, signal }))
    if (!result) throw new Error('The server did not tell.')
    results.push(ms)
  }
  return results
}
