import type { BigIntStats } from 'node:fs'
import { type Branch, blocksOf, isLeftover, type Survey } from '../domain/migration/migration.ts'
import { markerFile } from '../domain/names.ts'
import { mapLimited } from '../lib/map-limited.ts'
import { type Octets, shown } from '../lib/octets.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { findPlace, type Place } from './find-place.ts'
import type { Folder } from './folder.ts'

/** How many files are looked at, or copied, at once. */
export const atOnce = 16

/** A deeper tree is made to do harm: each level holds two files open. */
const deepest = 400

type Looking = {
  survey: Survey
  /** The user that runs notebooks; null if the owner of the files does not matter. */
  notebookUid: number | null
  /** A folder that must not be walked into: this root itself. */
  root: BigIntStats
  onSeen: () => void
}

type At = { source: Folder; target: Folder | null; name: Octets; as: Octets; path: Octets; depth: number }

/** Compares a legacy folder with its folder here, and changes nothing. Null: there is nothing to do. */
export async function surveyFolder(at: At, looking: Looking): Promise<Branch | null> {
  const { source, target, depth } = at
  const { survey } = looking
  if (depth > deepest) throw new Error(`its folders are more than ${deepest} deep`)
  const names = (await source.names()).filter((name) => !(depth === 0 && name === markerFile)).sort()
  const there = target ? await target.names() : []
  const branch: Branch = {
    name: at.name,
    as: at.as,
    isNew: target === null,
    items: [],
    folders: [],
    reserved: new Set(names),
    leftovers: there.filter(isLeftover),
    setTimes: false,
  }
  if (target === null) need(survey, 4096)

  const folders = await mapLimited(names, atOnce, (name) => noting(survey, join(at.path, name), () => look(name)))
  for (const found of folders) {
    if (!found) continue
    const path = join(at.path, found.name)
    const below = await noting(survey, path, () => descend(found, path))
    if (below) branch.folders.push(below)
  }
  branch.setTimes = await isPure()
  const hasWork = branch.items.length + branch.folders.length + branch.leftovers.length > 0
  return hasWork || branch.isNew || branch.setTimes ? branch : null

  /** Gives a folder to walk into; any other entry is finished here. */
  async function look(name: Octets): Promise<{ name: Octets; place: Place } | null> {
    const path = join(at.path, name)
    const stats = await source.look(name)
    if (!stats) return null
    looking.onSeen()
    const reason = reasonToSkip(name, stats, looking.root)
    if (reason) {
      survey.skipped.push({ path: shown(path), reason })
      return null
    }
    const place = target
      ? await findPlace({ source, target, name, stats, reserved: branch.reserved })
      : { as: name, there: null }
    const { uid } = place.there ?? stats
    if (looking.notebookUid !== null && uid !== BigInt(looking.notebookUid)) survey.foreign += 1
    if (stats.isDirectory()) {
      if (place.as !== name && place.there) survey.settled += 1
      else if (place.as !== name) survey.conflicts.push({ path: shown(path), keptAs: shown(place.as) })
      return { name, place }
    }
    tell(name, stats, place, path)
    return null
  }

  function tell(name: Octets, stats: BigIntStats, { as, there }: Place, path: Octets): void {
    const [sizeBytes, allocatedBytes] = [Number(stats.size), Number(stats.blocks) * 512]
    if (there) {
      if (as === name) count(survey.identical, sizeBytes)
      else survey.settled += 1
      return
    }
    if (as === name) count(survey.fresh, sizeBytes)
    else survey.conflicts.push({ path: shown(path), keptAs: shown(as) })
    if (stats.isFile() && stats.nlink > 1n) survey.hardLinks += 1
    const isFile = stats.isFile()
    need(survey, isFile ? blocksOf({ sizeBytes, allocatedBytes }) : 0)
    const dataBytes = isFile ? Math.min(sizeBytes, allocatedBytes) : 0
    branch.items.push({ name, as, kind: isFile ? 'file' : 'link', dataBytes })
  }

  async function descend({ name, place }: { name: Octets; place: Place }, path: Octets): Promise<Branch | null> {
    await using from = await source.folder(name)
    await using to = place.there && target ? await target.folder(place.as) : null
    if (to && (await isSameFolder(from, to))) {
      survey.skipped.push({ path: shown(path), reason: 'it is the very same folder in both roots' })
      return null
    }
    return await surveyFolder({ source: from, target: to, name, as: place.as, path, depth: depth + 1 }, looking)
  }

  /** Whether the folder here holds nothing of its own, and does not have the legacy folder's time yet. */
  async function isPure(): Promise<boolean> {
    if (!target) return true
    if (there.some((name) => !isLeftover(name) && !branch.reserved.has(name))) return false
    if ([...branch.items, ...branch.folders].some(({ name, as }) => name !== as)) return false
    const [one, other] = await Promise.all([source, target].map(({ handle }) => handle.stat({ bigint: true })))
    return !one || !other || !sameTime(one.mtimeNs, other.mtimeNs)
  }
}

/** Node sets times to a quarter of a microsecond. */
function sameTime(one: bigint, other: bigint): boolean {
  const apart = one - other
  return apart < 1000n && apart > -1000n
}

function reasonToSkip(name: Octets, stats: BigIntStats, root: BigIntStats): string | null {
  if (isLeftover(name)) return 'a leftover of a migration that was killed'
  if (stats.isFIFO()) return 'a FIFO, which holds no data'
  if (stats.isSocket()) return 'a socket, which holds no data'
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device'
  if (stats.dev === root.dev && stats.ino === root.ino) return 'it is this data root itself'
  return null
}

async function isSameFolder(one: Folder, other: Folder): Promise<boolean> {
  const [a, b] = await Promise.all([one.handle.stat({ bigint: true }), other.handle.stat({ bigint: true })])
  return a.dev === b.dev && a.ino === b.ino
}

/** Notes an entry that it cannot look at, and goes on with the rest. */
async function noting<T>(survey: Survey, path: Octets, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    survey.failed.push({ path: shown(path), reason: reasonOf(error) })
    return null
  }
}

function count(tally: Survey['fresh'], bytes: number): void {
  tally.files += 1
  tally.bytes += bytes
}

function need(survey: Survey, bytes: number): void {
  survey.need.bytes += bytes
  survey.need.inodes += 1
}

export function join(path: Octets, name: Octets): Octets {
  return path === '' ? name : `${path}/${name}`
}
