/** The service's table of contents: its capabilities, in the order in which they are opened. They close in reverse. */
import type { Gateway } from '../gateway/gateway.ts'
import { createApp } from '../http/app.ts'
import type { App } from '../http/app-type.ts'
import type { Config } from '../settings/config.ts'
import { assembleBackups } from './backups.ts'
import { type Given, openBase } from './base.ts'
import type { Capability } from './capability.ts'
import { assembleConsole } from './console.ts'
import { assembleEnvironments } from './environments.ts'
import { assembleFiles } from './files.ts'
import { assembleGateway } from './gateway.ts'
import { assembleGuard } from './guard.ts'
import { assembleHealth } from './health.ts'
import { assembleIdleness } from './idleness.ts'
import { assembleJobs } from './jobs.ts'
import { assembleMachine } from './machine.ts'
import { assemblePeople, type PeoplePart } from './people.ts'
import { problemsText } from './problems-text.ts'
import { assembleProof } from './proof.ts'
import { assembleRemovals } from './removals.ts'
import { assembleUsage } from './usage.ts'

export type Service = AsyncDisposable &
  Pick<PeoplePart, 'adminTokenFile' | 'madeAdmin' | 'firstAdminLink'> & {
    app: App
    gateway: Gateway
    dataRoot: { path: string }
    /** Whether it runs in a container: a container keeps the mounts of its start. */
    isInContainer: () => boolean
    /** Aborts when another data root was put in the place of this one: the service has to be opened anew. */
    replaced: AbortSignal
  }

/**
 * Opens the data root and its database, and assembles the service. Its background work runs until it is disposed;
 * environments go on running after that.
 *
 * @throws DataRootNotThere when it can be opened later; Error with a sentence for the administrator
 */
export async function assembleService(config: Config, given: Given): Promise<Service> {
  await using stack = new AsyncDisposableStack()
  const closing = new AbortController()
  const replaced = new AbortController()

  const base = await openBase(config, given, { closing: closing.signal, stack })
  const people = await assemblePeople(base)
  const jobs = assembleJobs(base, people)
  const proof = assembleProof(base, people, { onReplaced: () => replaced.abort() })
  const usage = assembleUsage(base)
  const files = assembleFiles(base, people, jobs, proof, usage)
  const environments = assembleEnvironments(base, proof, people, usage)
  const idleness = assembleIdleness(base, environments)
  await base.seal()
  const backups = await assembleBackups(base, people, jobs, proof, usage, environments)
  const health = assembleHealth(base, proof, environments, people, backups, usage)
  const guard = assembleGuard(base)
  const gateway = stack.use(assembleGateway({ ...base, ...people, onProblem: base.metrics.requests.refused }))
  const pages = assembleConsole(people)
  const machine = assembleMachine(base, environments)
  const removals = assembleRemovals(base, people, jobs, proof, environments, files)
  const work = [jobs, files, usage, backups, machine, removals]
  const capabilities: Capability[] = [health, environments, idleness, people, proof, guard, pages, ...work]

  const { version, logger, metrics } = base
  const app = await createApp(
    {
      authenticate: people.authenticate,
      requests: metrics.requests,
      version,
      publicUrl: config.publicUrl,
      trustProxy: config.trustProxy,
      problemsText,
      logger,
    },
    capabilities.flatMap(({ routes }) => routes ?? []),
  )
  stack.defer(() => app.close())
  const background = Promise.all(capabilities.map(({ work }) => work?.(closing.signal, health.firstLook)))
  stack.defer(async () => {
    closing.abort()
    await background
  })

  await health.firstLook
  const rest = stack.move()
  return {
    app,
    gateway,
    dataRoot: base.dataRoot,
    isInContainer: () => base.ownSource.known() !== null,
    replaced: replaced.signal,
    adminTokenFile: people.adminTokenFile,
    madeAdmin: people.madeAdmin,
    firstAdminLink: people.firstAdminLink,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}
