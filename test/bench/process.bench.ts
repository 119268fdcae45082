// The process of the service: the time until it answers, and its memory. The time of a command.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { serviceEnv } from '../../scripts/lib/service-env.ts'
import { removeAllOf } from '../e2e/support/docker.ts'
import { freePort } from '../support/free-port.ts'
import { createMany } from './support/environments.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { sendMany } from './support/load.ts'
import { printPeers } from './support/peers.ts'
import { residentMebibytes, residentMebibytesOfAll, type Started, startProgram } from './support/process.ts'
import { createClient } from './support/request.ts'
import { runBench } from './support/run-bench.ts'
import { settle } from './support/settle.ts'
import { median, quantile } from './support/statistics.ts'

const starts = 9
const npmStarts = 5
const requests = 20_000
const idleMs = 15_000

await runBench('Start-up and memory', async (signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  const dataDir = join(folder, 'ai-lab-data')
  try {
    printFigures([
      ...(await ofServiceStarts(dataDir, signal)),
      ...(await ofNpmStarts(dataDir, signal)),
      ...(await ofCommands(signal)),
      ...(await ofMemory(dataDir, signal)),
      ...(await ofNpmMemory(dataDir, signal)),
    ])
    printPeers('start', 'memory')
  } finally {
    await removeAllOf((await readFile(join(dataDir, '.ai-lab-root'), 'utf8')).trim())
    await rm(folder, { recursive: true, force: true })
  }
})

/** Starts the service as `scripts/start.ts` does. The first start makes the data root and the compile cache: do not count it. */
async function startService(dataDir: string, port: number): Promise<Started> {
  const env = { DATA_DIR: dataDir, ...serviceEnv }
  return startProgram(process.execPath, ['src/main.ts'], { port, path: '/api/health', env })
}

async function ofServiceStarts(dataDir: string, signal: AbortSignal): Promise<Figure[]> {
  const results = await startAgainAndAgain(starts, signal, (port) => startService(dataDir, port))
  return [
    figure(
      'start of the service to the first answer',
      results.map(({ firstAnswerMs }) => firstAnswerMs),
      400,
    ),
    figure(
      '… to the first healthy answer',
      results.map(({ healthyMs }) => healthyMs),
    ),
  ]
}

async function ofNpmStarts(dataDir: string, signal: AbortSignal): Promise<Figure[]> {
  const results = await startAgainAndAgain(npmStarts, signal, (port) =>
    startProgram('npm', ['start'], { port, path: '/api/health/live', env: { DATA_DIR: dataDir } }),
  )
  return [
    figure(
      'npm start to the first answer',
      results.map(({ firstAnswerMs }) => firstAnswerMs),
      5000,
    ),
  ]
}

/** The first run makes the compile cache: do not count it. */
async function ofCommands(signal: AbortSignal): Promise<Figure[]> {
  const values: number[] = []
  for (let index = -1; index < starts; index += 1) {
    signal.throwIfAborted()
    await settle()
    const startedAt = performance.now()
    await promisify(execFile)('bin/ailab', ['--help'])
    if (index >= 0) values.push(performance.now() - startedAt)
  }
  return [figure('ailab --help', values, 250)]
}

async function startAgainAndAgain(
  count: number,
  signal: AbortSignal,
  start: (port: number) => Promise<Started>,
): Promise<Started[]> {
  const results: Started[] = []
  for (let index = -1; index < count; index += 1) {
    signal.throwIfAborted()
    await settle()
    await using started = await start(await freePort())
    if (index >= 0) results.push(started)
  }
  return results
}

async function ofMemory(dataDir: string, signal: AbortSignal): Promise<Figure[]> {
  const port = await freePort()
  await using started = await startService(dataDir, port)
  await sleep(idleMs, undefined, { signal })
  const idle = residentMebibytes(started.pid)
  const token = (await readFile(join(dataDir, 'admin/first-admin-token'), 'utf8')).trim()
  const api = createClient({ port }, { headers: { authorization: `Bearer ${token}` } })
  await createMany(api, 10)
  await sendMany(api, '/api/environments', requests, signal)
  await sleep(idleMs, undefined, { signal })
  return [
    {
      name: 'resident memory, idle 15 s after the start',
      value: idle,
      write: write.mebibytes,
      target: { atMost: 110 },
    },
    {
      name: '… 15 s after 10 creations and 20,000 lists',
      value: residentMebibytes(started.pid),
      write: write.mebibytes,
      target: { atMost: 130 },
    },
  ]
}

/** The memory of npm and of the service, which replaces the start script. */
async function ofNpmMemory(dataDir: string, signal: AbortSignal): Promise<Figure[]> {
  const port = await freePort()
  await using started = await startProgram('npm', ['start'], {
    port,
    path: '/api/health/live',
    env: { DATA_DIR: dataDir },
  })
  await sleep(idleMs, undefined, { signal })
  return [
    {
      name: 'resident memory of npm start with all its processes, idle 15 s after the start',
      value: residentMebibytesOfAll(started.pid),
      write: write.mebibytes,
      target: { atMost: 175 },
    },
  ]
}

function figure(name: string, values: number[], atMost?: number): Figure {
  const remark = `of ${values.length}, slowest ${write.ms(quantile(values, 1))}`
  return { name, value: median(values), write: write.ms, remark, ...(atMost !== undefined && { target: { atMost } }) }
}
