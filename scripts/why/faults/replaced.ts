import { layData, psOf, runBefore } from '../bare.ts'
import type { Fault } from '../fault.ts'
import { startOurs } from '../ours.ts'
import type { Scene } from '../scene.ts'
import { lookHere, lookInside, type Sight } from '../sight.ts'
import { ranAgain } from '../verdicts.ts'
import { filesOf, findingsOf, phrase, together, toldByPs } from '../words.ts'

/** Puts a backup in the place of a folder. Returns what is there afterwards. */
async function restore(scene: Scene, folder: string): Promise<Sight> {
  await scene.act('cp', '-a', folder, `${folder}.backup`)
  await scene.act('mv', folder, `${folder}.away`)
  await scene.act('mv', `${folder}.backup`, folder)
  await scene.act('touch', `${folder}/new.csv`)
  return lookHere(scene, folder)
}

export const replaced: Fault = {
  title: 'The data folder is replaced under a running container',
  deed: '`shared/` is renamed, and a backup with one new file is put in its place.',
  async bare(scene, bind) {
    const data = await layData(scene)
    await runBefore(scene, bind, data)
    const lab = await restore(scene, data)
    const files = filesOf(await lookInside(scene, scene.containerName), lab)
    return together(phrase('stays on', files), { words: toldByPs(await psOf(scene)), isGood: files.isGood })
  },
  async ours(scene) {
    const ours = await startOurs(scene)
    const { id, shown } = await ours.createBefore()
    const lab = await restore(scene, `${scene.folder}/ai-lab-data/shared`)
    await lookInside(scene, id)
    const codes = await ours.findings()
    await ours.recreate(id)
    return together(findingsOf(codes), ranAgain(await ours.untilRuns(id, shown), '`recreate`', lab))
  },
}
