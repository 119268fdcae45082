import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OwnEngine, startOwnEngine } from '../../../test/e2e/support/own-engine.ts'
import { bareImage, layData, psOf, runBefore } from '../bare.ts'
import { attachDisk, type Disk } from '../disk.ts'
import type { Fault, Verdict } from '../fault.ts'
import { startOurs } from '../ours.ts'
import type { Scene } from '../scene.ts'
import { filesIn, lookHere, lookInside, type Sight } from '../sight.ts'
import { nothingMade, nothingRuns, ranAgain } from '../verdicts.ts'
import { filesOf, findingsOf, phrase, together } from '../words.ts'

const patienceMs = 5_000

async function withOwnEngine(scene: Scene, image: string): Promise<{ engine: OwnEngine; disk: Disk; root: string }> {
  const folder = `${scene.folder}/engine`
  await mkdir(folder)
  const engine = await startOwnEngine(folder, image)
  scene.defer(() => engine[Symbol.asyncDispose]())
  scene.useEngine(engine.socket)
  const disk = await attachDisk(scene)
  const root = `${scene.folder}/ai-lab-data`
  await disk.mount(root)
  return { engine, disk, root }
}

async function cutPower(scene: Scene, engine: OwnEngine, disk: Disk, root: string): Promise<void> {
  await engine.cutPower()
  scene.note('# the power is cut: engine and containers end at once, and nothing is mounted any more')
  await disk.unmount(root)
  await engine.start()
  scene.note('# the engine is started again')
}

/** The fate of a container that only the engine looks after. */
async function left(scene: Scene, verb: string, lab: Sight): Promise<Verdict> {
  const status = await psOf(scene)
  if (!status.startsWith('Up')) return { words: `${verb} ${status.split(' ')[0]}`, isGood: false }
  return phrase(`${verb} on`, filesOf(await lookInside(scene, scene.containerName), lab))
}

export const reboot: Fault = {
  title: 'The power fails, and the disk comes late',
  deed: 'This runs on a separate engine; plain Docker uses `--restart unless-stopped`. The power is cut, the engine starts again, and then the disk at `/lab/ai-lab-data` is mounted. Nothing else is done.',
  async bare(scene, bind) {
    const { engine, disk, root } = await withOwnEngine(scene, bareImage)
    const data = await layData(scene)
    const lab = await lookHere(scene, data)
    await runBefore(scene, bind, data, ['--restart', 'unless-stopped'])
    await cutPower(scene, engine, disk, root)
    await sleep(patienceMs, undefined, { signal: scene.signal })
    const before = await left(scene, 'without the disk it is', lab)
    await disk.mount(root)
    await sleep(patienceMs, undefined, { signal: scene.signal })
    return together(before, await left(scene, `${patienceMs / 1000} s after the mount it is`, lab))
  },
  async ours(scene) {
    const { engine, disk, root } = await withOwnEngine(scene, 'ai-lab/jupyterlab:latest')
    const ours = await startOurs(scene, { DOCKER_HOST: engine.socket }, engine.inItsNetwork)
    const { id, shown } = await ours.createBefore()
    const lab = await lookHere(scene, `${root}/shared`)
    await ours.end('SIGKILL')
    await cutPower(scene, engine, disk, root)
    await ours.startAgain()
    await sleep(patienceMs, undefined, { signal: scene.signal })
    const codes = findingsOf(await ours.logged())
    const before = nothingRuns(await ours.containers())
    const written = nothingMade(await filesIn(scene, root))
    await disk.mount(root)
    return together(codes, before, written, ranAgain(await ours.untilRuns(id, shown), 'the mount', lab))
  },
}
