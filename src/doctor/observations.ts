import type { ComposeMount, Variables } from '../domain/doctor/compose-file.ts'
import type { Container } from '../domain/environment/environment.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { Finding } from '../domain/proof/proof.ts'
import type { EngineInfo } from '../ports/engine.ts'
import type { RootLook, Space, UserEntry } from '../ports/site.ts'
import type { Sight } from './attempt.ts'

/** The settings as the doctor needs them; where one is a mistake, its default. */
export type DoctorSettings = {
  /** `null` where the file is not there; `text` where it could be read. */
  file: { path: string; example: string; bytes: Uint8Array | null; trouble: string | null }
  fromFile: Variables
  fromDotEnv: Variables
  fromProcess: Variables
  mistakes: readonly string[]
  port: number
  host: string
  dataDir: string
  hostDataPath: string | null
  dockerHost: string
  sharedMode: 'ro' | 'rw'
  notebookIds: { uid?: number | undefined; gid?: number | undefined }
  legacyDataPaths: readonly string[]
  blockedNetworks: readonly string[]
}

/** What the service answers to its health calls; `live` is false where somebody else answers. */
export type ServiceSight = { live: boolean; health: { status: string; words: string[] } | null }

export type LegacySight = {
  path: string
  entries: Sight<number | null>
  isDataRoot: boolean
  containers: Sight<string[]>
}

/** Where the doctor stands, and which data root is the backend's as seen from there. */
export type Standpoint = {
  place: 'host' | 'container'
  /** Who runs the backend: Compose, or a process of this host. */
  deployment: 'compose' | 'process'
  dataDir: string
  /** Where `dataDir` comes from, in words. */
  saidBy: string
  /** The data root as the engine's host sees it. */
  hostPath: string
  /** Whom the service runs as. */
  service: Owner
  notebook: Owner
  /** Whom the doctor itself runs as. */
  self: Owner
}

/** Everything that was seen; the checks judge it. */
export type Observations = {
  folder: string
  settings: DoctorSettings
  standpoint: Standpoint
  /** The folders that were looked at for a data root, in words with where each comes from. */
  lookedAt: readonly string[]
  engine: Sight<EngineInfo>
  /** The host path of the doctor's own mount of the data root, where it is in a container. */
  ownMount: string | null
  /**
   * The container of Compose's that is of this folder; `declared` is its HOST_DATA_PATH. `elsewhere` is the folder of
   * another one of that name.
   */
  backend: Sight<{
    container: Container | null
    mount: string | null
    declared: string | null
    elsewhere: string | null
  }>
  compose: Sight<{ path: string; withEnvFile: ComposeMount; without: ComposeMount } | null>
  root: Sight<RootLook | null>
  /** What is wrong with the database that is there, in sentences with the cure; null where nothing is. */
  database: Sight<string | null>
  /** People's folders; null where they may not be listed. */
  people: Sight<UserEntry[] | null>
  /** Which folder each path is: two paths with one identity are one folder. */
  identities: ReadonlyMap<string, string | null>
  /** Of the folder that HOST_DATA_PATH names, where it is another one. */
  otherRoot: Sight<RootLook | null>
  /** Why the service would wait instead of beginning a new root where there is none; null where it would begin one. */
  noRoot: Sight<Finding | null>
  /** What is wrong with the data root and with each environment. */
  proof: Sight<Finding[]>
  /** Whether the proof holds with the data root itself as HOST_DATA_PATH: then that value is certain. */
  candidateProven: boolean
  space: Sight<Space[]>
  socketGroup: Sight<number | null>
  /** The machine's interface of the environments' network. */
  bridge: Sight<string>
  /** The rules of the machine's firewall. */
  rules: Sight<string>
  legacy: readonly LegacySight[]
  service: Sight<ServiceSight | null>
}
