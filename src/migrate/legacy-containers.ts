import { type KnownPeople, type LegacyMap, ownerOf, ownerOfRecord } from '../domain/migration/legacy-name.ts'
import type { LegacyContainers } from '../domain/migration/migration-plan.ts'
import { labels } from '../domain/names.ts'
import { type UserId, userId } from '../domain/people/user-id.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'

type Owners = Pick<LegacyContainers, 'owners' | 'ownerless'>

/** The owners of the recorded containers. A container that is recorded for two people gets no owner. */
export function containerOwners(
  tracked: ReadonlyMap<string, readonly string[]>,
  people: KnownPeople,
  map: LegacyMap,
): Owners {
  const claims = Map.groupBy(
    [...tracked].flatMap(([recordedFor, names]) => {
      const ownership = ownerOfRecord(recordedFor, userId.safeParse(recordedFor).data ?? null, people, map)
      const user = ownership.kind === 'known' ? ownership.user : null
      return names.map((container) => ({ container, recordedFor, user }))
    }),
    ({ container }) => container,
  )
  const owners = new Map<string, UserId>()
  const ownerless: LegacyContainers['ownerless'] = []
  for (const [container, claimed] of claims) {
    const [user = null, ...others] = new Set(claimed.map(({ user }) => user))
    if (user && others.length === 0) owners.set(container, user)
    else ownerless.push({ container, recordedFor: claimed.map(({ recordedFor }) => recordedFor).join(', ') })
  }
  return { owners, ownerless }
}

/** Containers that still mount the legacy root, under any of its paths. */
export async function containersOnLegacy(
  {
    engine,
    store,
  }: { engine: Pick<Engine, 'containersMounting' | 'ownMountSource'>; store: Pick<EnvironmentStore, 'get'> },
  paths: readonly string[],
  ownerOfContainer: (name: string, legacyFolder: string | null) => UserId | null,
): Promise<LegacyContainers['onLegacy']> {
  const asked = await Promise.all(paths.map(async (path) => (await engine.ownMountSource(path)) ?? path))
  const found = new Map<string, LegacyContainers['onLegacy'][number]>()
  for (const path of new Set(asked)) {
    for (const { id, name, state, labels: has, mounts } of await engine.containersMounting(path)) {
      if (labels.probe in has) continue // a probe: the service that made it removes it
      const sources = mounts.map(({ source }) => source).filter((source) => `${source}/`.startsWith(`${path}/`))
      const folder = sources.map((source) => /^\/users\/([^/]+)/.exec(source.slice(path.length))?.[1]).find(Boolean)
      const owner = ownerOfContainer(name, folder ?? null)
      const hasRecord = (await store.get(name)) !== null
      found.set(id, { name, state, source: sources[0] ?? path, hasRecord, owner })
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** A container's owner: from the records, else from its mounts. */
export function ownerByMount(owners: Owners['owners'], people: KnownPeople, map: LegacyMap) {
  return (name: string, legacyFolder: string | null): UserId | null => {
    const recorded = owners.get(name)
    if (recorded || legacyFolder === null) return recorded ?? null
    const ownership = ownerOf(legacyFolder, people, map)
    return ownership.kind === 'known' ? ownership.user : null
  }
}
