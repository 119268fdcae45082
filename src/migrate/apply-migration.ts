import type { MigrationPlan, MigrationResult } from '../domain/migration/migration-plan.ts'
import { shown } from '../lib/octets.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { MigrationDisk } from '../ports/migration-disk.ts'

/**
 * Carries out a plan: copies the files, waits until they are on the disk, and records who owns which container. If a disk
 * fills up, it ends early; the copies stay, and the next run goes on from there.
 */
export async function applyMigration(
  { disk, store }: { disk: MigrationDisk; store: EnvironmentStore },
  plan: MigrationPlan,
  onCarried: (files: number, bytes: number) => void,
): Promise<MigrationResult> {
  const result: MigrationResult = { files: 0, bytes: 0, failed: [], cutShort: null }
  const count = (files: number, bytes: number) => {
    result.files += files
    result.bytes += bytes
    onCarried(files, bytes)
  }
  try {
    for (const survey of plan.surveys) {
      const folder = shown(survey.haul.from.join('/'))
      const failed = await disk.carry(survey, count)
      result.failed.push(...failed.map(({ path, reason }) => ({ path: `${folder}/${path}`, reason })))
    }
    await disk.settle()
    await store.recordLegacyOwners(plan.containers.owners)
  } catch (error) {
    result.cutShort = error instanceof Error ? error.message : String(error)
  }
  return result
}
