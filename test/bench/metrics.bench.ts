// The cost of a scrape, which should hardly grow with the number of environments.
import { type Figure, printFigures, write } from './support/figures.ts'
import { createClient, expectStatus } from './support/request.ts'
import { runBench } from './support/run-bench.ts'
import { startSimulated } from './support/simulated.ts'
import { median, quantile } from './support/statistics.ts'
import { timed } from './support/until.ts'

const warmUp = 20
const scrapes = 100
const counts = [100, 1_000, 10_000]

await runBench('Scrape of /metrics', async (signal) => {
  const figures: Figure[] = []
  for (const count of counts) figures.push(...(await ofScrapes(count, signal)))
  printFigures(figures)
})

async function ofScrapes(count: number, signal: AbortSignal): Promise<Figure[]> {
  await using simulated = await startSimulated(count, signal)
  const api = createClient({ port: Number(new URL(simulated.url).port) })
  const times: number[] = []
  for (let index = -warmUp; index < scrapes; index += 1) {
    signal.throwIfAborted()
    const { ms } = await timed(() => expectStatus(api('GET', '/metrics'), 200))
    if (index >= 0) times.push(ms)
  }
  return [
    {
      name: `scrape with ${count.toLocaleString('en')} environments (simulated engine)`,
      value: median(times),
      write: write.ms,
      remark: `p99 ${write.ms(quantile(times, 0.99))}`,
      target: { atMost: 20 },
    },
  ]
}
