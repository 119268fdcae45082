// Counting a million files, against `du -s` in turns on the same files, and what requests notice of it.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { serviceEnv } from '../../scripts/lib/service-env.ts'
import { createUsageCounter } from '../../src/disk/usage-counter.ts'
import type { TreeCount } from '../../src/domain/usage/count.ts'
import { removeAllOf } from '../e2e/support/docker.ts'
import { freePort } from '../support/free-port.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { startProgram } from './support/process.ts'
import { createClient, expectStatus } from './support/request.ts'
import { runBench } from './support/run-bench.ts'
import { median, quantile } from './support/statistics.ts'
import { timed } from './support/until.ts'

const execute = promisify(execFile)
const files = 1_000_000
const filesInFolder = 100
const firstCounts = 3
const recounts = 7

// The counting process starts as it does below `npm start`.
Object.assign(process.env, serviceEnv)

await runBench('Usage', async (signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  try {
    // In memory, so that neither side waits for a disk, and all files are gone at once afterwards.
    await execute('mount', ['-t', 'tmpfs', '-o', `size=4g,nr_inodes=${2 * files}`, 'tmpfs', folder])
    const dataDir = join(folder, 'ai-lab-data')
    const alice = join(dataDir, 'users/alice')
    for (const name of ['users/alice', 'shared', 'admin']) await mkdir(join(dataDir, name), { recursive: true })
    await makeFiles(alice)
    await sleep(3_000, undefined, { signal }) // the counter does not trust folders that have just changed
    printFigures([...(await ofCounts(dataDir, alice, signal)), ...(await ofRequests(folder, signal))])
  } finally {
    await execute('umount', ['--lazy', folder])
    await rm(folder, { recursive: true, force: true })
  }
})

function makeFiles(folder: string): Promise<unknown> {
  const script = `
import os, sys
os.chdir(sys.argv[1])
for d in range(${files / filesInFolder}):
    name = f'{d // 100}/{d % 100}'
    os.makedirs(name)
    for f in range(${filesInFolder}): os.mknod(f'{name}/file-{f}.txt')
`
  return execute('python3', ['-c', script, folder])
}

async function ofCounts(root: string, alice: string, signal: AbortSignal): Promise<Figure[]> {
  const indexFile = join(root, 'admin/usage-index.db')
  const counter = createUsageCounter({ root, indexFile })
  const count = (full: boolean) => async () => {
    let seen = 0
    const onCounted = ({ count }: TreeCount) => {
      seen += count.files
    }
    await counter.count({ full, stopSubvolumes: false, signal }, onCounted, () => {})
    if (seen < files) throw new Error(`it counted ${seen} files`)
  }
  const du = { first: [] as number[], again: [] as number[] }
  const first: number[] = []
  for (let time = 0; time < firstCounts; time += 1) {
    du.first.push((await timed(() => execute('du', ['-s', alice]))).ms)
    for (const suffix of ['', '-wal', '-shm']) await rm(`${indexFile}${suffix}`, { force: true })
    first.push((await timed(count(false))).ms)
  }
  const again: number[] = []
  for (let time = 0; time < recounts; time += 1) {
    du.again.push((await timed(() => execute('du', ['-s', alice]))).ms)
    again.push((await timed(count(false))).ms)
  }
  return [
    { name: 'du -s of a million files', value: median(du.again), write: write.ms },
    { name: '… the first count', value: median(first), write: write.ms },
    { name: '… the first count, by du', value: median(first) / median(du.first), write: write.ratio },
    { name: '… a count when nothing has changed', value: median(again), write: write.ms },
    {
      name: '… a count when nothing has changed, by du',
      value: median(again) / median(du.again),
      write: write.ratio,
      target: { atMost: 0.1 },
    },
  ]
}

/** How long a small request waits while the service counts everything anew. */
async function ofRequests(folder: string, signal: AbortSignal): Promise<Figure[]> {
  const dataDir = join(folder, 'lab')
  const port = await freePort()
  try {
    const env = { DATA_DIR: dataDir, USAGE_INTERVAL: 'off', USAGE_RECOUNT: 'off' }
    await using _started = await startProgram(process.execPath, ['src/main.ts'], {
      port,
      path: '/api/health/live',
      env,
    })
    await execute('mv', [join(folder, 'ai-lab-data/users/alice'), join(dataDir, 'users/alice')])
    const token = (await readFile(join(dataDir, 'admin/first-admin-token'), 'utf8')).trim()
    const api = createClient({ port }, { headers: { authorization: `Bearer ${token}` } })
    const ask = async () => (await timed(() => expectStatus(api('GET', '/api/environments'), 200))).ms
    const quiet: number[] = []
    for (let request = 0; request < 2_000; request += 1) quiet.push(await ask())
    await expectStatus(api('POST', '/api/data/usage'), 202)
    const counting: number[] = []
    for (let isCounting = true; isCounting; ) {
      signal.throwIfAborted()
      for (let request = 0; request < 200; request += 1) counting.push(await ask())
      const body = await expectStatus(api('GET', '/api/data/usage?limit=1'), 200)
      isCounting = body.counting
    }
    const p99 = (times: number[]) => quantile(times, 0.99)
    return [
      { name: 'a list of environments, p99', value: p99(quiet), write: write.ms },
      {
        name: `… while a million files are counted (${counting.length} requests)`,
        value: p99(counting),
        write: write.ms,
      },
    ]
  } finally {
    await removeAllOf((await readFile(join(dataDir, '.ai-lab-root'), 'utf8')).trim())
  }
}
