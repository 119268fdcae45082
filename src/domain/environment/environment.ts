import { z } from 'zod'
import type { IdleAction } from '../idle/idle.ts'
import type { UserId } from '../people/user-id.ts'
import type { ProblemCode } from '../problem.ts'
import type { Image } from './image.ts'

/** The desired state. `gone`: remove the container, then the record. The data stays in any case. */
export type DesiredState = 'running' | 'paused' | 'stopped' | 'gone'

/** The status that people read, in Docker's own words where it has them. `unknown`: the engine does not answer. */
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

/**
 * The kinds of programs that an environment may run. The server of `jupyter` says itself how it is used. The other kinds are in use while
 * somebody sends them something or their processes compute: `vscode` is an editor, `web` any other program with pages.
 */
export const launchType = z.enum(['jupyter', 'vscode', 'web'])

/** The program to run, fixed when the environment was created: a later change of the catalogue does not change it. */
export type Launch = {
  type: z.infer<typeof launchType>
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

/** An environment as recorded: the desired state, and everything that it takes to build its container again. */
export type Environment = {
  id: string
  userId: UserId
  name: string
  template: string
  launch: Launch
  /**
   * The image of its containers, even when the image's name has come to stand for another one. `latest`: take the image
   * that the name stands for when the next container is made. Null in older records, and after a newer image could not be had:
   * the image of the present container.
   */
  madeFrom: Image | 'latest' | null
  resources: Resources
  /** The notebook server's own secret. */
  token: string
  /**
   * The host's port of its containers, kept so that its URL stays the same. Null before the first container, and if the
   * engine picks a port at each start.
   */
  hostPort: number | null
  desired: DesiredState
  /**
   * Restart the container if it was started no later than this and is to run. Milliseconds since the epoch, by the
   * engine's clock. Null again after that restart.
   */
  restartRequestedAt: number | null
  /** The engine's id of a container to replace: while it is there, the service removes it and makes a new one. */
  replaceContainer: string | null
  /**
   * Its container gets none of the person's own packages and settings, as after one of them broke it. Fixed when a
   * container is made, so a change of it takes a new one.
   */
  safe: boolean
  failure: Failure | null
  /** The last known activity, of the environment or of a person who used it; null before the first look. */
  lastActivityAt: number | null
  /** The last act of the platform itself; null again when a person acts. */
  idleAction: IdleAction | null
  upstream: Upstream | null
  /** When memory ran out in it for the last time, by the engine's clock; null if it never did. */
  outOfMemoryAt: number | null
  createdAt: number
}

/** The fields of a record by which a sweep tells whether its environment is as desired. */
export type Outline = Pick<
  Environment,
  | 'id'
  | 'userId'
  | 'desired'
  | 'restartRequestedAt'
  | 'replaceContainer'
  | 'madeFrom'
  | 'safe'
  | 'failure'
  | 'idleAction'
>

/** For a restart that was asked for while the container's start time was not known: it is due whatever that time is. */
export const whateverItsStart = Number.MAX_SAFE_INTEGER

/** The address at which the service reaches an environment's server. */
export type Address = { host: string; port: number }

/**
 * Where the server of an environment answers, recorded when it answers for the first time, until its container has ended. So a
 * gateway leads people to it while the service is away.
 */
export type Upstream = Address & {
  /** The container, and when it was started: after another start the server has yet to answer. */
  containerId: string
  startedAt: number
}

/** A container of ours as the engine describes it. */
export type Container = {
  kind: 'container'
  /** The engine's own id: every new container has another one, even under the same name. */
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
  /** Fixed when the container was made; the settings may have changed since. */
  mounts: readonly Mount[]
}

/** A folder of the engine's host in a container. */
export type Mount = { source: string; target: string; readOnly: boolean }

/**
 * The result of a look at the engine. `unreachable` says nothing about the container: it never means stopped.
 * `foreign`: the engine has a container, but the service must not treat it as the environment's.
 */
export type Observation =
  | { kind: 'unreachable'; reason: string }
  | { kind: 'foreign'; container: Container; detail: string; adminDetail: string }
  | { kind: 'absent' }
  | Container

/** The work of the reconciler for an environment at this moment. */
export type Activity = 'queued' | 'pulling' | 'creating' | 'starting' | 'awaiting-ready' | 'stopping'

/** A name that people give, in any script: no invisible characters, not empty, not only blanks. */
export const givenName = z
  .string()
  .trim()
  .min(1, 'give it a name')
  .max(100, 'at most 100 characters')
  .refine((name) => name.isWellFormed(), 'no half characters')
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'no control characters or line breaks')
