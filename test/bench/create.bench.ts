// The time from create to ready through the API, against the bare engine, and the time of each action after it.
import { measureActions } from './support/actions.ts'
import { printFigures, write } from './support/figures.ts'
import { createHalves, runPairs } from './support/pairs.ts'
import { printPeers } from './support/peers.ts'
import { runBench } from './support/run-bench.ts'
import { startMeasured } from './support/service.ts'
import { median, quantile } from './support/statistics.ts'

const pairs = Number(process.env.PAIRS ?? 15)
const warmUpPairs = 2
const actionRounds = 8

await runBench('Create to ready, and the actions after it', async (signal) => {
  await using measured = await startMeasured()
  const { api } = measured
  const { halves, sample } = await createHalves(api)

  console.log(`\nPair by pair, in turns (image ${sample.image}, after ${warmUpPairs} pairs that do not count):`)
  const results = await runPairs(halves, { pairs, warmUpPairs, signal })
  const ratios = results.map(({ apiMs, bareMs }) => apiMs / bareMs)
  const spread = `quartiles ${write.ratio(quantile(ratios, 0.25))} to ${write.ratio(quantile(ratios, 0.75))}, of ${pairs} pairs`
  printFigures([
    { name: 'create to ready through the API', value: median(results.map(({ apiMs }) => apiMs)), write: write.ms },
    { name: 'the same on the bare engine', value: median(results.map(({ bareMs }) => bareMs)), write: write.ms },
    {
      name: 'their ratio, pair by pair',
      value: median(ratios),
      write: write.ratio,
      target: { atMost: 1.05 },
      remark: spread,
    },
  ])
  printPeers('create')

  const actions = await measureActions(api, { rounds: actionRounds, signal })
  printFigures(
    Object.entries(actions).map(([name, values]) => ({
      name,
      value: median(values),
      write: write.ms,
      remark: `p90 ${write.ms(quantile(values, 0.9))} of ${values.length}`,
    })),
  )
})
