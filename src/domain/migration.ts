/** What a migration is made of: the plan as data, and the decisions about one entry. Pure. */
import type { Octets } from '../lib/octets.ts'
import type { UserId } from './user-id.ts'

/** One folder of the legacy root and the folder of this root that it goes into; paths as names from the root. */
export type Haul = {
  from: readonly Octets[]
  to: readonly Octets[]
  /** Whose it is; null for what is nobody's. */
  user: UserId | null
}

/** What is to be done in one folder, and in those below it. Folders without work are not in it. */
export type Branch = {
  /** The legacy folder's name, and the name that it has here. */
  name: Octets
  as: Octets
  isNew: boolean
  items: Item[]
  folders: Branch[]
  /** All names of the legacy folder: none of them may be taken for the other side of a conflict. */
  reserved: ReadonlySet<Octets>
  /** Files of a run that was killed. */
  leftovers: Octets[]
  /** Whether nothing but the legacy folder's content is here, so that the folder gets its time too. */
  setTimes: boolean
}

/** A file or symbolic link to copy; `as` differs from `name` where the two sides of a conflict are kept. */
export type Item = { name: Octets; as: Octets; kind: 'file' | 'link'; dataBytes: number }

export type Tally = { files: number; bytes: number }

/** Something that stays where it is, and why; paths are as people may see them. */
export type Left = { path: string; reason: string }

/** What was found of one haul. */
export type Survey = {
  haul: Haul
  branch: Branch | null
  fresh: Tally
  identical: Tally
  /** Same path, different content: this root keeps its own, the legacy one becomes `keptAs`. */
  conflicts: { path: string; keptAs: string }[]
  /** Conflicts of which both sides are here already. */
  settled: number
  skipped: Left[]
  failed: Left[]
  /** Files with several names: each name becomes a file of its own. */
  hardLinks: number
  /** Entries that will belong to somebody else than whom notebooks run as. */
  foreign: number
  need: { bytes: number; inodes: number }
}

/** Room on one file system of this root. */
export type Room = { device: string; freeBytes: number; freeInodes: number | null }

export type Space = { folders: string[]; neededBytes: number; freeBytes: number; fits: boolean }

/** Temporary names begin so; what has such a name is a leftover of a run that was killed. */
const temporary = /^\.ai-lab-migrate-[0-9a-f]{16}$/

export function isLeftover(name: Octets): boolean {
  return temporary.test(name)
}

export function temporaryName(random: Uint8Array): Octets {
  return `.ai-lab-migrate-${Array.from(random.subarray(0, 8), (octet) => octet.toString(16).padStart(2, '0')).join('')}`
}

/** Names for a legacy entry, best first: its own, then `name.from-legacy`, `name.from-legacy-2`, … */
export function* placesFor(name: Octets): Generator<Octets> {
  yield name
  for (let number = 1; ; number += 1) yield withSuffix(name, `.from-legacy${number > 1 ? `-${number}` : ''}`)
}

const nameOctets = 255

/** A name has at most 255 octets: a longer one is cut, between two characters of UTF-8. */
function withSuffix(name: Octets, suffix: string): Octets {
  let length = Math.min(name.length, nameOctets - suffix.length)
  while (length < name.length && (name.charCodeAt(length) & 0xc0) === 0x80) length -= 1
  return `${name.slice(0, length)}${suffix}`
}

/** What a copy takes of a disk, at least: a file of one octet takes a block. */
export function blocksOf(entry: { sizeBytes: number; allocatedBytes: number }): number {
  return Math.max(entry.allocatedBytes, entry.sizeBytes > 0 ? 4096 : 0)
}

/** Whether it all fits, for each file system: `shared/` and `users/` can be disks of their own. */
export function spaceOf(needs: readonly { folder: string; need: Survey['need']; room: Room }[]): Space[] {
  return [...Map.groupBy(needs, ({ room }) => room.device).values()].map((group) => {
    const [{ room }] = group as [(typeof group)[number]]
    const neededBytes = group.reduce((sum, { need }) => sum + need.bytes, 0)
    const inodes = group.reduce((sum, { need }) => sum + need.inodes, 0)
    const enoughInodes = room.freeInodes === null || inodes <= room.freeInodes
    return {
      folders: [...new Set(group.map(({ folder }) => folder))],
      neededBytes,
      freeBytes: room.freeBytes,
      fits: inodes === 0 || (neededBytes <= room.freeBytes && enoughInodes),
    }
  })
}

/** Containers of the earlier platform: whose they are, and which still use the legacy root. */
export type LegacyContainers = {
  /** Owners by the names of containers, where they are not recorded here yet. */
  owners: ReadonlyMap<string, UserId>
  /** Containers of whose owner only a name is known. */
  ownerless: { container: string; recordedFor: string }[]
  /** Containers with a mount of the legacy root. `environment`: the id, where it is one of this platform's. */
  onLegacy: { name: string; state: string; source: string; environment: string | null; owner: UserId | null }[]
  /** What could not be found out, and why. */
  problems: string[]
}

/** All that is known before anything is changed. */
export type MigrationPlan = {
  from: string
  to: string
  keepsOwners: boolean
  surveys: Survey[]
  /** Folders of `users/` and whose they are. `hasAccount`: whether this service knows that person. */
  people: { folder: string; user: UserId; hasAccount: boolean }[]
  /** Folders that the mapping file leaves out. */
  leftOut: string[]
  /** Folders of which nobody knows whose they are; they stay where they are. */
  unknown: { folder: string; candidates: UserId[] }[]
  strange: Left[]
  platforms: string[]
  space: Space[]
  containers: LegacyContainers
}

/** What came of carrying out a plan. `cutShort`: why it did not get to its end. */
export type MigrationResult = { files: number; bytes: number; failed: Left[]; cutShort: string | null }

/** Whether something waits for an administrator's decision. */
export function isUndecided({ unknown, strange }: MigrationPlan): boolean {
  return unknown.length + strange.length > 0
}

/** 0: done, or ready to be done. 1: something could not be done. 2: something waits for a decision. */
export function exitCodeOf(plan: MigrationPlan, result: MigrationResult | null): 0 | 1 | 2 {
  const failed = result ? result.failed.length : plan.surveys.reduce((sum, { failed }) => sum + failed.length, 0)
  if (result?.cutShort || failed > 0 || plan.space.some(({ fits }) => !fits)) return 1
  return isUndecided(plan) ? 2 : 0
}

/** How much there is to carry: for progress. */
export function workOf(surveys: readonly Survey[]): Tally {
  const total = { files: 0, bytes: 0 }
  for (const { branch } of surveys) addWork(branch, total)
  return total
}

function addWork(branch: Branch | null, total: Tally): void {
  total.files += branch?.items.length ?? 0
  for (const { dataBytes } of branch?.items ?? []) total.bytes += dataBytes
  for (const folder of branch?.folders ?? []) addWork(folder, total)
}
