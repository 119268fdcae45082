import { setTimeout as sleep } from 'node:timers/promises'
import { layData, psOf, runBefore } from '../bare.ts'
import type { Fault } from '../fault.ts'
import { startOurs } from '../ours.ts'
import { lookHere } from '../sight.ts'
import { ranAgain } from '../verdicts.ts'

const patienceMs = 5_000

export const removed: Fault = {
  title: 'The container is removed by hand',
  deed: 'Somebody cleans up with `docker rm --force`.',
  async bare(scene, bind) {
    await runBefore(scene, bind, await layData(scene))
    await scene.act('docker', 'rm', '--force', scene.containerName)
    await sleep(patienceMs, undefined, { signal: scene.signal })
    const isBack = (await psOf(scene)) !== ''
    return { words: `is ${isBack ? 'there' : 'not there'} again ${patienceMs / 1000} s later`, isGood: isBack }
  },
  async ours(scene) {
    const ours = await startOurs(scene)
    const { id, shown } = await ours.createBefore()
    const lab = await lookHere(scene, `${scene.folder}/ai-lab-data/shared`)
    await scene.act('docker', 'rm', '--force', id)
    return ranAgain(await ours.untilRuns(id, shown), '`docker rm`', lab)
  },
}
