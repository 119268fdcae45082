import { layData, runBare } from '../bare.ts'
import type { Fault } from '../fault.ts'
import { startOurs } from '../ours.ts'
import type { Scene } from '../scene.ts'
import { filesIn, lookHere } from '../sight.ts'
import { refused } from '../verdicts.ts'
import { startOf } from '../words.ts'

async function layOther(scene: Scene): Promise<string> {
  const other = `${scene.folder}/opt/ai-lab-data`
  await scene.must('mkdir', '--parents', `${other}/shared`)
  await scene.must('touch', `${other}/shared/old.csv`)
  return other
}

export const anotherFolder: Fault = {
  title: 'The path names another folder',
  deed: 'The backend works on `/lab/ai-lab-data`; the environment is configured to use an older folder, `/lab/opt/ai-lab-data`. This is the split brain.',
  async bare(scene, bind) {
    const lab = await lookHere(scene, await layData(scene))
    return startOf('', 'starts', await runBare(scene, bind, `${await layOther(scene)}/shared`), lab)
  },
  async ours(scene) {
    const other = await layOther(scene)
    const ours = await startOurs(scene, { HOST_DATA_PATH: other })
    // `shared` existed before.
    return refused(ours, async () => ((await filesIn(scene, other)) === 'shared' ? null : 'something new'))
  },
}
