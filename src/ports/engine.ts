import type { ContainerSpec } from '../domain/environment/container-spec.ts'
import type { Container } from '../domain/environment/environment.ts'
import type { ImageSight } from '../domain/environment/image.ts'
import type { PullProgress } from '../domain/environment/pull.ts'
import type { InsideSight } from '../domain/proof/compare-mounts.ts'

export type EngineInfo = { version: string; apiVersion: string }

/** Bytes and counts as measured by the engine at one instant. */
export type ContainerStats = {
  /** Of one core: two busy cores are 200. */
  cpuPercent: number
  memoryBytes: number
  memoryLimitBytes: number
  networkReceivedBytes: number
  networkSentBytes: number
  blockReadBytes: number
  blockWrittenBytes: number
  pids: number
}

export type LogLine = { stream: 'stdout' | 'stderr'; text: string }
/** `isCut`: there are more lines among those asked for, too many to be kept. */
export type LogTail = { lines: LogLine[]; isCut: boolean }

/** A file's state as the engine sees it through a bind; times in nanoseconds, as text. */
export type FileSight = { sizeBytes: number; modifiedNs: string }

export type EngineEvent = { environmentId: string; action: string; at: number }

/** The mark by which an engine remembers that it has served a data root on a path of its host. */
export type Witness = { name: string; rootId: string; hostPath: string }

/** A container, ours or not, that has a folder of the host mounted. */
export type MountingContainer = Pick<Container, 'name' | 'state' | 'labels' | 'mounts'> & { id: string }

/** Takes a piece of output as it is, byte for byte. The errand waits while its reader is busy. If it throws, the errand is killed. */
export type OnOutput = (piece: Uint8Array) => Promise<void>

/**
 * An errand: a container that runs one program to its end and is then removed. The program sees nothing but its image and
 * these mounts.
 */
export type Errand = {
  name: string
  image: string
  labels: Readonly<Record<string, string>>
  command: readonly string[]
  env: Readonly<Record<string, string>>
  /** `uid:gid` */
  user: string
  /** The only capabilities that it may have, as `DAC_OVERRIDE`. */
  capabilities: readonly string[]
  mounts: readonly { source: string; target: string; readOnly: boolean }[]
  memoryBytes: number
  /** Whether it may use the network of the engine's host; otherwise it has none. */
  needsNetwork?: boolean
  /** The first line of its standard input: other than the command and the variables, it is in no file that the program sees. */
  secret: string
}

type Options = { signal?: AbortSignal }

/**
 * A container engine, as far as the service needs one. Containers are named by environment ids.
 *
 * Every call has a time limit of its own and rejects with a Problem: `engine-unavailable` when the engine does not
 * answer, answers 5xx or is too slow (nothing is then known of the container), `engine-refused` with the engine's
 * words when it refuses, `no-room`, `image-unavailable`. Repeating a call that was done already is harmless.
 */
export interface Engine {
  /** Whether it runs on the service's own kernel: then device and inode numbers mean the same to both. */
  readonly sameMachine: boolean

  info(options?: Options): Promise<EngineInfo>
  /** How many CPUs the engine's machine has: no container may ask for more. */
  cpus(options?: Options): Promise<number>

  /** The container with that name, else a container with that environment's label, else null. */
  inspect(id: string, options?: Options): Promise<Container | null>

  /**
   * All containers of environments, running or not, of any data root. One cheap call for all of them, so `startedAt` is
   * always null and `outOfMemory` always false: `inspect` tells.
   */
  list(options?: Options): Promise<Container[]>

  /**
   * Makes a container and gives the engine's own id of it. If there is one under that name and label already, it is
   * left as it is.
   * @throws Problem image-unavailable when the engine does not have the image, data-root-not-proven when a mount's
   * source is missing (`start` does too), engine-refused when the name is taken by another's container
   */
  create(spec: ContainerSpec, options?: Options): Promise<string>
  /** Takes an engine's own id too, as `stop`, `pause`, `unpause` and `remove` do. */
  start(id: string, options?: Options): Promise<void>
  /** Asks the processes to end, and kills them after `graceSeconds`. */
  stop(id: string, graceSeconds: number, options?: Options): Promise<void>
  pause(id: string, options?: Options): Promise<void>
  unpause(id: string, options?: Options): Promise<void>
  /** Kills and removes the container with its writable layer. Mounted data stays. */
  remove(id: string, options?: Options): Promise<void>

  /** The image behind a name, an id, or a digest (`name@sha256:…`); null if the engine has none. */
  findImage(reference: string, options?: Options): Promise<ImageSight | null>
  /**
   * Images with that label that have lost their name, and from which no container was made, ours or not. `bytes`: with what they
   * share with other images.
   */
  namelessImages(label: string, options?: Options): Promise<{ id: string; bytes: number }[]>
  /** @throws Problem image-unavailable with the registry's words */
  pull(image: string, onProgress: (progress: PullProgress) => void, options?: Options): Promise<void>

  /**
   * The last `tail` lines, cut to the newest 1 Mi characters. Null when there is no container, or it is being removed. A log
   * spans restarts: `since`, milliseconds since the epoch by the engine's clock, leaves out all earlier lines.
   */
  logs(id: string, tail: number, options?: Options & { since?: number | null }): Promise<LogTail | null>
  /**
   * The last `tail` lines, then each new one as it comes, until the container stops or the signal aborts.
   * Ends at once when there is no container, or it is being removed.
   */
  followLogs(id: string, tail: number, options: { signal: AbortSignal }): AsyncIterable<LogLine>
  /** Takes up to two seconds. Null if the container is not up, or not there; a paused container is up. */
  stats(id: string, options?: Options): Promise<ContainerStats | null>
  /** CPU time of all its processes since it was started, in milliseconds. Takes up to a second. Null in the same cases. */
  cpuTimeMs(id: string, options?: Options): Promise<number | null>

  /**
   * State of files below a folder of the engine's host, as a mount made at this moment would show them; null for a file
   * that is not there or is no regular file. Runs no process and makes no folder: it looks through a container that is
   * never started.
   */
  look(
    probe: { name: string; hostPath: string },
    files: readonly string[],
    options?: Options,
  ): Promise<(FileSight | null)[]>
  /** The text of one such file; null if it is not there, or larger than 4 KiB. */
  read(probe: { name: string; hostPath: string }, file: string, options?: Options): Promise<string | null>

  /**
   * Finds out what the processes of a running container see of the data root: with one short process in the container's
   * own mount namespace or, if its image has no tools for that, from outside. A look that hangs is abandoned, and says
   * so.
   */
  seeInside(id: string, options?: Options): Promise<InsideSight>

  /**
   * Runs an errand without a network to its end, and gives its exit code. The container is gone afterwards, whatever happened.
   * With `onOutput` the lines are those of its errors alone.
   * @throws Problem image-unavailable, data-root-not-proven when a mount's source is missing; the signal's reason on abort
   */
  runErrand(
    errand: Errand,
    onLine: (line: LogLine) => void,
    options?: Options & { onOutput?: OnOutput },
  ): Promise<number>
  /** Kills and removes all errands with that label: those of a process that was killed. */
  endErrands(label: { name: string; value: string; except?: ReadonlySet<string> }, options?: Options): Promise<void>
  /** Makes an image of a tar archive of its files, if the engine has no image of that name. `name`: with its tag. */
  importImage(name: string, tar: () => Promise<Uint8Array>, options?: Options): Promise<void>

  /** All witnesses that this engine keeps, of any data root. */
  witnesses(options?: Options): Promise<Witness[]>
  /** Makes the engine remember a data root; repeating is harmless. */
  keepWitness(witness: Witness, options?: Options): Promise<void>
  /** Makes the engine forget a witness; does nothing if there is none. */
  forgetWitness(name: string, options?: Options): Promise<void>

  /** The value of a variable in a container's environment; null when there is no such container or variable. */
  variable(id: string, name: string, options?: Options): Promise<string | null>

  /** The interface of the engine's host that the environments' network has, or will have once it is made. */
  bridge(options?: Options): Promise<string>

  /** Removes the environments' network. Gives false if running containers are on it, and it stays; true if it is gone. */
  removeNetwork(options?: Options): Promise<boolean>

  /** Removes the container through which this process has looked or read, if it has; the next look makes it again. */
  dropProbe(name: string, options?: Options): Promise<void>

  /** The host path behind a mount of the container that this process runs in; null when it runs in none. */
  ownMountSource(target: string, options?: Options): Promise<string | null>

  /** All containers, ours or not, running or not, with a bind mount of that path of the host or of one below it. */
  containersMounting(hostPath: string, options?: Options): Promise<MountingContainer[]>

  /**
   * Whether somebody asked the engine to stop that container since an instant of the engine's clock. False when it does
   * not remember: engines keep their newest events only, and none over their own restart.
   */
  wasStopped(containerId: string, since: number, options?: Options): Promise<boolean>

  /**
   * The events of environments' containers, from the call on, until the signal aborts or the connection ends or breaks.
   * An event is a hint to look, no more: engines report some things twice.
   */
  events(options: { signal: AbortSignal }): AsyncIterable<EngineEvent>
}
