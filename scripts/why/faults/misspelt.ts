import { layData, runBare } from '../bare.ts'
import type { Fault } from '../fault.ts'
import { startOurs } from '../ours.ts'
import { lookHere, ownerOf } from '../sight.ts'
import { refused } from '../verdicts.ts'
import { startOf } from '../words.ts'

export const misspelt: Fault = {
  title: 'The path is misspelt',
  deed: 'The data is in `/lab/ai-lab-data`; the environment is configured to use `/lab/ai-lab-dta`.',
  async bare(scene, bind) {
    const lab = await lookHere(scene, await layData(scene))
    const wrong = `${scene.folder}/ai-lab-dta/shared`
    const start = await runBare(scene, bind, wrong)
    return startOf('', 'starts', { ...start, made: await ownerOf(scene, wrong) }, lab)
  },
  async ours(scene) {
    const wrong = `${scene.folder}/ai-lab-dta`
    const ours = await startOurs(scene, { HOST_DATA_PATH: wrong })
    return refused(ours, () => ownerOf(scene, wrong))
  },
}
