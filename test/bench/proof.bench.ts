// The cost of the proof: before each start, from inside a running environment, and with much data.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProver, type Prover } from '../../src/consistency/prove.ts'
import { createDataRoot } from '../../src/disk/data-root.ts'
import { fileIdOf } from '../../src/disk/file-id.ts'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createDockerEngine } from '../../src/docker/docker-engine.ts'
import { markedFolders, markerPath, networkName, probeName, targets } from '../../src/domain/names.ts'
import { randomUUID } from '../../src/lib/random.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import type { DataRoot } from '../../src/ports/data-root.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { printFigures, write } from './support/figures.ts'
import { runBench } from './support/run-bench.ts'
import { median, quantile } from './support/statistics.ts'
import { timed } from './support/until.ts'

const rounds = 200
const warmUpRounds = 20
const fileCount = 100_000
const filesInFolder = 1_000

await runBench('The proof of the data root', async (signal) => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const socket = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  const engine = stack.use(
    createDockerEngine({ socket, readText: async () => null, lookThroughProcess: async () => null }),
  )
  const open = async (name: string) => stack.use(await openRoot(engine, join(folder, name)))
  const [small, large] = [await open('small'), await open('large')]
  await fill(join(large.dataRoot.path, 'users'), signal)
  const id = await startContainer(engine, small.dataRoot.path)
  stack.defer(() => engine.remove(id))

  const { results, ratios } = await measure(
    {
      'a whole proof, as before each start': () => prove(small.prover),
      [`the same, with ${fileCount} files in the root`]: () => prove(large.prover),
      'touching the markers': () => Promise.all(markedFolders.map((each) => small.dataRoot.touchMarker(each))),
      "the engine's look": () => engine.look(small.probe, markedFolders.map(markerPath)),
      'a look into a running environment': () => lookInside(engine, id),
    },
    signal,
  )
  printFigures([
    ...Array.from(results, ([name, values], at) => ({
      name,
      value: median(values),
      write: write.ms,
      ...(at === 0 && { target: { atMost: 50 } }),
      remark: `p99 ${write.ms(quantile(values, 0.99))} of ${values.length}`,
    })),
    {
      name: `proof with ${fileCount} files to proof without, in turns`,
      value: median(ratios),
      write: write.ratio,
      target: { atMost: 1.1 },
      remark: `quartiles ${write.ratio(quantile(ratios, 0.25))} to ${write.ratio(quantile(ratios, 0.75))}`,
    },
  ])
})

type Root = AsyncDisposable & { dataRoot: DataRoot; prover: Prover; probe: { name: string; hostPath: string } }

async function openRoot(engine: Engine, dataDir: string): Promise<Root> {
  const opened = await layOutDataRoot(dataDir, randomUUID(), null)
  await opened.seal()
  const databaseFile = `${opened.path}/admin/ai-lab.db`
  await writeFile(databaseFile, '')
  const databaseId = await fileIdOf(databaseFile)
  if (!databaseId) throw new Error('The database was not made')
  const notebook = { uid: 1000, gid: 100 }
  const dataRoot = createDataRoot({ ...opened, databaseId, notebook, mayGiveAway: true, now: systemClock.now })
  const probe = { name: probeName(opened.rootId, opened.path), hostPath: opened.path }
  const prover = createProver({
    engine,
    dataRoot,
    hostDataPath: async () => opened.path,
    ownSource: async () => null,
    clock: systemClock,
    onProof: () => {},
  })
  return { dataRoot, prover, probe, [Symbol.asyncDispose]: () => engine.dropProbe(probe.name) }
}

/** Measures each work in turn, round by round, and the ratios of the second to the first. */
async function measure(works: Record<string, () => Promise<unknown>>, signal: AbortSignal) {
  const results = new Map(Object.keys(works).map((name) => [name, [] as number[]]))
  const ratios: number[] = []
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    signal.throwIfAborted()
    const took: number[] = []
    for (const [name, work] of Object.entries(works)) {
      const { ms } = await timed<unknown>(work)
      took.push(ms)
      if (round >= 0) results.get(name)?.push(ms)
    }
    const [first = Number.NaN, second = Number.NaN] = took
    if (round >= 0) ratios.push(second / first)
  }
  return { results, ratios }
}

async function prove(prover: Prover): Promise<void> {
  const { status, findings } = await prover.prove()
  if (status !== 'proven') throw new Error(`The data root is not proven: ${JSON.stringify(findings)}`)
}

async function lookInside(engine: Engine, id: string): Promise<void> {
  const sight = await engine.seeInside(id)
  if (sight.kind !== 'seen') throw new Error(`Nothing was seen: ${JSON.stringify(sight)}`)
}

/** Starts a container with the folders of an environment, in which only a sleep runs. */
async function startContainer(engine: Engine, root: string): Promise<string> {
  const name = `ai-lab-bench-${randomUUID().slice(0, 8)}`
  await mkdir(join(root, 'users/bench'))
  await engine.create({
    name,
    image: 'ai-lab/jupyterlab:latest',
    command: ['sleep', '3600'],
    env: {},
    labels: {},
    user: '1000:100',
    workingDir: '/',
    mounts: [
      { source: join(root, 'shared'), target: targets.shared, readOnly: true },
      { source: join(root, 'users/bench'), target: targets.data, readOnly: false },
    ],
    network: networkName,
    port: 8888,
    hostPort: null,
    resources: { memoryBytes: 2 ** 28, cpuCores: 1, gpus: 0, pids: 64 },
  })
  await engine.start(name)
  return name
}

async function fill(folder: string, signal: AbortSignal): Promise<void> {
  for (let part = 0; part < fileCount / filesInFolder; part += 1) {
    signal.throwIfAborted()
    const place = join(folder, `person-${part}`)
    await mkdir(place)
    await Promise.all(Array.from({ length: filesInFolder }, (_, at) => writeFile(join(place, String(at)), 'x')))
  }
}
