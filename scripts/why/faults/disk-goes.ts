import { layData, psOf, runBare, runBefore } from '../bare.ts'
import { attachDisk } from '../disk.ts'
import type { Fault } from '../fault.ts'
import { startOurs } from '../ours.ts'
import { filesIn, lookHere, lookInside, ownerOf } from '../sight.ts'
import { answerOf, nothingMade } from '../verdicts.ts'
import { filesOf, findingsOf, inSeconds, phrase, startOf, together, toldByPs } from '../words.ts'

export const diskGoes: Fault = {
  title: 'The disk is unmounted while everything runs',
  deed: 'A disk is mounted at `/lab/ai-lab-data`, and an environment runs on it. The disk is unmounted (lazily: programs keep the files that they have open), and somebody asks for another environment.',
  async bare(scene, bind) {
    const disk = await attachDisk(scene)
    const root = `${scene.folder}/ai-lab-data`
    await disk.mount(root)
    const data = await layData(scene)
    const lab = await lookHere(scene, data)
    await runBefore(scene, bind, data)
    await disk.unmount(root)
    const here = await lookHere(scene, data)
    const inside = await lookInside(scene, scene.containerName)
    const isSplit = inside?.id !== here?.id
    const first = {
      words: `${isSplit ? 'runs on files that the host does not show' : 'runs on the same files'}, ${toldByPs(await psOf(scene))}`,
      isGood: !isSplit,
    }
    const second = await runBare(scene, bind, data, { name: `${scene.containerName}-2` })
    return together(first, startOf('another ', 'starts', { ...second, made: await ownerOf(scene, data) }, lab))
  },
  async ours(scene) {
    const disk = await attachDisk(scene)
    const root = `${scene.folder}/ai-lab-data`
    await disk.mount(root)
    const ours = await startOurs(scene, { PROOF_INTERVAL: '5s' })
    const { id } = await ours.createBefore()
    const lab = await lookHere(scene, `${root}/shared`)
    await disk.unmount(root)
    const told = await ours.untilHealth(503)
    const codes = await ours.findings()
    const another = answerOf('another is', await ours.create())
    const { status: state } = await ours.show(id)
    const written = await filesIn(scene, root)
    await disk.mount(root)
    const healed = await ours.untilHealth(200)
    const after = phrase('it is on', filesOf(await lookInside(scene, id), lab))
    return together(
      { words: `health is 503 after ${inSeconds(told)} (PROOF_INTERVAL=5s)`, isGood: true },
      findingsOf(codes),
      another,
      { words: `the environment is ${state}`, isGood: state === 'running' },
      nothingMade(written),
      { words: `mounted again, it recovers in ${inSeconds(healed)}`, isGood: true },
      after,
    )
  },
}
