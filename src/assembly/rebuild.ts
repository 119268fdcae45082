/** The assembly of `ailab rebuild`. */
import { rename } from 'node:fs/promises'
import { ensureFirstAdmin } from '../accounts/first-admin.ts'
import type { RebuildOutcome } from '../commands/rebuild.ts'
import { createAccountStore } from '../database/account-store.ts'
import { takeLock } from '../database/data-root-lock.ts'
import { createEnvironmentStore } from '../database/environment-store.ts'
import { openSqlite } from '../database/open.ts'
import { filesBeside, removeDatabase } from '../disk/database-files.ts'
import { ensurePrivateFile, layFolder, ownerOfFolder, sync } from '../disk/files.ts'
import { journalFor } from '../disk/journal.ts'
import { lookAtRoot } from '../disk/look-at-root.ts'
import { userFolders } from '../disk/user-folders.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { createOrphans } from '../environments/orphans.ts'
import { rebuild } from '../environments/rebuild.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { systemClock } from '../lib/system-clock.ts'
import { loadConfig } from '../settings/config.ts'
import { loadCatalog } from '../settings/load-catalog.ts'

/**
 * Makes a new database for a data root that lost its own. The file gets its name only when it is whole and the lock of
 * the data root is free: a service that waits for a database opens it the moment it sees one. If an attempt was cut
 * short, the next one begins anew.
 *
 * @throws Error with a sentence for the administrator
 */
export async function assembleRebuild(folder: string): Promise<RebuildOutcome> {
  const config = loadConfig(folder)
  const catalog = await loadCatalog(config.catalogFile)
  const { path, rootId } = await requireLost(config.dataDir)
  // Root makes the files for the service, which is often another user.
  const owner = process.getuid?.() === 0 ? await ownerOfFolder(`${path}/admin`, path) : null
  await layFolder(`${path}/admin`, { mode: 0o700, owner })
  for (const name of ['rebuild.lock', 'backend.lock']) await ensurePrivateFile(`${path}/admin/${name}`, owner)
  using _lock = takeLock(`${path}/admin/rebuild.lock`, 'Another rebuild of this data root is running.')
  using engine = createDockerEngine({
    ...config.engine,
    readText: async () => null,
    lookThroughProcess: async () => null,
  })
  const draft = `${path}/admin/ai-lab.db.rebuilding`
  await removeDatabase(draft)
  await ensurePrivateFile(draft, owner)
  const adminTokenFile = `${path}/admin/first-admin-token`
  const rebuilt = await fillAlone()
  await requireRoom() // somebody may have put the old one back meanwhile
  await rename(draft, `${path}/admin/ai-lab.db`)
  await sync(`${path}/admin`)
  return { ...rebuilt, adminTokenFile }

  async function fillAlone() {
    using _lock = takeLock(`${path}/admin/backend.lock`)
    await requireRoom()
    return await fill(draft)
  }

  /** Only under the lock of rebuilds: before, the log may be that of a database which another one has just made. */
  async function requireRoom(): Promise<void> {
    await requireLost(config.dataDir)
    const left = await filesBeside(`${path}/admin/ai-lab.db`)
    if (left.length > 0) throw leftBehind(`${path}/admin`, left)
  }

  async function fill(file: string) {
    await using database = await openSqlite(file, { journal: await journalFor(file) })
    const accounts = createAccountStore(database)
    const store = createEnvironmentStore(database)
    const clock = systemClock
    const tiers = Object.keys(catalog.tiers)
    await ensureFirstAdmin({
      accounts,
      tier: tiers.at(-1) ?? 'default',
      clock,
      deliver: (secret) => writeWhole(adminTokenFile, `${secret}\n`, 0o600, owner),
    })
    const orphans = createOrphans({ engine, store, accounts, catalog, rootId, wake: () => {}, clock })
    const folders = await userFolders(path)
    return await rebuild({ orphans, accounts, folders, rootId, tier: tiers[0] ?? 'default', clock })
  }
}

/** @throws Error unless it is a data root without a database */
async function requireLost(dataDir: string): Promise<{ path: string; rootId: string }> {
  const { path, markers, hasDatabase } = await lookAtRoot(dataDir)
  const rootId = markers['']
  if (rootId === null) throw new Error(`${path} is no data root: there is no marker .ai-lab-root in it.`)
  if (hasDatabase) throw new Error(`${path} has a database. It is left as it is; there is nothing to rebuild.`)
  return { path, rootId }
}

function leftBehind(admin: string, files: readonly string[]): Error {
  const away = shellQuote(`${admin}/lost-databases/${new Date(systemClock.now()).toISOString()}`)
  const command = `mkdir -p -m 700 ${away} && mv ${files.map(shellQuote).join(' ')} ${away}`
  return new Error(
    `The lost database left ${files.join(', ')}. SQLite would spoil a new database with them. Move them away, and run this again: ${command}`,
  )
}
