import { randomBytes, randomUUID } from 'node:crypto'
import { archiveProgram } from '../../src/disk/program-archive.ts'
import type { BackupRepository } from '../../src/ports/backup-repository.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { createResticRepository } from '../../src/restic/restic-repository.ts'

/** A repository of real restic in a folder, used through an engine as the service uses it. `random`: for the names that nobody may guess. */
export function realRepository(
  engine: Engine,
  folder: string,
  key: string,
  random = () => randomBytes(8).toString('hex'),
): BackupRepository {
  return createResticRepository({
    engine,
    async image() {
      const { digest, tar } = await archiveProgram('/usr/bin/restic', ['DAC_OVERRIDE'])
      return { name: `ai-lab/restic:${digest.slice(0, 12)}`, tar }
    },
    repository: async () => folder,
    key: async () => key,
    user: async () => `${process.getuid?.()}:${process.getgid?.()}`,
    owner: randomUUID(),
    random,
  })
}
