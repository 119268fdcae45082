import { exists } from '../disk/look-at-root.ts'
import { archiveProgram, type ProgramArchive } from '../disk/program-archive.ts'
import { readText } from '../disk/read-text.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { ResticUses } from '../restic/restic-run.ts'

/** The program of this machine. */
export const program = '/usr/bin/restic'

const ssh = '/usr/bin/ssh'
const certificates = '/etc/ssl/certs/ca-certificates.crt'

/**
 * The image of restic: made of this machine's own program when it is first needed, so nothing is pulled. `given` takes the place of
 * that program. The image is named by its content. `remote`: how it reaches a repository elsewhere: by ssh, or with the certificates of this machine; null for a folder.
 */
export function createResticImage(given: ProgramArchive | null, remote: 'sftp' | 's3' | null): ResticUses['image'] {
  let archive: Promise<ProgramArchive> | null = given && Promise.resolve(given)
  return async () => {
    archive ??= besideFor(remote).then((beside) => archiveProgram(program, ['DAC_OVERRIDE'], beside))
    try {
      const { digest, tar } = await archive
      return { name: `ai-lab/restic:${digest.slice(0, 12)}`, tar }
    } catch (error) {
      archive = null
      if (isProblem(error, 'backups-off')) throw error
      const detail = 'Backups are not set up: the program restic is missing.'
      const adminDetail = `${detail} Install it on the machine of the service: apt-get install restic (${reasonOf(error)})`
      throw new Problem('backups-off', detail, { adminDetail, cause: error })
    }
  }
}

/** @throws Problem backups-off */
async function besideFor(remote: 'sftp' | 's3' | null) {
  if (remote === 's3') return { files: { [certificates]: (await readText(certificates)) ?? '' } }
  if (remote === null) return {}
  if (!(await exists(ssh))) {
    const detail = 'Backups are not set up: the program ssh is missing.'
    const adminDetail = `${detail} Install it on the machine of the service: apt-get install openssh-client`
    throw new Problem('backups-off', detail, { adminDetail })
  }
  // ssh refuses to work for a user without a name.
  const users = [...new Set([0, process.getuid?.() ?? 0])]
  const passwd = users.map((uid) => `u${uid}:x:${uid}:${uid}::/:/\n`).join('')
  return { programs: [ssh], files: { '/etc/passwd': passwd } }
}
