import { archiveProgram, type ProgramArchive } from '../disk/program-archive.ts'
import { Problem } from '../domain/problem.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { ResticUses } from '../restic/restic-run.ts'

/** The program of this machine. */
export const program = '/usr/bin/restic'

/**
 * The image of restic: made of this machine's own program when it is first needed, so nothing is pulled. `given` takes the place of
 * that program. The image is named by its content.
 */
export function createResticImage(given: ProgramArchive | null): ResticUses['image'] {
  let archive: Promise<ProgramArchive> | null = given && Promise.resolve(given)
  return async () => {
    archive ??= archiveProgram(program, ['DAC_OVERRIDE'])
    try {
      const { digest, tar } = await archive
      return { name: `ai-lab/restic:${digest.slice(0, 12)}`, tar }
    } catch (error) {
      archive = null
      const detail = 'Backups are not set up: the program restic is missing.'
      const adminDetail = `${detail} Install it on the machine of the service: apt-get install restic (${reasonOf(error)})`
      throw new Problem('backups-off', detail, { adminDetail, cause: error })
    }
  }
}
