// How many requests a second the API answers, on 20 connections.
import { ensureWrk } from '../../scripts/lib/wrk.ts'
import { createMany } from './support/environments.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { printPeers } from './support/peers.ts'
import { runBench } from './support/run-bench.ts'
import { startMeasured } from './support/service.ts'
import { startSimulated } from './support/simulated.ts'
import { printNote } from './support/table.ts'
import { measureRate } from './support/wrk.ts'

type Call = { name: string; path: string; atLeast?: number }

await runBench('Requests a second', async (signal) => {
  await ensureWrk(signal)
  printNote('wrk, 1 thread, 20 connections, 2 s of warm-up, then the median of 3 rounds of 6 s.')
  printFigures([...(await ofRealEnvironments(signal)), ...(await ofManyRecords(signal))])
  printPeers('list', 'health')
})

async function ofRealEnvironments(signal: AbortSignal): Promise<Figure[]> {
  await using measured = await startMeasured()
  const { service, api } = measured
  const [first] = await createMany(api, 10)
  return await measureEach(service.url, service.adminToken, signal, [
    { name: 'list, 10 running environments', path: '/api/environments', atLeast: 3000 },
    { name: 'one environment', path: `/api/environments/${first}` },
    { name: 'templates', path: '/api/templates' },
    { name: 'health', path: '/api/health', atLeast: 8000 },
  ])
}

async function ofManyRecords(signal: AbortSignal): Promise<Figure[]> {
  await using simulated = await startSimulated(1000, signal)
  return await measureEach(simulated.url, simulated.token, signal, [
    { name: 'list of 50 of 1,000 (simulated engine)', path: '/api/environments?limit=50', atLeast: 2500 },
  ])
}

async function measureEach(url: string, token: string, signal: AbortSignal, calls: Call[]): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { name, path, atLeast } of calls) {
    const headers: Record<string, string> = path === '/api/health' ? {} : { authorization: `Bearer ${token}` }
    const { perSecond, p99Ms } = await measureRate({ url: `${url}${path}`, headers }, signal)
    figures.push({
      name,
      value: perSecond,
      write: write.perSecond,
      remark: `p99 ${write.ms(p99Ms)}`,
      ...(atLeast !== undefined && { target: { atLeast } }),
    })
  }
  return figures
}
