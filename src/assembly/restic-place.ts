import { placeOfRepository } from '../domain/backups/repository-place.ts'
import { Problem } from '../domain/problem.ts'
import type { ResticPlace } from '../restic/place.ts'
import type { BackupSettings } from '../settings/config.ts'

type Settings = Pick<BackupSettings, 'repository' | 'sftp' | 's3'>

/**
 * Where restic finds the repository. `folder`: its folder on the engine's host where no other place is set. `dataRoot`: the data root on the
 * engine's host, in which no secret of the repository may be: it would be lost with the data, and notebooks have folders there.
 *
 * @throws Problem backups-off
 */
export async function resticPlace(
  { repository, sftp, s3 }: Settings,
  { folder, dataRoot }: { folder: () => Promise<string>; dataRoot: () => Promise<string> },
): Promise<ResticPlace> {
  const place = repository === null ? null : placeOfRepository(repository)
  if (!place) return await folder()
  if (place.kind === 'folder') return place.path
  const root = await dataRoot()
  const secret = (name: string, file: string | null): string => {
    if (file === null) throw off(`${name} is missing: ${place.kind} needs it.`)
    if (`${file}/`.startsWith(`${root}/`)) throw off(`${name} is in the data root. Put the file elsewhere.`)
    return file
  }
  if (place.kind === 's3') {
    return { ...place, ...s3, credentials: secret('BACKUP_S3_CREDENTIALS_FILE', s3.credentials) }
  }
  const key = secret('BACKUP_SFTP_KEY_FILE', sftp.key)
  return { ...place, key, knownHosts: secret('BACKUP_SFTP_KNOWN_HOSTS', sftp.knownHosts) }
}

/** What the image of restic needs for that place. */
export function remoteKind({ repository }: Pick<BackupSettings, 'repository'>): 'sftp' | 's3' | null {
  const place = repository === null ? null : placeOfRepository(repository)
  return place === null || place.kind === 'folder' ? null : place.kind
}

function off(adminDetail: string): Problem {
  return new Problem('backups-off', 'Backups are not set up. An administrator has to look.', { adminDetail })
}
