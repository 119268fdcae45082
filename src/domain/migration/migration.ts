/** The parts of a migration: the plan as data, and the decisions about one entry. Pure. */
import type { Octets } from '../../lib/octets.ts'
import type { UserId } from '../people/user-id.ts'

/** One folder of the legacy root and the folder of this root that it goes into; paths as names from the root. */
export type Haul = {
  from: readonly Octets[]
  to: readonly Octets[]
  /** The owner; null if it belongs to nobody. */
  user: UserId | null
}

/** The work in one folder and in those below it. Folders without work are left out. */
export type Branch = {
  /** The legacy folder's name, and the name that it has here. */
  name: Octets
  as: Octets
  isNew: boolean
  items: Item[]
  folders: Branch[]
  /** All names of the legacy folder: none of them may be taken for the other side of a conflict. */
  reserved: ReadonlySet<Octets>
  /** Temporary files of a run that was killed. */
  leftovers: Octets[]
  /** Whether this folder has only content of the legacy folder. If so, it gets the legacy folder's time too. */
  setTimes: boolean
}

/** A file or symbolic link to copy; `as` differs from `name` if both sides of a conflict are kept. */
export type Item = { name: Octets; as: Octets; kind: 'file' | 'link'; dataBytes: number }

export type Tally = { files: number; bytes: number }

/** An entry that stays where it is, and why. The path is in a form that people may see. */
export type Left = { path: string; reason: string }

/** The findings about one haul. */
export type Survey = {
  haul: Haul
  branch: Branch | null
  fresh: Tally
  identical: Tally
  /** Same path, different content: this root keeps its own, the legacy one becomes `keptAs`. */
  conflicts: { path: string; keptAs: string }[]
  /** Conflicts whose two sides are both here already. */
  settled: number
  skipped: Left[]
  failed: Left[]
  /** Files with several names: each name becomes a file of its own. */
  hardLinks: number
  /** Entries whose owner will be another user than the one that notebooks run as. */
  foreign: number
  need: { bytes: number; inodes: number }
}

/** Matches temporary names. A file with such a name is a leftover of a run that was killed. */
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

/** The least room that a copy takes on a disk: a file of one octet takes a block. */
export function blocksOf(entry: { sizeBytes: number; allocatedBytes: number }): number {
  return Math.max(entry.allocatedBytes, entry.sizeBytes > 0 ? 4096 : 0)
}

/** Sorts the entries by name, for people: many are looked at at once, and come in the order of the disk's answers. */
export function inOrder(survey: Survey): Survey {
  const sorted = <T extends { path: string }>(entries: readonly T[]) =>
    entries.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  const { conflicts, skipped, failed } = survey
  return { ...survey, conflicts: sorted(conflicts), skipped: sorted(skipped), failed: sorted(failed) }
}

/** The survey of a haul before the first look. */
export function emptySurvey(haul: Haul): Survey {
  const none = { files: 0, bytes: 0 }
  return {
    haul,
    branch: null,
    fresh: { ...none },
    identical: { ...none },
    conflicts: [],
    settled: 0,
    skipped: [],
    failed: [],
    hardLinks: 0,
    foreign: 0,
    need: { bytes: 0, inodes: 0 },
  }
}
