/** The assembly of `ailab migrate`: the parts of the service that it works with, opened and closed by it. */
import type { Migration } from '../commands/migrate.ts'
import { createAccountStore } from '../database/account-store.ts'
import { takeLock } from '../database/data-root-lock.ts'
import { createEnvironmentStore } from '../database/environment-store.ts'
import { examineDatabase } from '../database/examine.ts'
import { openSqlite } from '../database/open.ts'
import { hasLog } from '../disk/database-files.ts'
import { lookThroughProcess } from '../disk/file-id.ts'
import { ensurePrivateFile, ownerOfFolder } from '../disk/files.ts'
import { handOver } from '../disk/hand-over.ts'
import { journalFor } from '../disk/journal.ts'
import { lookAtRoot } from '../disk/look-at-root.ts'
import { openMigrationDisk } from '../disk/migration-disk.ts'
import { readLegacyMap } from '../disk/read-map.ts'
import { readText } from '../disk/read-text.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { systemClock } from '../lib/system-clock.ts'
import { systemCode } from '../lib/system-code.ts'
import { applyMigration } from '../migrate/apply-migration.ts'
import { migrationReport } from '../migrate/migration-report.ts'
import { planMigration } from '../migrate/plan-migration.ts'
import { loadConfig } from '../settings/config.ts'

/** @throws Error with a sentence for the administrator */
export async function assembleMigration(
  folder: string,
  { from, map: mapFile }: { from: string; map: string | null },
): Promise<Migration> {
  await using stack = new AsyncDisposableStack()
  const config = loadConfig(folder)
  const map = mapFile === null ? new Map() : await readLegacyMap(mapFile)
  const keepsOwners = process.getuid?.() === 0
  const disk = await openMigrationDisk({ from, dataDir: config.dataDir, notebook: config.notebook, keepsOwners })
  if (!(await lookAtRoot(disk.to)).hasDatabase) {
    throw new Error(`${disk.to} has no database. Start the service once, or put its database back, and run this again.`)
  }
  stack.use(await lockMigrations(disk.to, { isRoot: keepsOwners }))
  const databaseFile = `${disk.to}/admin/ai-lab.db`
  // The service checks its pages, and may be writing them.
  examineDatabase(databaseFile, { hasLog: await hasLog(databaseFile), isWhole: false })
  const database = stack.use(
    await openSqlite(databaseFile, { journal: await journalFor(databaseFile), migrating: false }),
  )
  const store = createEnvironmentStore(database)
  const engine = stack.use(createDockerEngine({ ...config.engine, readText, lookThroughProcess }))
  const startedAt = systemClock.now()
  const rest = stack.move()
  return {
    wording: { notebook: config.notebook, publicUrl: config.publicUrl },
    plan: (onSeen) => planMigration({ disk, engine, accounts: createAccountStore(database), store }, map, onSeen),
    apply: (plan, onCarried) => applyMigration({ disk, store }, plan, onCarried),
    report: (plan, result) => migrationReport(plan, result, { startedAt, endedAt: systemClock.now() }),
    save: (report) =>
      disk.writeReport(
        `${new Date(startedAt).toISOString().replaceAll(':', '-')}.json`,
        `${JSON.stringify(report, null, 2)}\n`,
      ),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** Root makes the file for the service's user, who may be the next to migrate. */
async function lockMigrations(dataRoot: string, { isRoot }: { isRoot: boolean }): Promise<Disposable> {
  const file = `${dataRoot}/admin/migrate.lock`
  try {
    await ensurePrivateFile(file, isRoot ? await ownerOfFolder(`${dataRoot}/admin`, dataRoot) : null)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    const whose = `belongs to another user than this one (uid ${process.getuid?.()})`
    throw new Error(`${file} ${whose}. Run this as root, or give it over: ${handOver(file)}`, { cause: error })
  }
  return takeLock(file, 'Another migration into this data root is running.')
}
