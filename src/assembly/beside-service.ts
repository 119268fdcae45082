/** Work on the records beside a service that may run: the base of `ailab gateway`, `open`, `token` and `user`. */
import { createAccountStore } from '../database/account-store.ts'
import { createEnvironmentStore } from '../database/environment-store.ts'
import { troubleOfDatabase } from '../database/examine.ts'
import { openSqlite } from '../database/open.ts'
import { createTrashStore } from '../database/trash-store.ts'
import { createUsageStore } from '../database/usage-store.ts'
import { readClosedDatabase } from '../disk/database-files.ts'
import { fileIdOf } from '../disk/file-id.ts'
import { writability } from '../disk/files.ts'
import { journalFor } from '../disk/journal.ts'
import { lookAtRoot } from '../disk/look-at-root.ts'
import type { FileId } from '../domain/proof/compare-mounts.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { systemCode } from '../lib/system-code.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { TrashStore } from '../ports/trash-store.ts'
import type { UsageStore } from '../ports/usage-store.ts'
import { type Config, loadConfig } from '../settings/config.ts'

export type Beside = {
  accounts: AccountStore
  store: EnvironmentStore
  trashStore: TrashStore
  usageRecords: UsageStore
  /** Rejects when the records cannot be read. */
  ping: () => Promise<void>
  /** Gives another text than before if any record may have changed since. */
  changes: () => string
  dataRoot: string
  databaseFile: string
  /** The file as it was before it was opened: another one there is another database. */
  databaseId: FileId | null
  config: Config
}

/**
 * Does some work on the records of people, whether a service runs or not. `command` is what the person typed after `ailab`.
 *
 * @throws Error with a sentence for the administrator
 */
export async function besideService<T>(
  folder: string,
  command: string,
  work: (beside: Beside) => Promise<T>,
): Promise<T> {
  await using beside = await openBeside(loadConfig(folder), command)
  return await work(beside).catch(noRoom)
}

/**
 * Opens the records beside a service that may run: it takes no lock of the data root, and never changes the tables.
 *
 * @throws Error with a sentence for the administrator
 */
export async function openBeside(
  config: Config,
  command: string,
  { busyMs }: { busyMs?: number } = {},
): Promise<AsyncDisposable & Beside> {
  const { dataDir, hostDataPath } = config
  const { path, hasDatabase, markers } = await lookAtRoot(dataDir).catch(refuse)
  if (!hasDatabase) {
    const isElsewhere = hostDataPath !== null && (await lookAtRoot(hostDataPath)).hasDatabase
    const elsewhere = isElsewhere ? hostDataPath : null
    throw noDatabase({ path, isDataRoot: Object.values(markers).some(Boolean), elsewhere, command })
  }
  const file = `${path}/admin/ai-lab.db`
  await requireWritable(file)
  const trouble = troubleOfDatabase(file, await readClosedDatabase(file))
  if (trouble) throw new Error(trouble)
  const databaseId = await fileIdOf(file)
  const journal = await journalFor(file)
  const database = await openSqlite(file, { journal, migrating: false, ...(busyMs && { busyMs }) }).catch(noRoom)
  return {
    accounts: createAccountStore(database),
    store: createEnvironmentStore(database),
    trashStore: createTrashStore(database),
    usageRecords: createUsageStore(database),
    ping: database.ping,
    changes: database.changes,
    dataRoot: path,
    databaseFile: file,
    databaseId,
    config,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

async function requireWritable(file: string): Promise<void> {
  const found = await writability(file)
  if (found === 'forbidden') throw notAllowed()
  if (found === 'writable') return
  throw new Error(`The file system of ${file} is read-only. See to its disk (findmnt -T, dmesg), and run this again.`)
}

/** The database says no more than "disk I/O error" where its disk is full as it is opened. */
function noRoom(error: unknown): never {
  const code = systemCode(error) ?? ''
  const isFull = ['no-room', 'SQLITE_FULL'].includes(code)
  if (!isFull && !code.startsWith('SQLITE_IOERR')) throw error
  const words = isFull
    ? 'the disk of the data root is full'
    : `${reasonOf(error)}. The disk may be full, its quota used up, or broken: df tells`
  throw new Error(`Nothing was changed: ${words}. Make room, and run this again.`, { cause: error })
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

type Lost = { path: string; isDataRoot: boolean; elsewhere: string | null; command: string }

function noDatabase({ path, isDataRoot, elsewhere, command }: Lost): Error {
  if (elsewhere !== null) {
    return new Error(
      `There is no database in ${path}/admin. Is the data root ${elsewhere}? Then: DATA_DIR=${shellQuote(elsewhere)} bin/ailab ${command}`,
    )
  }
  return new Error(
    isDataRoot
      ? `The database of the data root ${path} is gone. Is the disk of ${path}/admin mounted? If it is, move every ai-lab.db-… that is left there elsewhere, and put the database back from a backup. Or make it anew with \`ailab rebuild\`, which writes an admin token too.`
      : `${path} is no data root: it has no database and no markers. Is its disk mounted? If the lab is new, start the service: it makes the first admin token. \`ailab doctor\` tells more.`,
  )
}
