/** The life of environments: the reconciler, and the doors through which people create, change, watch and adopt them. */

import { cpus, totalmem } from 'node:os'
import { asOfNow as callerAsOfNow } from '../accounts/standing.ts'
import { createUserFolders } from '../accounts/user-folders.ts'
import { createVisits } from '../accounts/visits.ts'
import type { Environment } from '../domain/environment/environment.ts'
import { memoryLimitOf } from '../domain/environment/out-of-memory.ts'
import { startsAtOnce } from '../domain/environment/starts-at-once.ts'
import type { Caller } from '../domain/people/account.ts'
import { createBringUp } from '../environments/bring-up.ts'
import { createChange } from '../environments/change.ts'
import { createEnvironments } from '../environments/create.ts'
import { createFind } from '../environments/find.ts'
import { createFindImages } from '../environments/find-images.ts'
import { createFindRecord } from '../environments/find-record.ts'
import { createFollow } from '../environments/follow.ts'
import { createFollowAll } from '../environments/follow-all.ts'
import { createOpenings } from '../environments/openings.ts'
import { createOrphans } from '../environments/orphans.ts'
import { createRecreate } from '../environments/recreate.ts'
import { createWatch } from '../environments/watch.ts'
import type { Routes } from '../http/app.ts'
import { allEventsRoute } from '../http/routes/all-events.ts'
import { createEnvironmentRoute } from '../http/routes/create-environment.ts'
import { environmentActionRoutes } from '../http/routes/environment-actions.ts'
import { environmentEventsRoute } from '../http/routes/environment-events.ts'
import { environmentMountsRoute } from '../http/routes/environment-mounts.ts'
import { environmentOpeningsRoute } from '../http/routes/environment-openings.ts'
import { environmentOutputRoutes } from '../http/routes/environment-output.ts'
import { environmentRoutes } from '../http/routes/environments.ts'
import { openRoute } from '../http/routes/open.ts'
import { orphanRoutes } from '../http/routes/orphans.ts'
import { templateRoutes } from '../http/routes/templates.ts'
import { httpStatus } from '../lib/http-status.ts'
import { keepUp } from '../reconcile/keep-up.ts'
import { createProgressLog, type ProgressLog } from '../reconcile/progress-log.ts'
import { createPulls } from '../reconcile/pulls.ts'
import { createReconciler, type Reconciler } from '../reconcile/reconciler.ts'
import { createStandStill, createStill, type StandStill, type Still } from '../reconcile/stand-still.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { PeoplePart } from './people.ts'
import type { ProofPart } from './proof.ts'
import { openingsLog, reconcilerLog } from './service-log.ts'
import type { UsagePart } from './usage.ts'

export type EnvironmentsPart = Capability & { reconciler: Reconciler; progress: ProgressLog; standStill: StandStill }

export function assembleEnvironments(
  base: Base,
  proof: ProofPart,
  people: PeoplePart,
  { usage }: Pick<UsagePart, 'usage'>,
): EnvironmentsPart {
  const { engine, clock, onError, stack } = base
  const progress = createProgressLog(clock)
  const still = createStill()
  const reconciler = stack.use(assembleReconciler(base, proof, { progress, still }))
  proof.turned.add(({ status }) => {
    if (status === 'proven') reconciler.sweep().catch(onError)
  })
  return {
    reconciler,
    progress,
    standStill: createStandStill({ still, store: base.store, reconciler, clock }),
    routes: environmentDoors(base, proof, people, { reconciler, progress, usage }),
    work: (closing) => keepUp({ engine, reconciler, clock, onError }, { signal: closing }),
  }
}

function assembleReconciler(
  base: Base,
  { prover }: ProofPart,
  { progress, still }: { progress: ProgressLog; still: Still },
): Reconciler {
  const { engine, store, accounts, catalog, dataRoot, lab, clock, config, logger, metrics } = base
  return createReconciler({
    engine,
    store,
    folders: createUserFolders({ dataRoot, accounts }),
    lab,
    proveWithin: prover.proveWithin,
    standsStill: still.has,
    isProven: () => prover.latest()?.status === 'proven',
    pulls: createPulls({ engine, clock }),
    probe: httpStatus,
    clock,
    startsAtOnce: config.startsAtOnce ?? startsAtOnce({ cores: cpus().length, memoryBytes: totalmem() }),
    log: reconcilerLog(logger, {
      onFailure: metrics.environments.failed,
      onMemoryKill: metrics.environments.ranOutOfMemory,
    }),
    async memoryLimit({ userId, resources }) {
      const owner = await accounts.account(userId)
      return memoryLimitOf(resources, owner?.tier ?? null, catalog.tiers)
    },
    measure: metrics.environments.phase,
    progress,
  })
}

function environmentDoors(
  base: Base,
  { prover, examiner, looked, scene }: ProofPart,
  { rights, authenticate }: PeoplePart,
  { reconciler, progress, usage }: Pick<EnvironmentsPart, 'reconciler' | 'progress'> & Pick<UsagePart, 'usage'>,
): Routes {
  const { engine, store, accounts, catalog, dataRoot, clock, logger, takePlace, closing } = base
  const { prove } = prover
  const { redirect, begin, wake } = reconciler
  const asOfNow = (caller: Caller) => callerAsOfNow(accounts, caller, clock.now())
  const find = createFind({ store, runtime: reconciler.runtime })
  const watch = createWatch({ find, engine, change: reconciler.change, clock })
  const create = createEnvironments({
    catalog,
    store,
    accounts,
    prove,
    asOfNow,
    requireStorage: (id) => usage.requireRoom(id, 'A new environment'),
    begin,
    clock,
  })
  const renamed = ({ id, userId }: Pick<Environment, 'id' | 'userId'>) => reconciler.news.tell({ id, userId })
  const change = createChange({ find, store, redirect, renamed, clock })
  const recreate = createRecreate({ find, store, engine, prove, asOfNow, redirect, clock })
  const follow = createFollow({ find, progress })
  const followAll = createFollowAll({ find, store, news: reconciler.news, proofs: looked })
  const { rootId } = dataRoot
  const orphans = createOrphans({ engine, store, accounts, catalog, rootId, wake, clock })
  const openings = createOpenings({
    store,
    findRecord: createFindRecord(store),
    clock,
    log: openingsLog(logger),
  })
  const visits = createVisits({ accounts, clock })
  const bringUp = createBringUp({ change, watch, closing })
  const waiting = { watch, takePlace, rights, closing }
  const images = Object.values(catalog.templates).map(({ image }) => image)
  const findImages = createFindImages({ engine, images, clock })
  const { environments } = base.config
  return {
    atTop: (app) => {
      openRoute(app, { find, change, bringUp, openings, visits, environments, authenticate })
    },
    signedIn: (app) => {
      templateRoutes(app, { catalog, findImages })
      createEnvironmentRoute(app, { create, find, scene, ...waiting })
      environmentRoutes(app, { find, change, scene, ...waiting })
      environmentActionRoutes(app, { change, recreate, scene, ...waiting })
      environmentOpeningsRoute(app, { openings })
      environmentMountsRoute(app, { find, examiner, takePlace, rights })
      environmentOutputRoutes(app, { watch, takePlace, rights, closing })
      allEventsRoute(app, { followAll, scene, takePlace, rights, closing })
      environmentEventsRoute(app, { follow, eventsFrom: clock.now().toString(36), takePlace, rights, closing })
    },
    administrators: (app) => orphanRoutes(app, { orphans, find, scene, takePlace, rights, asOfNow }),
  }
}
