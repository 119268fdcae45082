import { z } from 'zod'
import type { IdleAction } from '../idle/idle.ts'
import type { UserId } from '../people/user-id.ts'
import type { ProblemCode } from '../problem.ts'
import type { Image } from './image.ts'

/** What the owner wants. `gone`: the container is to be removed, then the record. The data stays in any case. */
export type DesiredState = 'running' | 'paused' | 'stopped' | 'gone'

/** What people are told, in Docker's own words where it has them. `unknown`: the engine does not answer. */
export const status = z.enum([
  'pending',
  'pulling',
  'creating',
  'starting',
  'running',
  'paused',
  'stopping',
  'exited',
  'failed',
  'unknown',
])
export type Status = z.infer<typeof status>

export type Resources = { memoryBytes: number; cpuCores: number; gpus: number; pids: number }

/** What to run, fixed when the environment was created: a later change of the catalogue does not change it. */
export type Launch = {
  type: 'jupyter' | 'vscode'
  image: string
  command: string[]
  environment: Record<string, string>
  port: number
  openPath: string
  readyPath: string
  readyWithinMs: number
}

/** Why an environment failed; `adminDetail` may name paths of the host. `at`: milliseconds since the epoch. */
export type Failure = { code: ProblemCode; detail: string; adminDetail: string; at: number }

/** An environment as recorded: what is desired, and all that is needed to build its container again. */
export type Environment = {
  id: string
  userId: UserId
  name: string
  template: string
  launch: Launch
  /**
   * The image that its containers are made from, whatever its name comes to stand for. `latest`: the one that the name
   * stands for when the next container is made. Null in records of before this was kept: that of its container.
   */
  madeFrom: Image | 'latest' | null
  resources: Resources
  /** The notebook server's own secret. */
  token: string
  /**
   * The port of the engine's host that its containers are published on, so that its URL stays as it is; null before the
   * first, and where the engine is to pick one at each start.
   */
  hostPort: number | null
  desired: DesiredState
  /**
   * A container that was started no later than this is to be started again where it is to run; milliseconds since the
   * epoch, the engine's. Null again once it was.
   */
  restartRequestedAt: number | null
  /** The engine's id of a container that is to be replaced: one that is still there is removed, and made anew. */
  replaceContainer: string | null
  failure: Failure | null
  /** When it did something, or somebody did something with it, as far as is known; null before its first look. */
  lastActivityAt: number | null
  /** What the platform did of its own accord; null once somebody acts. */
  idleAction: IdleAction | null
  createdAt: number
}

/** Of a restart that was asked for while it was not known when the container was started. */
export const whateverItsStart = Number.MAX_SAFE_INTEGER

/** Where an environment's server can be reached from the service. */
export type Address = { host: string; port: number }

/** A container of ours as the engine describes it. */
export type Container = {
  kind: 'container'
  /** The engine's own id: another one after every creation, whatever the name. */
  containerId: string
  name: string
  environmentId: string
  state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
  image: string
  /** The engine's id of the image. */
  imageId: string
  startedAt: number | null
  /** When it ended last, by the engine's clock; null while it runs, and in lists. */
  finishedAt: number | null
  exitCode: number | null
  outOfMemory: boolean
  address: Address | null
  labels: Readonly<Record<string, string>>
  /** Fixed when it was made, whatever the settings are today. */
  mounts: readonly Mount[]
}

/** A folder of the engine's host in a container. */
export type Mount = { source: string; target: string; readOnly: boolean }

/**
 * What a pass saw. `unreachable` says nothing about the container: it is never read as stopped. `foreign`: there is a
 * container, but not one that may be taken for the environment's.
 */
export type Observation =
  | { kind: 'unreachable'; reason: string }
  | { kind: 'foreign'; container: Container; detail: string; adminDetail: string }
  | { kind: 'absent' }
  | Container

/** What the reconciler does for an environment at this moment. */
export type Activity = 'queued' | 'pulling' | 'creating' | 'starting' | 'awaiting-ready' | 'stopping'

/** A name that people give: any script, but nothing that cannot be seen, and neither empty nor all blanks. */
export const givenName = z
  .string()
  .trim()
  .min(1, 'give it a name')
  .max(100, 'at most 100 characters')
  .refine((name) => name.isWellFormed(), 'no half characters')
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'no control characters or line breaks')
