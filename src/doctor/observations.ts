import type { BackupHistory } from '../domain/backups/standing.ts'
import type { ComposeMount, Variables } from '../domain/doctor/compose-file.ts'
import type { Container } from '../domain/environment/environment.ts'
import type { Outdated } from '../domain/environment/outdated.ts'
import type { Weakness } from '../domain/gateway/shared-origin.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { Finding } from '../domain/proof/proof.ts'
import type { EngineInfo } from '../ports/engine.ts'
import type { RootLook, Space, UserEntry } from '../ports/site.ts'
import type { Sight } from './attempt.ts'

/** The settings as the doctor needs them; a wrong setting has its default here. */
export type DoctorSettings = {
  /** `null` if the file is missing; `text` if it could be read. */
  file: { path: string; example: string; bytes: Uint8Array | null; trouble: string | null }
  fromFile: Variables
  fromDotEnv: Variables
  fromProcess: Variables
  mistakes: readonly string[]
  port: number
  host: string
  /** The name of the backend's container in Compose. */
  backendName: string
  dataDir: string
  hostDataPath: string | null
  dockerHost: string
  /** The folder of the certificates if the engine is reached over TLS, else null. */
  dockerCertPath: string | null
  sharedMode: 'ro' | 'rw'
  notebookIds: { uid?: number | undefined; gid?: number | undefined }
  /** Those of ENVIRONMENTS_URL and PUBLIC_URL. */
  weaknesses: readonly Weakness[]
  legacyDataPaths: readonly string[]
  blockedNetworks: readonly string[]
  catalogFile: string
  /** The file with the key of the backups, as the service itself knows it. */
  backupKeyFile: string
  /** The same on the host of a Compose file; null if it is not set. */
  hostBackupKey: string | null
  /** The repository's path on the engine's host; null: in the data root. */
  backupRepository: string | null
  /** A cron expression; null: never. */
  backupSchedule: string | null
}

/** The service's answers to its health calls; `live` is false if another program answers. */
export type ServiceSight = { live: boolean; health: { status: string; words: string[] } | null }

export type LegacySight = {
  path: string
  entries: Sight<number | null>
  isDataRoot: boolean
  containers: Sight<string[]>
}

/** The place where the doctor runs, and the backend's data root as seen from there. */
export type Standpoint = {
  place: 'host' | 'container'
  /** How the backend runs: with Compose, or as a process of this host. */
  deployment: 'compose' | 'process'
  dataDir: string
  /** The source of `dataDir`, in words. */
  saidBy: string
  /** The data root as the engine's host sees it. */
  hostPath: string
  /** The user that runs the service. */
  service: Owner
  notebook: Owner
  /** The user that runs the doctor itself. */
  self: Owner
}

/** What environments were made from another image than its name stands for now, and what images of ours nothing needs. */
export type ImagesSight = { outdated: Outdated[]; leftBehind: { id: string; bytes: number }[] }

/** People's folders against the storage of their tiers. */
export type StorageSight = {
  quotas: { kind: 'on' } | { kind: 'off'; isBtrfs: boolean; reason: string }
  /** `setBytes`: the limit that the file system has. */
  people: { id: UserId; limitBytes: number | null; isSubvolume: boolean; setBytes: number | null }[]
}

/** How the lab is backed up, from its records and its files. */
export type BackupsSight = {
  history: BackupHistory
  /** Since when there is something to back up. */
  bornAt: number
  now: number
  /** The time between two scheduled backups; null without a schedule. */
  everyMs: number | null
  /**
   * `lost`: the file is missing or empty, and there was a key. `another`: it is not the key of the backups. `unreadable`: the doctor may
   * not look.
   */
  key: 'there' | 'missing' | 'lost' | 'another' | 'unreadable'
  /** Null if the service has another machine's program, that of its image. */
  hasRestic: boolean | null
  isOnSameDisk: boolean | null
}

/** All observations; the checks judge them. */
export type Observations = {
  folder: string
  settings: DoctorSettings
  standpoint: Standpoint
  /** The folders in which the doctor looked for a data root, in words, each with its source. */
  lookedAt: readonly string[]
  engine: Sight<EngineInfo>
  /** The host path of the doctor's own mount of the data root, if it runs in a container. */
  ownMount: string | null
  /**
   * The container that Compose made from this folder; `declared` is its HOST_DATA_PATH. If Compose made the container of
   * that name from another folder, that folder is `elsewhere`.
   */
  backend: Sight<{
    container: Container | null
    mount: string | null
    declared: string | null
    elsewhere: string | null
  }>
  compose: Sight<{ path: string; withEnvFile: ComposeMount; without: ComposeMount } | null>
  root: Sight<RootLook | null>
  /** The faults of the database, in sentences with the cure; null if there are none. */
  database: Sight<string | null>
  /** People's folders; null if the doctor may not list them. */
  people: Sight<UserEntry[] | null>
  /** The identity of the folder at each path: two paths with one identity are one folder. */
  identities: ReadonlyMap<string, string | null>
  /** The folder that HOST_DATA_PATH names, if it is another one. */
  otherRoot: Sight<RootLook | null>
  /** If there is no root: why the service would wait instead of beginning one; null if it would begin one. */
  noRoot: Sight<Finding | null>
  /** The faults of the data root and of each environment. */
  proof: Sight<Finding[]>
  /** Whether the proof holds if HOST_DATA_PATH names the data root itself: then that value is certain. */
  candidateProven: boolean
  space: Sight<Space[]>
  /** Null if there is no data root with a database. */
  storage: Sight<StorageSight | null>
  /** Null if there is no data root with a database. */
  backups: Sight<BackupsSight | null>
  socketGroup: Sight<number | null>
  /** Null if there is no data root with a database. */
  images: Sight<ImagesSight | null>
  /** The machine's interface of the environments' network. */
  bridge: Sight<string>
  /** The rules of the machine's firewall. */
  rules: Sight<string>
  legacy: readonly LegacySight[]
  service: Sight<ServiceSight | null>
}
