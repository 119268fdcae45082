// How long one person waits for a new environment while another sends all expensive requests without end, against alone.

import { untilGone } from './support/bare-engine.ts'
import { printFigures, write } from './support/figures.ts'
import { prepareFlood } from './support/flood.ts'
import { createPerson, type Person } from './support/people.ts'
import { expectStatus } from './support/request.ts'
import { runBench } from './support/run-bench.ts'
import { startMeasured } from './support/service.ts'
import { median, quantile } from './support/statistics.ts'
import { printNote } from './support/table.ts'
import { timed } from './support/until.ts'

const pairs = Number(process.env.PAIRS ?? 10)
const warmUpPairs = 1

await runBench("One person's flood, and another's creation", async (signal) => {
  await using measured = await startMeasured()
  const [alice, bob] = [await createPerson(measured, 'alice@lab'), await createPerson(measured, 'bob@lab')]
  const results: { aloneMs: number; besideMs: number }[] = []
  const answers = new Map<number, number>()
  const flood = await prepareFlood(alice, measured.api, answers)

  console.log(`\nPair by pair, in turns (after ${warmUpPairs} that does not count):`)
  for (let index = -warmUpPairs; index < pairs; index += 1) {
    signal.throwIfAborted()
    const beside = async () => {
      await using _going = flood()
      return await creation(bob) // within the flood
    }
    const besideFirst = index % 2 === 0
    const early = besideFirst ? await beside() : 0
    const aloneMs = await creation(bob)
    const besideMs = besideFirst ? early : await beside()
    if (index < 0) continue
    results.push({ aloneMs, besideMs })
    console.log(`  alone ${write.ms(aloneMs)}   beside ${write.ms(besideMs)}   ${write.ratio(besideMs / aloneMs)}`)
  }

  const ratios = results.map(({ aloneMs, besideMs }) => besideMs / aloneMs)
  printNote(`What the flood was answered: ${[...answers].map(([status, count]) => `${count} × ${status}`).join(', ')}.`)
  printFigures([
    { name: 'create to ready, alone', value: median(results.map(({ aloneMs }) => aloneMs)), write: write.ms },
    { name: "beside another's flood", value: median(results.map(({ besideMs }) => besideMs)), write: write.ms },
    {
      name: 'their ratio, pair by pair',
      value: median(ratios),
      write: write.ratio,
      target: { atMost: 1.2 },
      remark: `quartiles ${write.ratio(quantile(ratios, 0.25))} to ${write.ratio(quantile(ratios, 0.75))}, of ${pairs} pairs`,
    },
  ])
})

async function creation({ api }: Person): Promise<number> {
  const asked = () =>
    api('POST', '/api/environments', { body: { template: 'jupyterlab' }, headers: { prefer: 'wait=55' } })
  const { ms, result } = await timed(() => expectStatus(asked(), 202))
  if (result.status !== 'running') throw new Error(`It does not run: ${JSON.stringify(result)}`)
  await expectStatus(api('DELETE', `/api/environments/${result.id}`), 202)
  await untilGone(result.id)
  return ms
}
