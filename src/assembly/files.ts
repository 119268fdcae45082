/** The files of people and the shared ones, and the trash. */

import { createUserFolders } from '../accounts/user-folders.ts'
import { requireTier } from '../accounts/users.ts'
import { roomAt } from '../disk/room.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { checksumKind, createBeginChecksum, createRunChecksum } from '../files/checksums.ts'
import { copyKind, createBeginCopy, createRunCopy } from '../files/copies.ts'
import { createDatasets, createFactsOf, createRunVerify, type Facts, verifyKind } from '../files/datasets.ts'
import { createCallerNow, createRequireChange, createRequireCopier, createRequireStill } from '../files/entitled.ts'
import { createFiles } from '../files/files.ts'
import { createFolderOpenings } from '../files/openings.ts'
import { createTrash } from '../files/trash.ts'
import { datasetRoutes } from '../http/routes/datasets.ts'
import { fileRoutes, personSite, sharedSite } from '../http/routes/files.ts'
import { folderOpeningRoutes } from '../http/routes/folder-openings.ts'
import { trashRoutes } from '../http/routes/trash.ts'
import { uploadRoutes } from '../http/routes/uploads.ts'
import { octetsOf } from '../lib/octets.ts'
import { sha256OfPieces } from '../lib/sha256.ts'
import { createThread } from '../lib/thread.ts'
import type { UploadServer } from '../ports/upload-server.ts'
import { createUploadServer } from '../tus/upload-server.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { JobsPart } from './jobs.ts'
import type { PeoplePart } from './people.ts'
import type { ProofPart } from './proof.ts'
import type { UsagePart } from './usage.ts'

const copiesAtOnce = 2
const verificationsAtOnce = 1
const checksumsAtOnce = 2
const datasetReader = new URL('../read-dataset.ts', import.meta.url)
const readingLimits = { what: 'Reading it', limitMs: 5_000, memoryMebibytes: 64 }
const expiredEveryMs = 3_600_000

export type FilesPart = Capability & { uploads: Pick<UploadServer, 'removeUnfinishedOf'> }

export function assembleFiles(
  base: Base,
  { rights }: PeoplePart,
  { jobs }: JobsPart,
  { untilProven: beforeResume }: Pick<ProofPart, 'untilProven'>,
  { usage, figuresOf }: UsagePart,
): FilesPart {
  const {
    stack,
    trees,
    trashStore,
    openingStore,
    jobStore,
    catalog,
    accounts,
    dataRoot,
    clock,
    config,
    takePlace,
    closing,
    onError,
  } = base
  const { trashKeepMs, publicUrl } = config
  const callerNow = createCallerNow(accounts)
  const requireChange = createRequireChange(openingStore)
  const requireCopier = createRequireCopier({ callerNow, requireChange })
  const requireStill = createRequireStill({ callerNow, requireChange })
  const openings = createFolderOpenings({
    ...{ store: openingStore, trees, accounts, clock },
    requireTier: (tier) => requireTier(catalog, tier),
  })
  const roomOfUploads = () => roomAt(`${dataRoot.path}/admin`)
  const rightsToChange = { requireChange, requireStill }
  const folders = createUserFolders({ dataRoot, accounts })
  const files = createFiles({
    ...{ trees, accounts, folders, storage: usage, ...rightsToChange, roomOfUploads },
    waitingBytesOf: (userId, without) => uploads.waitingBytesOf(userId, without),
  })
  const trash = createTrash({
    ...{ trees, store: trashStore, clock, ...rightsToChange, keepMs: trashKeepMs, onError },
    ...{ requireTrashRoom: usage.requireTrashRoom, cameBack: usage.cameBack },
    since: async (id) => (await accounts.account(id))?.createdAt ?? null,
    ensureUserFolder: folders.ensureUserFolder,
  })
  const beginCopy = createBeginCopy({ begin: jobs.begin, prepare: files.requireFree })
  const { promiseCopy } = files
  const runCopy = createRunCopy({ trees, requireCopier, promiseCopy, wrote: usage.wrote })
  jobs.define(copyKind, { atOnce: copiesAtOnce, beforeResume, run: runCopy })
  const reader = stack.use(createThread<string, Facts>(datasetReader, readingLimits))
  const reading = { trees, factsOf: createFactsOf({ trees, read: reader.call, clock }) }
  const newestVerifications = (keys: readonly string[]) => jobStore.newestDone(verifyKind, keys)
  const datasets = createDatasets({
    ...{ ...reading, beginCopy, begin: jobs.begin, requireChange },
    newestVerifications,
  })
  jobs.define(verifyKind, {
    atOnce: verificationsAtOnce,
    beforeResume,
    keepsLastOfEachKey: true,
    run: createRunVerify({ ...reading, callerNow, sha256Of: sha256OfPieces }),
  })
  const beginChecksum = createBeginChecksum({ begin: jobs.begin, trees })
  jobs.define(checksumKind, {
    atOnce: checksumsAtOnce,
    beforeResume,
    run: createRunChecksum({ trees, callerNow, sha256Of: sha256OfPieces }),
  })
  const uploads = createUploadServer({ directory: `${dataRoot.path}/admin/uploads`, files, publicUrl, writeWhole })
  const uses = { files, trash, trashKeepMs, beginCopy, beginChecksum, jobs, takePlace, rights, closing }
  async function removeExpired(closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      await uploads.removeExpired().catch(onError)
      await clock.sleep(expiredEveryMs, { signal: closing })
    }
  }

  return {
    uploads,
    routes: {
      signedIn: (app) => {
        fileRoutes(app, sharedSite, uses)
        fileRoutes(app, personSite, uses)
        trashRoutes(app, uses)
        datasetRoutes(app, { ...uses, datasets, figuresOf: (name) => figuresOf(`shared/datasets/${octetsOf(name)}`) })
        uploadRoutes(app, { ...uses, uploads, publicUrl })
      },
      administrators: (app) => folderOpeningRoutes(app, { openings }),
    },
    work: (closing) => Promise.all([trash.work(closing), removeExpired(closing)]),
  }
}
