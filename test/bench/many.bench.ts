// Twenty people at the same instant: all ready through the API, against twenty bare containers started together.
import { recipeOf, removeBare, startBare, untilGone } from './support/bare-engine.ts'
import { createMany, createRunning } from './support/environments.ts'
import { printFigures, write } from './support/figures.ts'
import { printPeers } from './support/peers.ts'
import { type Client, expectStatus } from './support/request.ts'
import { runBench } from './support/run-bench.ts'
import { startMeasured } from './support/service.ts'
import { median } from './support/statistics.ts'
import { timed } from './support/until.ts'

const pairs = Number(process.env.PAIRS ?? 3)
const count = 20

await runBench(`${count} creations at the same instant`, async (signal) => {
  await using measured = await startMeasured()
  const { api } = measured
  const sample = await createRunning(api)
  const recipe = await recipeOf(sample.id)
  await removeAll(api, [sample.id])

  const results: { apiMs: number; bareMs: number }[] = []
  for (let index = 0; index < pairs; index += 1) {
    signal.throwIfAborted()
    const ofApi = async () => {
      const { ms, result: ids } = await timed(() => createMany(api, count))
      await removeAll(api, ids)
      return ms
    }
    const ofBare = async () => {
      const names = Array.from({ length: count }, (_, at) => `bench-many-${process.pid}-${index}-${at}`)
      try {
        return (await timed(() => Promise.all(names.map((name) => startBare(name, recipe))))).ms
      } finally {
        await Promise.all(names.map(removeBare))
        for (const name of names) await untilGone(name)
      }
    }
    const early = index % 2 === 0 ? await ofApi() : 0
    const bareMs = await ofBare()
    const apiMs = index % 2 === 0 ? early : await ofApi()
    results.push({ apiMs, bareMs })
    console.log(`  ${index + 1}   API ${write.ms(apiMs)}   bare ${write.ms(bareMs)}   ${write.ratio(apiMs / bareMs)}`)
  }
  printFigures([
    {
      name: 'the last of 20 ready, through the API',
      value: median(results.map(({ apiMs }) => apiMs)),
      write: write.ms,
    },
    { name: 'the same on the bare engine', value: median(results.map(({ bareMs }) => bareMs)), write: write.ms },
    {
      name: 'their ratio, pair by pair',
      value: median(results.map(({ apiMs, bareMs }) => apiMs / bareMs)),
      write: write.ratio,
      target: { atMost: 1.15 },
      remark: `of ${pairs} pairs`,
    },
  ])
  printPeers('create')
})

async function removeAll(api: Client, ids: string[]): Promise<void> {
  await Promise.all(ids.map((id) => expectStatus(api('DELETE', `/api/environments/${id}`), 202)))
  for (const id of ids) await untilGone(id)
}
