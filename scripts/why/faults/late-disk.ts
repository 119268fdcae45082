/** The disk of the whole data, or of `shared/` alone, is not mounted when containers start. */
import { layData, runAgain, runBefore, stopBare } from '../bare.ts'
import { attachDisk, type Disk } from '../disk.ts'
import type { Fault } from '../fault.ts'
import { type Ours, startOurs } from '../ours.ts'
import type { Scene } from '../scene.ts'
import { filesIn, lookHere, lookInside, ownerOf, type Sight } from '../sight.ts'
import { ranAgain, refused } from '../verdicts.ts'
import { filesOf, phrase, startOf } from '../words.ts'

const wholeDisk = 'ai-lab-data'
const sharedDisk = 'ai-lab-data/shared'

/** The beginning of all three faults: an environment runs on the disk, and is stopped as by a reboot. */
async function bareBefore(scene: Scene, bind: '-v' | '--mount', mountPoint: string) {
  const disk = await attachDisk(scene)
  await disk.mount(`${scene.folder}/${mountPoint}`)
  const data = await layData(scene)
  const lab = await lookHere(scene, data)
  await runBefore(scene, bind, data)
  await stopBare(scene)
  await disk.unmount(`${scene.folder}/${mountPoint}`)
  return { disk, data, lab }
}

type Before = { ours: Ours; disk: Disk; id: string; shown: Awaited<ReturnType<Ours['show']>>; lab: Sight }

async function oursBefore(scene: Scene, mountPoint: string): Promise<Before> {
  const disk = await attachDisk(scene)
  await disk.mount(`${scene.folder}/${mountPoint}`)
  const ours = await startOurs(scene)
  const { id, shown } = await ours.createBefore()
  const lab = await lookHere(scene, `${scene.folder}/ai-lab-data/shared`)
  await lookInside(scene, id)
  await ours.end()
  await scene.act('docker', 'kill', id)
  await disk.unmount(`${scene.folder}/${mountPoint}`)
  await ours.startAgain()
  return { ours, disk, id, shown, lab }
}

function missingAtRestart(mountPoint: string, about: Pick<Fault, 'title' | 'deed'>): Fault {
  return {
    ...about,
    async bare(scene, bind) {
      const { data, lab } = await bareBefore(scene, bind, mountPoint)
      const start = await runAgain(scene, 'start')
      const made = mountPoint === wholeDisk ? await ownerOf(scene, data) : null
      return startOf('', 'starts', { ...start, made }, lab)
    },
    async ours(scene) {
      const { ours } = await oursBefore(scene, mountPoint)
      // A service that waits for its data root has its findings only in its log.
      const found = mountPoint === wholeDisk ? ours.logged : ours.findings
      return refused(ours, () => filesIn(scene, `${scene.folder}/${mountPoint}`), found)
    },
  }
}

export const diskMissing = missingAtRestart(wholeDisk, {
  title: 'The disk of the data is not mounted at a restart',
  deed: 'A disk is mounted at `/lab/ai-lab-data`, and an environment runs on it; the bound folder lies below the mount point. Everything is stopped, as by a reboot, and started again without the disk.',
})

export const sharedDiskMissing = missingAtRestart(sharedDisk, {
  title: 'The disk of shared/ is not mounted at a restart',
  deed: 'The same, with a separate disk mounted at `/lab/ai-lab-data/shared`: the bound folder is the mount point itself.',
})

export const diskLate: Fault = {
  title: 'The disk is mounted after the start',
  deed: 'The same; then the disk is mounted, and nothing else is done.',
  async bare(scene, bind) {
    const { disk, data, lab } = await bareBefore(scene, bind, sharedDisk)
    await runAgain(scene, 'start')
    await disk.mount(data)
    await lookHere(scene, data)
    return phrase('stays on', filesOf(await lookInside(scene, scene.containerName), lab))
  },
  async ours(scene) {
    const { ours, disk, id, shown, lab } = await oursBefore(scene, sharedDisk)
    await ours.show(id)
    await disk.mount(`${scene.folder}/${sharedDisk}`)
    return ranAgain(await ours.untilRuns(id, shown), 'the mount', lab)
  },
}
