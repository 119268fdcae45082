import { layData, psOf, runAgain, runBefore } from '../bare.ts'
import type { Fault } from '../fault.ts'
import { startOurs } from '../ours.ts'
import type { Scene } from '../scene.ts'
import { lookHere, type Sight } from '../sight.ts'
import { ranAgain } from '../verdicts.ts'
import { findingsOf, startOf, together, toldByPs } from '../words.ts'

/** Copies the data to `/lab/new`, where work goes on. Returns what is there afterwards. */
async function move(scene: Scene): Promise<Sight> {
  await scene.act('cp', '-a', `${scene.folder}/ai-lab-data`, `${scene.folder}/new`)
  await scene.act('touch', `${scene.folder}/new/shared/new.csv`)
  return lookHere(scene, `${scene.folder}/new/shared`)
}

export const moved: Fault = {
  title: 'The configuration changes, the container does not',
  deed: 'The data is copied to `/lab/new`, the backend is configured to work there, and the old container is restarted. A container keeps the mounts that it was made with.',
  async bare(scene, bind) {
    const data = await layData(scene)
    await runBefore(scene, bind, data)
    const lab = await move(scene)
    const start = startOf('', 'restarts', await runAgain(scene, 'restart'), lab)
    return together(start, { words: toldByPs(await psOf(scene)), isGood: start.isGood })
  },
  async ours(scene) {
    const ours = await startOurs(scene)
    const { id, shown } = await ours.createBefore()
    await ours.end()
    await scene.act('docker', 'kill', id)
    const lab = await move(scene)
    await ours.startAgain({ DATA_DIR: `${scene.folder}/new` })
    const codes = await ours.findings()
    const { status } = await ours.show(id)
    const [container = ''] = await ours.containers()
    const isStarted = container.includes(' Up ')
    await ours.recreate(id)
    return together(
      findingsOf(codes),
      {
        words: `the environment is \`${status}\`, its container ${isStarted ? 'was started' : 'is not started'}`,
        isGood: !isStarted,
      },
      ranAgain(await ours.untilRuns(id, shown), '`recreate`', lab),
    )
  },
}
