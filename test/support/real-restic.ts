import { randomBytes, randomUUID } from 'node:crypto'
import { createResticImage } from '../../src/assembly/restic-image.ts'
import type { BackupRepository } from '../../src/ports/backup-repository.ts'
import type { ResticPlace } from '../../src/restic/place.ts'
import { createResticRepository } from '../../src/restic/restic-repository.ts'
import type { ResticUses } from '../../src/restic/restic-run.ts'

/**
 * A repository of real restic in that place, used through an engine as the service uses it. `random`: for the names that nobody may
 * guess.
 */
export function realRepository(
  engine: ResticUses['engine'],
  place: ResticPlace,
  key: string,
  random = () => randomBytes(8).toString('hex'),
): BackupRepository {
  return createResticRepository({
    engine,
    image: createResticImage(null, typeof place === 'string' ? null : place.kind),
    repository: async () => place,
    key: async () => key,
    user: async () => `${process.getuid?.()}:${process.getgid?.()}`,
    owner: randomUUID(),
    random,
  })
}
