import { type KnownPeople, type LegacyMap, ownerOf } from '../domain/migration/legacy-name.ts'
import type { Haul } from '../domain/migration/migration.ts'
import { type LegacyContainers, type MigrationPlan, spaceOf } from '../domain/migration/migration-plan.ts'
import { parseResourceTracking } from '../domain/migration/resource-tracking.ts'
import { type UserId, userId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { bytesOf, type Octets, octetsOf, shown } from '../lib/octets.ts'
import { utf8Of } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { MigrationDisk } from '../ports/migration-disk.ts'
import { containerOwners, containersOnLegacy, ownerByMount } from './legacy-containers.ts'

type Deps = {
  disk: MigrationDisk
  accounts: AccountStore
  store: Pick<EnvironmentStore, 'get' | 'legacyOwners'>
  engine: Pick<Engine, 'containersMounting' | 'ownMountSource'>
}

/**
 * Finds out what a migration would do; changes nothing.
 * @throws Error with a sentence if the mapping file names a folder that does not exist
 */
export async function planMigration(deps: Deps, map: LegacyMap, onSeen: () => void): Promise<MigrationPlan> {
  const { disk, accounts } = deps
  const contents = await disk.contents()
  const tracking = readTracking(contents.tracking)
  const people = { accounts: await allAccounts(accounts), mentioned: mentionedIn(tracking.entries) }
  refuseUnknownNames(map, [...contents.userFolders.map(textOf), ...tracking.entries.keys()], disk.from)

  const folders = contents.userFolders.map((folder) => ({ folder, ownership: ownerOf(textOf(folder), people, map) }))
  const hauls: Haul[] = [
    ...(contents.hasShared ? [{ from: ['shared'], to: ['shared'], user: null }] : []),
    ...folders.flatMap(({ folder, ownership }) => (ownership.kind === 'known' ? [haulOf(folder, ownership.user)] : [])),
    ...(contents.hasBackups ? [{ from: ['admin', 'backups'], to: ['admin', 'backups', 'legacy'], user: null }] : []),
  ]
  const surveys = []
  for (const haul of hauls) surveys.push(await disk.survey(haul, onSeen))
  const needs = surveys.map(async ({ haul, need }) => ({ folder: haul.to[0] ?? '', need, room: await disk.room(haul) }))
  return {
    from: disk.from,
    to: disk.to,
    keepsOwners: disk.keepsOwners,
    surveys,
    people: folders.flatMap(({ folder, ownership }) => {
      if (ownership.kind !== 'known') return []
      const { user } = ownership
      return [{ folder: shown(folder), user, hasAccount: people.accounts.has(user) }]
    }),
    leftOut: folders.filter(({ ownership }) => ownership.kind === 'left-out').map(({ folder }) => shown(folder)),
    unknown: folders.flatMap(({ folder, ownership }) =>
      ownership.kind === 'unknown' ? [{ folder: textOf(folder), candidates: ownership.candidates }] : [],
    ),
    strange: contents.strange,
    platforms: contents.platforms,
    space: spaceOf(await Promise.all(needs)),
    containers: await lookAtContainers(deps, people, map, tracking),
  }
}

type Tracking = { entries: Map<string, string[]>; problems: string[] }

function readTracking(text: string | null): Tracking {
  if (text === null) return { entries: new Map(), problems: [] }
  try {
    return { entries: parseResourceTracking(text), problems: [] }
  } catch (error) {
    const problem = `resource_tracking.json was not used: ${reasonOf(error)}. The owners of containers are not known.`
    return { entries: new Map(), problems: [problem] }
  }
}

async function lookAtContainers(
  { engine, disk, store }: Deps,
  people: KnownPeople,
  map: LegacyMap,
  tracking: Tracking,
): Promise<LegacyContainers> {
  const { owners: all, ownerless } = containerOwners(tracking.entries, people, map)
  const recorded = await store.legacyOwners()
  const unrecorded = (owners: Iterable<[string, UserId]>) =>
    new Map([...owners].filter(([name]) => !recorded.has(name)))
  const ownerOfContainer = ownerByMount(all, people, map)
  try {
    const onLegacy = await containersOnLegacy({ engine, store }, disk.legacyPaths, ownerOfContainer)
    const byMount = onLegacy.flatMap(({ name, owner, hasRecord }): [string, UserId][] =>
      owner && !hasRecord ? [[name, owner]] : [],
    )
    return { owners: unrecorded([...all, ...byMount]), ownerless, onLegacy, problems: tracking.problems }
  } catch (error) {
    const reason = error instanceof Problem ? error.adminDetail : reasonOf(error)
    const problem = `Which containers still use ${disk.from} is not known. ${reason}`
    return { owners: unrecorded(all), ownerless, onLegacy: [], problems: [...tracking.problems, problem] }
  }
}

async function allAccounts(accounts: AccountStore): Promise<Set<UserId>> {
  const ids = new Set<UserId>()
  for (let after: UserId | undefined; ; ) {
    const page = await accounts.accounts({ after, limit: 500 })
    for (const { id } of page) ids.add(id)
    after = page.at(-1)?.id
    if (after === undefined) return ids
  }
}

function mentionedIn(tracked: ReadonlyMap<string, unknown>): Set<UserId> {
  return new Set([...tracked.keys()].flatMap((name) => userId.safeParse(name).data ?? []))
}

function refuseUnknownNames(map: LegacyMap, names: readonly string[], from: string): void {
  const there = new Set(names)
  const mistakes = [...map.keys()].filter((name) => !there.has(name))
  if (mistakes.length === 0) return
  const lines = mistakes.map((name) => `  ${JSON.stringify(name)}`).join('\n')
  throw new Error(`The mapping file has names that are no folders of ${from}/users:\n${lines}`)
}

function haulOf(folder: Octets, user: UserId): Haul {
  return { from: ['users', folder], to: ['users', octetsOf(user)], user }
}

/** A folder's name as text. A name that is not UTF-8 can only be displayed; no id can match it. */
function textOf(name: Octets): string {
  return utf8Of(bytesOf(name)) ?? shown(name)
}
