import type { Owner } from '../domain/people/notebook-user.ts'
import type { Finding } from '../domain/proof/proof.ts'
import type { Engine } from '../ports/engine.ts'
import type { HostNetwork } from '../ports/host-network.ts'
import type { Site } from '../ports/site.ts'
import type { BackupsSight, DoctorSettings, ServiceSight, StorageSight } from './observations.ts'

/** A data root as the proof needs it. */
export type ProvableRoot = { path: string; rootId: string; hostPath: string; notebook: Owner }

export type GatherUses = {
  /** The folder of production.env and the compose file. */
  folder: string
  home: string
  self: Owner
  readSettings: () => DoctorSettings
  parseYaml: (text: string) => unknown
  engine: Pick<
    Engine,
    'info' | 'inspect' | 'list' | 'findImage' | 'namelessImages' | 'variable' | 'ownMountSource' | 'bridge'
  >
  site: Site
  firewall: Pick<HostNetwork, 'rules'>
  /** The faults of the database's file, in sentences with the cure; null if there are none. */
  troubleOfDatabase: (file: string) => Promise<string | null>
  /** By environment of the database: the id of the image from which it is made; null if none is recorded. */
  recordedImages: (file: string) => Promise<ReadonlyMap<string, string | null>>
  /** People's folders against the storage of their tiers. `root`: the data root, with its database. */
  storage: (root: string) => Promise<StorageSight>
  /** How the lab is backed up. `inImage`: the service runs in a container, with the programs of its image. */
  backups: (root: string, how: { keyFile: string | null; inImage: boolean }) => Promise<BackupsSight>
  /** The faults of the data root: parts 1 to 3 of the proof. */
  prove: (root: ProvableRoot) => Promise<Finding[]>
  /** The same, and the faults of each environment: all parts. */
  examine: (root: ProvableRoot) => Promise<Finding[]>
  /** Why the service would not begin a new data root in a folder that holds none; null if it would. */
  whyNoRoot: (dataDir: string, hostPath: string) => Promise<Finding | null>
  /** The program that listens in the service's place; null if none does. */
  askService: (at: { host: string; port: number }, options: { signal: AbortSignal }) => Promise<ServiceSight | null>
  /** Names of containers that mount a host path, or something below it; left out if the engine cannot tell. */
  containersMounting?: (hostPath: string) => Promise<string[]>
  /** Called as each look begins, for people who wait. */
  onLook?: (what: string) => void
}

/** How long each look may take, in milliseconds. The limits of the calls within them are shorter. */
export const limits = { engineMs: 5_000, diskMs: 4_000, peopleMs: 15_000, proofMs: 30_000, serviceMs: 2_000 } as const

/** People's folders beyond this number are not looked at. */
export const mostPeople = 10_000
