/** Backups by restic, and restores. */
import { backupKind, checkKind, createBackups, drillKind } from '../backups/backups.ts'
import { createBeginRestore, restoreKind } from '../backups/begin-restore.ts'
import { createHoldFolder } from '../backups/hold-folder.ts'
import { keepSchedule, scheduler } from '../backups/keep-schedule.ts'
import { createLegacyRestore, createRunLegacyRestore, legacyRestoreKind } from '../backups/legacy-restore.ts'
import { createOpenRepository } from '../backups/open-repository.ts'
import { createRestoreInto, type RestoreIntoUses } from '../backups/restore-into.ts'
import { askedIn, createRunBackup } from '../backups/run-backup.ts'
import { createRunCheck } from '../backups/run-check.ts'
import { createRunDrill } from '../backups/run-drill.ts'
import { createRunRestore } from '../backups/run-restore.ts'
import { createLookAtBackups, type KnownStanding } from '../backups/standing.ts'
import { createTreeBackups } from '../backups/tree-backups.ts'
import { takeLock } from '../database/data-root-lock.ts'
import { recordedLab } from '../database/recorded-lab.ts'
import { createBackupDisk } from '../disk/backup-disk.ts'
import { createBtrfsSnapshots } from '../disk/btrfs-snapshots.ts'
import { readClosedDatabase } from '../disk/database-files.ts'
import { createDrillPlace } from '../disk/drill-place.ts'
import { createLegacyBackups } from '../disk/legacy-backups.ts'
import { createRestorePlaces } from '../disk/restore-places.ts'
import { isOnSameDisk } from '../disk/same-disk.ts'
import { createAskTrialService } from '../disk/trial-service.ts'
import type { BackupStanding } from '../domain/backups/standing.ts'
import { weaknessesOfBackups, weaknessesOfDrills } from '../domain/backups/weaknesses.ts'
import { below } from '../domain/names.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { roomLimits } from '../domain/room.ts'
import {
  createCallerNow,
  createRequireChange,
  createRequireStillChange,
  requireVisibleTree,
} from '../files/entitled.ts'
import { createPutIntoTrash } from '../files/put-into-trash.ts'
import { createSendBackupFile } from '../http/backup-download.ts'
import { backupRoutes } from '../http/routes/backups.ts'
import { personSite, sharedSite } from '../http/routes/files.ts'
import { legacyBackupRoutes } from '../http/routes/legacy-backups.ts'
import { treeBackupRoutes } from '../http/routes/tree-backups.ts'
import { randomOctets, randomUUID } from '../lib/random.ts'
import { nextTime } from '../lib/schedule.ts'
import type { BackupFigures } from '../metrics/backup-metrics.ts'
import { createResticRepository } from '../restic/restic-repository.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { EnvironmentsPart } from './environments.ts'
import type { JobsPart } from './jobs.ts'
import type { PeoplePart } from './people.ts'
import type { ProofPart } from './proof.ts'
import { createResticImage } from './restic-image.ts'
import { remoteKind, resticPlace } from './restic-place.ts'
import type { UsagePart } from './usage.ts'

const takeOverLimitMs = 60_000

export type BackupsPart = Capability & {
  standing: () => Promise<BackupStanding>
  figures: () => BackupFigures
  weaknesses: () => readonly { detail: string; remedy: string }[]
}

export async function assembleBackups(
  base: Base,
  { rights }: PeoplePart,
  { jobs }: JobsPart,
  { prover, untilProven }: ProofPart,
  { usage, count }: UsagePart,
  { standStill }: EnvironmentsPart,
): Promise<BackupsPart> {
  const { engine, dataRoot, hostDataPath, jobStore, openingStore, accounts, trees, clock, config, version } = base
  const { takePlace, closing, onError, copyDatabase } = base
  const { rootId, path: root } = dataRoot
  const { repository: elsewhere, keyFile, schedule, checkSchedule, keep } = config.backups
  const readRecords = async (file: string) => recordedLab(file, await readClosedDatabase(file))
  const disk = createBackupDisk({ root, keyFile, owner: null, takeLock, copyDatabase, readRecords })
  const places = createRestorePlaces({
    root,
    rootId,
    owner: config.owner,
    hadFolder: accounts.hadFolder,
    keepFreeBytes: roomLimits.problem.bytes,
  })
  const hostPathOf = async (folder: string) => below(await hostDataPath.get(), folder)
  const repository = createResticRepository({
    engine,
    image: createResticImage(base.restic, remoteKind(config.backups)),
    repository: () =>
      resticPlace(config.backups, { folder: () => hostPathOf('admin/backups'), dataRoot: hostDataPath.get }),
    key: disk.key,
    user: async () => `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    owner: rootId,
    random: () => Buffer.from(randomOctets(8)).toString('hex'),
  })
  const open = createOpenRepository({ repository, disk, elsewhere })
  const requireProven = async () => {
    const { status, findings } = await prover.prove()
    if (status === 'proven') return
    const detail = 'The data root is not proven, so it is neither backed up nor restored.'
    throw new Problem('data-root-not-proven', detail, { adminDetail: `${detail} ${findings[0]?.detail ?? ''}` })
  }
  const snapshots = createBtrfsSnapshots(root)
  const hold = createHoldFolder({ snapshots, standStill })
  const tidy = () => snapshots.tidy().catch(onError)
  const isOnOwnDisk = await isOnSameDisk(root, elsewhere)
  const ownRoom = isOnOwnDisk ? () => disk.room({ kind: 'admin' }) : null
  const people = async () => [...new Set([...(await disk.people()), ...(await accounts.hadFolders())])]
  const runBackup = createRunBackup({
    ...{
      disk,
      people,
      trees,
      open,
      hold,
      tidy,
      hostPathOf,
      requireProven,
      ownRoom,
      keep,
      rootId,
      version,
      clock,
      onError,
    },
  })
  const ensureFolder = createEnsureFolder(base)
  const toTrash = createToTrash(base)
  const requireChange = createRequireChange(openingStore)
  const requireStillChange = createRequireStillChange({ callerNow: createCallerNow(accounts), requireChange })
  const restoreInto = createRestoreInto({
    places,
    requireProven,
    requireStillChange,
    ensureFolder,
    toTrash,
    storage: { ...usage, count },
    closing,
  })
  const runRestore = createRunRestore({ places, restoreInto, open, hostPathOf, clock })
  const legacy = createLegacyBackups({ root, owner: config.owner })
  const runCheck = createRunCheck({ open, jobs: jobStore })
  const place = createDrillPlace({ root, readRecords, randomId: randomUUID })
  const runDrill = createRunDrill({
    place,
    open,
    requireProven,
    hostPathOf: (path) => hostPathOf(path.slice(root.length + 1)),
    askTrialService: createAskTrialService(root, trialSettings(config)),
  })
  const one = { atOnce: 1, beforeResume: untilProven }
  jobs.define(backupKind, { ...one, run: (job, running) => runBackup(askedIn(job), running) })
  jobs.define(checkKind, { ...one, run: (_, running) => runCheck(running) })
  jobs.define(drillKind, {
    ...one,
    // First of all: a cancel may end the wait.
    beforeResume: async (running) => {
      await place.clear().catch(onError)
      await untilProven(running)
    },
    run: (_, running) => runDrill(running),
  })
  const isHalfDone = async (id: string) => (await places.sealed(id)) !== null
  const restoring = { ...one, isHalfDone, afterEnd: places.remove }
  jobs.define(restoreKind, { ...restoring, run: runRestore })
  jobs.define(legacyRestoreKind, { ...restoring, run: createRunLegacyRestore({ legacy, restoreInto }) })

  const backups = createBackups({ repository, disk, begin: jobs.begin, clock })
  const requirePerson = async (id: UserId) => {
    if (!(await accounts.account(id))) throw new Problem('user-not-found', `There is no user ${id}.`)
  }
  const beginRestore = createBeginRestore({ backups, begin: jobs.begin, requirePerson })
  const legacyRestore = createLegacyRestore({ legacy, begin: jobs.begin, requirePerson })
  const bornAt = createBornAt(base)
  const next = (expression: string | null) => (after: number) =>
    expression === null ? null : nextTime(expression, after)
  const look = createLookAtBackups({ jobs: jobStore, next: next(schedule), bornAt, clock })
  const ofSettings = weaknessesOfBackups({ schedule, isOnSameDisk: isOnOwnDisk })
  let known: KnownStanding | null = null
  const lookNow = async () => {
    known = await look()
    return known
  }
  const weaknesses = () => [...ofSettings, ...weaknessesOfDrills(known?.history ?? null, clock.now())]
  const { requireRoom } = usage
  const requireVisible = requireVisibleTree
  const treeBackups = createTreeBackups({
    backups,
    beginRestore,
    requireVisible,
    requireChange,
    requireRoom,
    account: accounts.account,
    clock,
  })
  const uses = {
    backups,
    treeBackups,
    beginRestore,
    legacyRestore,
    sendBackupFile: createSendBackupFile({ takePlace, rights, closing }),
    standing: lookNow,
    weaknesses,
    jobs,
    takePlace,
    rights,
    closing,
  }
  // A kill during a download leaves its container. If the engine is away, the next backup tries again.
  const endLeftErrands = async (signal: AbortSignal) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(takeOverLimitMs)])
    await repository.takeOver({ signal: limited }).catch((error: unknown) => {
      if (!signal.aborted && !isProblem(error, 'engine-unavailable')) onError(error)
    })
  }
  const scheduled = { jobs: jobStore, bornAt, clock, onError }
  return {
    standing: async () => (await lookNow()).standing,
    figures: () => figuresOf(known),
    weaknesses,
    routes: {
      signedIn: (app) => {
        treeBackupRoutes(app, personSite, '/users/:id/backups', uses)
        treeBackupRoutes(app, sharedSite, '/shared/backups', uses)
      },
      administrators: (app) => {
        backupRoutes(app, uses)
        legacyBackupRoutes(app, uses)
      },
    },
    work: async (signal) => {
      void endLeftErrands(signal)
      const underWay = await jobStore.underWay()
      await places.tidy(new Set(underWay.map(({ id }) => id))).catch(onError)
      if (!underWay.some(({ kind }) => kind === drillKind)) await place.clear().catch(onError)
      const begin = () => backups.begin(scheduler)
      const beginCheck = async () => void ((await disk.wasBegun()) && (await backups.beginCheck(scheduler)))
      await Promise.all([
        schedule && keepSchedule({ ...scheduled, kind: backupKind, begin, next: next(schedule) }, { signal }),
        checkSchedule &&
          keepSchedule({ ...scheduled, kind: checkKind, begin: beginCheck, next: next(checkSchedule) }, { signal }),
      ])
    },
  }
}

/** A trial service knows the catalogue and whom notebooks run as; it gets no other setting, and so no secret. */
function trialSettings({ catalogFile, notebook }: Base['config']): Record<string, string> {
  return { CATALOG_FILE: catalogFile, NB_UID: String(notebook.uid), NB_GID: String(notebook.gid) }
}

/** Only a restore makes a person's folder again that is gone. */
function createEnsureFolder({ dataRoot, trees, accounts }: Base): RestoreIntoUses['ensureFolder'] {
  return async (tree) => {
    if (tree.kind !== 'person') return
    // On a disk that took the place of another while the backup was read, no folder may be made: looking at the tree tells.
    await trees.look(tree, []).catch((error: unknown) => {
      if (!isProblem(error, 'user-folder-unusable')) throw error
    })
    await dataRoot.ensureUserFolder(tree.userId)
    await accounts.recordFolder(tree.userId)
  }
}

function createToTrash({ trees, trashStore, clock, onError }: Base): RestoreIntoUses['toTrash'] {
  const put = createPutIntoTrash({ trees, store: trashStore, clock, onError })
  return async (by, tree, path) => {
    try {
      await put(by, tree, path, {})
    } catch (error) {
      if (!isProblem(error, 'file-not-found')) throw error
    }
  }
}

/** Since when there is something to back up: the first account that there is. */
function createBornAt({ accounts, clock }: Base): () => Promise<number> {
  let born: number | null = null
  return async () => {
    born ??= Math.min(clock.now(), ...(await accounts.administrators()).map(({ createdAt }) => createdAt))
    return born
  }
}

function figuresOf(known: KnownStanding | null): BackupFigures {
  const number = (value: unknown) => (typeof value === 'number' ? value : null)
  return {
    lastDone: known?.history.lastDoneAt ? known.history.lastDoneAt / 1000 : null,
    isDegraded: known?.standing.status === 'degraded',
    lastDrill: known?.history.drill.practisedAt ? known.history.drill.practisedAt / 1000 : null,
    lastBytes: number(known?.last?.result?.bytes),
    lastAddedBytes: number(known?.last?.result?.added_bytes),
  }
}
