// What the proof of the data root costs before each start: all of it, the touch of the markers, the engine's look.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProver } from '../../src/consistency/prove.ts'
import { createDataRoot } from '../../src/disk/data-root.ts'
import { fileIdOf } from '../../src/disk/file-id.ts'
import { layOutDataRoot } from '../../src/disk/open-data-root.ts'
import { createDockerEngine } from '../../src/docker/docker-engine.ts'
import { markedFolders, markerPath, probeName } from '../../src/domain/names.ts'
import { randomUUID } from '../../src/lib/random.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { printFigures, write } from './support/figures.ts'
import { runBench } from './support/run-bench.ts'
import { median, quantile } from './support/statistics.ts'
import { timed } from './support/until.ts'

const rounds = 200
const warmUpRounds = 20

await runBench('The proof of the data root', async (signal) => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const socket = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  const engine = stack.use(
    createDockerEngine({ socket, readText: async () => null, lookThroughProcess: async () => null }),
  )
  const opened = await layOutDataRoot(join(folder, 'ai-lab-data'), randomUUID(), null)
  await opened.seal()
  const databaseFile = `${opened.path}/admin/ai-lab.db`
  await writeFile(databaseFile, '')
  const databaseId = await fileIdOf(databaseFile)
  if (!databaseId) throw new Error('The database was not made')
  const dataRoot = createDataRoot({
    ...opened,
    databaseId,
    notebook: { uid: 1000, gid: 100 },
    mayGiveAway: true,
    now: systemClock.now,
  })
  const probe = { name: probeName(opened.rootId, opened.path), hostPath: opened.path }
  stack.defer(() => engine.dropProbe(probe.name))
  const hostDataPath = async () => opened.path
  const prover = createProver({
    engine,
    dataRoot,
    hostDataPath,
    ownSource: async () => null,
    clock: systemClock,
    onProof: () => {},
  })

  const works = {
    'a whole proof': async () => {
      const { status, findings } = await prover.prove()
      if (status !== 'proven') throw new Error(`The data root is not proven: ${JSON.stringify(findings)}`)
    },
    'touching the markers': () => Promise.all(markedFolders.map((each) => dataRoot.touchMarker(each))),
    "the engine's look": () => engine.look(probe, markedFolders.map(markerPath)),
  }
  const results = new Map(Object.keys(works).map((name) => [name, [] as number[]]))
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    signal.throwIfAborted()
    for (const [name, work] of Object.entries(works)) {
      const { ms } = await timed<unknown>(work)
      if (round >= 0) results.get(name)?.push(ms)
    }
  }
  printFigures(
    Array.from(results, ([name, values]) => ({
      name,
      value: median(values),
      write: write.ms,
      remark: `p99 ${write.ms(quantile(values, 0.99))} of ${values.length}`,
    })),
  )
})
