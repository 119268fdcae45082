/** The assembly of `ailab restore`: it opens no data root, because there is none. */
import { readFile } from 'node:fs/promises'
import { type RestoredLab, restoreLab } from '../backups/restore-lab.ts'
import type { RestoreOptions } from '../commands/restore.ts'
import { createNewRoot } from '../disk/new-root.ts'
import { readText } from '../disk/read-text.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { type Backup, backupsOf } from '../domain/backups/backup.ts'
import { placeOfRepository } from '../domain/backups/repository-place.ts'
import type { Progress } from '../domain/jobs/job.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import { absolute } from '../lib/absolute.ts'
import { randomOctets } from '../lib/random.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { sha256 } from '../lib/sha256.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'
import { createResticRepository } from '../restic/restic-repository.ts'
import { loadConfig } from '../settings/config.ts'
import { createResticImage } from './restic-image.ts'
import { remoteKind, resticPlace } from './restic-place.ts'

type HostPathOf = (path: string) => Promise<string>

type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

/** @throws Problem; Error with a sentence for the administrator */
export async function restoreWholeLab(folder: string, options: RestoreOptions, running: Running): Promise<RestoredLab> {
  return await withRepository(folder, options, (repository, { root, owner, hostPathOf }) =>
    restoreLab(
      { repository, newRoot: createNewRoot(root, owner), hostPathOf, without: options.without },
      options.backup,
      running,
    ),
  )
}

export async function listWholeBackups(
  folder: string,
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<Backup[]> {
  return await withRepository(folder, options, async (repository) => backupsOf(await repository.snapshots({ signal })))
}

async function withRepository<T>(
  folder: string,
  options: RestoreOptions,
  work: (
    repository: BackupRepository,
    target: { root: string; owner: Owner | null; hostPathOf: HostPathOf },
  ) => Promise<T>,
): Promise<T> {
  const config = loadConfig(folder)
  const root = options.to === null ? config.dataDir : absolute(process.cwd(), options.to)
  const { keyFile, repository: configured } = config.backups
  const repository = options.from === null ? configured : placeFrom(options.from)
  const key = await readKey(options.key === null ? keyFile : absolute(process.cwd(), options.key))
  using engine = createDockerEngine({ ...config.engine, readText, lookThroughProcess: async () => null })
  // In a container the engine knows another path of the same folder.
  const hostPathOf = async (path: string) => (await engine.ownMountSource(path)) ?? path
  const opened = createResticRepository({
    engine,
    image: createResticImage(null, remoteKind({ repository })),
    repository: () =>
      resticPlace(
        { ...config.backups, repository },
        { folder: () => hostPathOf(`${config.dataDir}/admin/backups`), dataRoot: () => hostPathOf(root) },
      ),
    key: async () => key,
    user: async () => '0:0',
    owner: sha256(root),
    random: () => Buffer.from(randomOctets(8)).toString('hex'),
  })
  return await work(opened, { root, owner: config.owner, hostPathOf })
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new Error(
      `The key of the backups cannot be read from ${file} (${reasonOf(error)}). Name its file with --key.`,
      {
        cause: error,
      },
    )
  }
}

/** A folder may be typed as a relative path. */
function placeFrom(typed: string): string {
  return placeOfRepository(typed) ? typed : absolute(process.cwd(), typed)
}
