import { stat } from 'node:fs/promises'

/**
 * Whether a repository of backups is on the disk of the data root. `repository`: null if it is in the data root itself. Null if it cannot
 * be seen from here: a service in a container does not see the other disk.
 */
export async function isOnSameDisk(root: string, repository: string | null): Promise<boolean | null> {
  if (repository === null) return true
  try {
    return (await stat(root)).dev === (await stat(repository)).dev
  } catch {
    return null
  }
}
