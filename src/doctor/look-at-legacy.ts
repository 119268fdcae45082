import { attempt, seen, unseen } from './attempt.ts'
import { mostEntries } from './checks/legacy.ts'
import { type GatherUses, limits } from './gather-uses.ts'
import type { LegacySight, Standpoint } from './observations.ts'

/** The remains of an earlier platform at a path, and the containers that still use them. */
export async function lookAtLegacy(
  { site, containersMounting }: GatherUses,
  path: string,
  { place, dataDir, hostPath }: Standpoint,
  identities: ReadonlyMap<string, string | null>,
): Promise<LegacySight> {
  const id = identities.get(path) ?? null
  const isDataRoot = path === hostPath || path === dataDir || (id !== null && id === identities.get(dataDir))
  return {
    path,
    isDataRoot,
    entries:
      place === 'host'
        ? await attempt(path, limits.diskMs, () => site.entries(path, mostEntries))
        : unseen('it is on the host'),
    containers: containersMounting
      ? await attempt('the container engine', limits.engineMs, () => containersMounting(path))
      : seen([]),
  }
}
