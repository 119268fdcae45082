import { layData, runBare } from '../bare.ts'
import type { Fault } from '../fault.ts'
import { startOurs } from '../ours.ts'
import { filesIn, lookHere, lookInside } from '../sight.ts'
import { refused } from '../verdicts.ts'
import { startOf } from '../words.ts'

export const copy: Fault = {
  title: 'The path names a copy of the data',
  deed: 'The data was copied with `cp -a`, for example to move it to another disk. The backend works on `/lab/ai-lab-data`; the environment is configured to use the copy, `/lab/copy`. Everything looks right there, until somebody writes a file.',
  async bare(scene, bind) {
    const data = await layData(scene)
    await scene.act('cp', '-a', `${scene.folder}/ai-lab-data`, `${scene.folder}/copy`)
    const start = await runBare(scene, bind, `${scene.folder}/copy/shared`)
    await scene.act('touch', `${data}/new.csv`)
    const lab = await lookHere(scene, data)
    return startOf('', 'starts', { ...start, inside: await lookInside(scene, scene.containerName) }, lab)
  },
  async ours(scene) {
    const ours = await startOurs(scene)
    await ours.end()
    await scene.act('cp', '-a', `${scene.folder}/ai-lab-data`, `${scene.folder}/copy`)
    const before = await filesIn(scene, `${scene.folder}/copy/users`)
    await ours.startAgain({ HOST_DATA_PATH: `${scene.folder}/copy` })
    return refused(ours, async () => {
      const after = await filesIn(scene, `${scene.folder}/copy/users`)
      return after === before ? null : after
    })
  },
}
