/** Where all state lives: the data root and the database in it, opened for this process alone. */

import { decideOpening } from '../consistency/opening.ts'
import { createAccountStore } from '../database/account-store.ts'
import { takeLock } from '../database/data-root-lock.ts'
import { createEnvironmentStore } from '../database/environment-store.ts'
import { examineDatabase } from '../database/examine.ts'
import { createJobStore } from '../database/job-store.ts'
import { createMachineStore } from '../database/machine-store.ts'
import { type Database, type KeepCopy, openSqlite } from '../database/open.ts'
import { createOpeningStore } from '../database/opening-store.ts'
import { createTrashStore } from '../database/trash-store.ts'
import { createUsageStore } from '../database/usage-store.ts'
import { createDataRoot } from '../disk/data-root.ts'
import { hasLog } from '../disk/database-files.ts'
import { fileIdOf } from '../disk/file-id.ts'
import { ensurePrivateFile } from '../disk/files.ts'
import { journalFor } from '../disk/journal.ts'
import { keepDatabaseCopy } from '../disk/keep-database-copy.ts'
import { layOutDataRoot } from '../disk/lay-out-data-root.ts'
import { lookAtRoot } from '../disk/look-at-root.ts'
import { type OpenedDataRoot, openDataRoot } from '../disk/open-data-root.ts'
import { createFileTrees } from '../disk/trees/file-trees.ts'
import { createKeptNames } from '../disk/trees/kept-names.ts'
import { whyUnusable } from '../disk/why-unusable.ts'
import { roomLimits } from '../domain/room.ts'
import { randomUUID } from '../lib/random.ts'
import { systemCode } from '../lib/system-code.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { DataRoot } from '../ports/data-root.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { FileTrees } from '../ports/file-trees.ts'
import type { JobStore } from '../ports/job-store.ts'
import type { MachineStore } from '../ports/machine-store.ts'
import type { OpeningStore } from '../ports/opening-store.ts'
import type { TrashStore } from '../ports/trash-store.ts'
import type { UsageStore } from '../ports/usage-store.ts'
import type { Config } from '../settings/config.ts'

export type State = AsyncDisposable & {
  dataRoot: DataRoot
  store: EnvironmentStore
  accounts: AccountStore
  jobStore: JobStore
  trashStore: TrashStore
  openingStore: OpeningStore
  trees: FileTrees
  usageRecords: UsageStore
  machineRecords: MachineStore
  /** Rejects when the records cannot be read. */
  ping: Database['ping']
  changes: Database['changes']
  copyDatabase: Database['copyTo']
  /** Marks the data root as begun. Call it once everything that a first start makes is there. */
  seal: OpenedDataRoot['seal']
}

type Uses = {
  engine: Engine
  clock: Clock
  /** Called once the tables of the database were changed; `copy` is of before. */
  onUpgrade: (copy: KeptCopy) => void
}

type KeptCopy = { file: string; tables: string }

/** @throws DataRootNotThere when it can be opened later; Error with a sentence for the administrator */
export async function openState(config: Config, uses: Uses): Promise<State> {
  const opened = await openRoot(config, uses.engine)
  try {
    return await openRecords(opened, config, uses)
  } catch (error) {
    throw await withReason(error, `${opened.path}/admin`)
  }
}

async function openRecords(
  opened: OpenedDataRoot,
  config: Config,
  { clock, onUpgrade }: Pick<Uses, 'clock' | 'onUpgrade'>,
): Promise<State> {
  await using stack = new AsyncDisposableStack()
  const databaseFile = `${opened.path}/admin/ai-lab.db`
  stack.use(takeLock(`${opened.path}/admin/backend.lock`))
  await ensurePrivateFile(databaseFile)
  examineDatabase(databaseFile, { hasLog: await hasLog(databaseFile) })
  const databaseId = await fileIdOf(databaseFile)
  if (!databaseId) throw new Error(`The database ${databaseFile} went away while it was opened.`)
  const copies: KeptCopy[] = []
  const keepCopy: KeepCopy = async ({ tables, bytes }, write) => {
    const file = await keepDatabaseCopy({ databaseFile, tables, bytes, atMs: clock.now() }, write)
    copies.push({ file, tables })
  }
  const database = stack.use(await openSqlite(databaseFile, { journal: await journalFor(databaseFile), keepCopy }))
  copies.forEach(onUpgrade) // only now: a change that fails is tried again every two seconds
  const { notebook, owner, threads } = config
  const dataRoot = createDataRoot({ ...opened, databaseId, notebook, mayGiveAway: owner !== null, now: clock.now })
  const accounts = createAccountStore(database)
  const rest = stack.move()
  return {
    dataRoot,
    store: createEnvironmentStore(database),
    accounts,
    jobStore: createJobStore(database),
    trashStore: createTrashStore(database),
    openingStore: createOpeningStore(database),
    trees: createFileTrees({
      ...{ root: opened.path, rootId: opened.rootId, owner, threads, keptNames: createKeptNames(clock) },
      hadFolder: accounts.hadFolder,
      keepFreeBytes: roomLimits.problem.bytes,
    }),
    usageRecords: createUsageStore(database),
    machineRecords: createMachineStore(database),
    ping: database.ping,
    changes: database.changes,
    copyDatabase: database.copyTo,
    seal: opened.seal,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** SQLite says of a full disk, and of a file of another user, little more than that it could not open one. */
async function withReason(error: unknown, folder: string): Promise<unknown> {
  if (systemCode(error) === null) return error
  const why = await whyUnusable(folder).catch(() => null)
  return why === null ? error : new Error(`The records of the service cannot be opened. ${why}`, { cause: error })
}

async function openRoot({ dataDir, hostDataPath, owner }: Config, engine: Engine): Promise<OpenedDataRoot> {
  const opening = await decideOpening({ dataDir, look: () => lookAtRoot(dataDir), engine, hostDataPath })
  return opening.kind === 'open'
    ? openDataRoot(dataDir, opening.rootId)
    : layOutDataRoot(dataDir, opening.rootId ?? randomUUID(), owner)
}
