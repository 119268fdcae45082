/**
 * The calls of dockerode 5 that we use, and the parts of its answers that we read. The published types describe version
 * 4, which lacks `abortSignal` in many calls; only this file corrects them.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ContainerConfig } from './container-config.ts'

type Abortable = { abortSignal: AbortSignal }

export interface Docker {
  modem: Modem
  version(options: Abortable): Promise<{ Version: string; ApiVersion: string }>
  info(options: Abortable): Promise<{ NCPU: number; SystemTime: string }>
  listContainers(options: Abortable & { all: boolean; filters?: Filters }): Promise<Listing[]>
  /** Options outside of `_query` and `_body` would go into both of them, so secrets would be in the URL. */
  createContainer(
    options: Abortable & { _query: { name: string }; _body: ContainerConfig | object },
  ): Promise<{ id: string }>
  getContainer(id: string): DockerContainer
  getExec(id: string): DockerExec
  getImage(name: string): {
    inspect(options: Abortable): Promise<{ Id: string; RepoDigests: string[] | null; Size: number }>
  }
  listImages(options: Abortable & { filters: Filters }): Promise<{ Id: string; Size: number }[]>
  importImage(tar: Buffer, options: Abortable & { repo: string; tag: string }): Promise<IncomingMessage>
  pull(image: string, options: Abortable): Promise<IncomingMessage>
  listVolumes(
    options: Abortable & { filters: Filters },
  ): Promise<{ Volumes: { Name: string; Labels: Record<string, string> | null }[] | null }>
  createVolume(options: Abortable & { Name: string; Labels: Record<string, string> }): Promise<unknown>
  getVolume(name: string): { remove(options: Abortable): Promise<unknown> }
  createNetwork(options: Abortable & Record<string, unknown>): Promise<unknown>
  getNetwork(name: string): {
    inspect(options: Abortable): Promise<{ Id: string; Driver: string; Options: Record<string, string> | null }>
    connect(options: Abortable & { Container: string }): Promise<unknown>
    remove(options: Abortable): Promise<unknown>
  }
  getEvents(options: Abortable & { since: string; until?: string; filters: Filters }): Promise<IncomingMessage>
}

export interface DockerContainer {
  inspect(options: Abortable): Promise<Inspection>
  start(options: Abortable): Promise<unknown>
  stop(options: Abortable & { t: number }): Promise<unknown>
  pause(options: Abortable): Promise<unknown>
  unpause(options: Abortable): Promise<unknown>
  remove(options: Abortable & { force: boolean; v: boolean }): Promise<unknown>
  exec(options: Abortable & { Cmd: string[]; AttachStdout: boolean; AttachStderr: boolean }): Promise<DockerExec>
  wait(options: Abortable & { condition: 'removed' }): Promise<unknown>
  wait(options: Abortable & { condition: 'not-running' }): Promise<{ StatusCode: number }>
  attach(
    options: Abortable & { stream: true; stdin: true; stdout: true; stderr: true; hijack: true },
  ): Promise<IncomingMessage & Duplex>
  stats(options: Abortable & { stream: false; 'one-shot': true }): Promise<Sample>
  infoArchive(options: Abortable & { path: string }): Promise<IncomingMessage>
  getArchive(options: Abortable & { path: string }): Promise<IncomingMessage>
}

export interface DockerExec {
  start(options: Abortable): Promise<IncomingMessage>
  inspect(options: Abortable): Promise<{ Running: boolean; Pid: number }>
}

export interface Modem {
  dial(request: Request, callback: (error: unknown, answer: unknown) => void): void
}

export type Request = {
  path: string
  method: string
  isStream?: boolean
  options: object
  abortSignal: AbortSignal
  statusCodes: Record<number, boolean | string>
}

type Filters = Record<string, string[]>

export type Mounted = { Type?: string; Source: string; Destination: string; RW?: boolean }

/** `GET /containers/{id}/json` */
export type Inspection = {
  Id: string
  Name: string
  /** The id of the image. */
  Image: string
  /** The processes that somebody had the engine start in the container (`exec`); null for none. */
  ExecIDs: string[] | null
  State: {
    Status: string
    Pid: number
    Running: boolean
    OOMKilled: boolean
    ExitCode: number
    StartedAt: string
    FinishedAt: string
  }
  Config: { Image: string; Env: string[] | null; Labels: Record<string, string> | null }
  HostConfig: { NetworkMode: string; Mounts?: { Source: string }[] }
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null }
  Mounts: Mounted[]
}

/** An element of `GET /containers/json` */
export type Listing = {
  Id: string
  Names: string[]
  Image: string
  ImageID: string
  State: string
  Status: string
  Labels: Record<string, string>
  Ports: { IP?: string; PublicPort?: number }[]
  Mounts: Mounted[]
}

/**
 * `GET /containers/{id}/stats`. The engine leaves out figures that the kernel does not give, and all of them if the
 * container has ended.
 */
export type Sample = {
  read?: string
  cpu_stats?: { cpu_usage?: { total_usage?: number } }
  memory_stats?: { usage?: number; limit?: number; stats?: Record<string, number> }
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>
  blkio_stats?: { io_service_bytes_recursive?: { op: string; value: number }[] | null }
  pids_stats?: { current?: number }
}
