/** The assembly of `ailab token`. */
import { regainAccess } from '../accounts/first-admin.ts'
import type { MadeToken } from '../commands/token.ts'
import { createAccountStore } from '../database/account-store.ts'
import { openSqlite } from '../database/open.ts'
import { isWritable } from '../disk/files.ts'
import { journalFor } from '../disk/journal.ts'
import { lookAtRoot } from '../disk/open-data-root.ts'
import { systemClock } from '../lib/system-clock.ts'
import { loadConfig } from '../settings/config.ts'

/**
 * Makes a new token of an administrator, whether a service runs or not: it takes no lock of the data root, and never
 * changes the tables.
 *
 * @throws Error with a sentence for the administrator
 */
export async function assembleToken(folder: string): Promise<MadeToken> {
  const { dataDir, hostDataPath } = loadConfig(folder)
  const { path, hasDatabase } = await lookAtRoot(dataDir).catch(refuse)
  if (!hasDatabase) throw noDatabase(path, hostDataPath)
  const file = `${path}/admin/ai-lab.db`
  if (!(await isWritable(file))) throw notAllowed()
  await using database = await openSqlite(file, { journal: await journalFor(file), migrating: false })
  const { account, secret } = await regainAccess({ accounts: createAccountStore(database.db), clock: systemClock })
  return { secret, userId: account.id, dataRoot: path }
}

function refuse(error: unknown): never {
  throw error instanceof Error && 'code' in error && error.code === 'EACCES' ? notAllowed(error) : error
}

function notAllowed(cause?: unknown): Error {
  const uid = process.getuid?.()
  return new Error(
    `User ${uid} may not write the database of the data root. Run this as the user of the service, or as root.`,
    { cause },
  )
}

function noDatabase(path: string, hostDataPath: string | null): Error {
  const elsewhere =
    hostDataPath && hostDataPath !== path
      ? `Is the data root ${hostDataPath}? Then: DATA_DIR='${hostDataPath}' bin/ailab token --admin`
      : 'Start the service, which makes one; or make it anew with `ailab rebuild`, which writes an admin token too.'
  return new Error(`There is no database in ${path}/admin. ${elsewhere}`)
}
