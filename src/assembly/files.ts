/** The files of people and the shared ones, and the trash. */

import { copyKind, createBeginCopy, createRunCopy } from '../files/copies.ts'
import { createFiles } from '../files/files.ts'
import { createTrash } from '../files/trash.ts'
import { fileRoutes, personSite, sharedSite } from '../http/routes/files.ts'
import { trashRoutes } from '../http/routes/trash.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { JobsPart } from './jobs.ts'
import type { PeoplePart } from './people.ts'

const copiesAtOnce = 2

export function assembleFiles(base: Base, { rights }: PeoplePart, { jobs }: JobsPart): Capability {
  const { trees, trashStore, accounts, dataRoot, clock, config, takePlace, closing, onError } = base
  const { trashKeepMs } = config
  const files = createFiles({ trees, accounts, dataRoot })
  const trash = createTrash({ trees, store: trashStore, clock, keepMs: trashKeepMs, onError })
  const beginCopy = createBeginCopy({ begin: jobs.begin, prepare: files.requireFree })
  jobs.define(copyKind, { atOnce: copiesAtOnce, run: createRunCopy({ trees }) })
  const uses = { files, trash, trashKeepMs, beginCopy, jobs, takePlace, rights, closing }
  return {
    routes: {
      signedIn: (app) => {
        fileRoutes(app, sharedSite, uses)
        fileRoutes(app, personSite, uses)
        trashRoutes(app, uses)
      },
    },
    work: (closing) => trash.work(closing),
  }
}
