/** Looks at everything that the checks judge. Each look has a time limit; a hanging look is abandoned and reported. */
import type { ComposeMount } from '../domain/doctor/compose-file.ts'
import type { RootLook, Site } from '../ports/site.ts'
import { attempt, type Sight, seen, seenOf, unseen } from './attempt.ts'
import { type GatherUses, limits, mostPeople } from './gather-uses.ts'
import { lookAtBackend, lookAtCompose } from './look-at-compose.ts'
import { lookAtImages } from './look-at-images.ts'
import { lookAtLegacy } from './look-at-legacy.ts'
import { lookAtProof } from './look-at-proof.ts'
import type { Observations } from './observations.ts'
import { type Candidate, candidates, keyFileOf, placeOf, standpointOf } from './standpoint.ts'

export async function gather(uses: GatherUses): Promise<Observations> {
  const { engine, site, self, folder, onLook = () => {} } = uses
  const settings = uses.readSettings()

  onLook('the container engine')
  const info = await attempt('the container engine', limits.engineMs, () => engine.info())
  const asked = <T>(ask: () => Promise<T>): Promise<Sight<T>> =>
    info.kind === 'seen' ? attempt('the container engine', limits.engineMs, ask) : Promise.resolve(info)
  const ownMount = seenOf(await asked(() => engine.ownMountSource(settings.dataDir)))
  const place = placeOf(ownMount, settings)
  const backend = place === 'host' ? await asked(() => lookAtBackend(uses, settings)) : unseen('the doctor runs in it')

  onLook('the compose file')
  const compose = await attempt('the compose file', limits.diskMs, () => lookAtCompose(uses, settings))
  const bind = seenOf(compose)?.withEnvFile

  onLook('the data root')
  const composeSource = bind?.kind === 'bind' ? bind.source : null
  const places = candidates(place, settings, seenOf(backend), composeSource)
  const { candidate, root } = await findRoot(site, places)
  const standpoint = standpointOf(candidate, { place, settings, ownMount, root: seenOf(root), self })
  const answers = root.kind === 'seen' || !root.hangs

  const paths = [standpoint.dataDir, settings.hostDataPath, seenOf(backend)?.mount, ...sourcesOf(seenOf(compose))]
  const identities = answers ? await identify(site, [...paths, ...settings.legacyDataPaths]) : new Map()
  const isOther = settings.hostDataPath !== null && place === 'host' && settings.hostDataPath !== standpoint.dataDir

  onLook('what the engine and the environments see')
  const [
    proofs,
    database,
    people,
    space,
    storage,
    backups,
    socketGroup,
    otherRoot,
    service,
    legacy,
    images,
    bridge,
    rules,
  ] = await Promise.all([
    info.kind === 'seen' ? lookAtProof(uses, standpoint, root) : { proof: info, candidateProven: false, noRoot: info },
    attempt('the database', limits.diskMs, () => lookAtDatabase(uses, seenOf(root))),
    attempt('users/', limits.peopleMs, async () => {
      const path = seenOf(root)?.path
      return path === undefined ? null : site.people(path, mostPeople)
    }),
    answers ? attempt('the disk', limits.diskMs, () => site.space(partsOf(seenOf(root)))) : root,
    attempt('the limits of storage', limits.peopleMs, async () => {
      const found = seenOf(root)
      return found?.database?.kind === 'file' ? uses.storage(found.path) : null
    }),
    attempt('the records of the backups', limits.peopleMs, async () => {
      const found = seenOf(root)
      const how = { keyFile: keyFileOf({ folder, settings }, standpoint), inImage: standpoint.deployment === 'compose' }
      return found?.database?.kind === 'file' ? uses.backups(found.path, how) : null
    }),
    attempt('the socket', limits.diskMs, () => site.groupOf(settings.dockerHost.replace(/^unix:\/\//, ''))),
    isOther
      ? attempt('the folder of HOST_DATA_PATH', limits.diskMs, () => site.surveyRoot(settings.hostDataPath ?? ''))
      : seen(null),
    attempt('the service', limits.serviceMs, (signal) =>
      uses.askService({ host: settings.host, port: settings.port }, { signal }),
    ),
    Promise.all(settings.legacyDataPaths.map((path) => lookAtLegacy(uses, path, standpoint, identities))),
    asked(() => lookAtImages(uses, seenOf(root))),
    asked(() => engine.bridge()),
    attempt('the firewall', limits.diskMs, () => uses.firewall.rules()),
  ])
  return {
    folder,
    settings,
    standpoint,
    lookedAt: places.map(({ dataDir, saidBy }) => `${dataDir} (${saidBy})`),
    engine: info,
    ownMount,
    backend,
    compose,
    root,
    database,
    people,
    identities,
    otherRoot,
    ...proofs,
    space,
    storage,
    backups,
    socketGroup,
    images,
    bridge,
    rules,
    legacy,
    service,
  }
}

/** The first candidate that has a marker of a data root, else the first of all. A disk that hangs ends the search. */
async function findRoot(
  site: Site,
  places: readonly Candidate[],
): Promise<{ candidate: Candidate; root: Sight<RootLook | null> }> {
  let first: { candidate: Candidate; root: Sight<RootLook | null> } | null = null
  for (const candidate of places) {
    const root = await attempt(`the file system of ${candidate.dataDir}`, limits.diskMs, () =>
      site.surveyRoot(candidate.dataDir),
    )
    first ??= { candidate, root }
    if (root.kind === 'unseen' || Object.values(root.value?.markers ?? {}).some(Boolean)) return { candidate, root }
  }
  if (first === null) throw new Error('no folder to look at')
  return first
}

async function lookAtDatabase({ troubleOfDatabase }: GatherUses, root: RootLook | null): Promise<string | null> {
  return root?.database?.kind === 'file' ? troubleOfDatabase(`${root.path}/admin/ai-lab.db`) : null
}

async function identify(
  site: Site,
  paths: readonly (string | null | undefined)[],
): Promise<ReadonlyMap<string, string | null>> {
  const known = new Map<string, string | null>()
  for (const path of new Set(paths)) {
    if (!path) continue
    const sight = await attempt(path, limits.diskMs, () => site.identity(path))
    known.set(path, seenOf(sight))
    // A hanging disk holds a thread of the process for each call, and it has few.
    if (sight.kind === 'unseen' && sight.hangs) break
  }
  return known
}

function sourcesOf(compose: { withEnvFile: ComposeMount; without: ComposeMount } | null): string[] {
  return [compose?.withEnvFile, compose?.without].flatMap((mount) => (mount?.kind === 'bind' ? [mount.source] : []))
}

function partsOf(root: RootLook | null): string[] {
  return root ? [root.path, `${root.path}/shared`, `${root.path}/users`, `${root.path}/admin`] : []
}
