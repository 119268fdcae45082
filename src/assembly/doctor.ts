/** The assembly of `ailab doctor`. Nothing here opens, lays out or locks a data root. */
import { homedir } from 'node:os'
import { parse as parseYaml } from 'yaml'
import type { Doctor } from '../commands/doctor.ts'
import { createExaminer, type Examined, type Examiner } from '../consistency/examine.ts'
import { DataRootNotThere, decideOpening } from '../consistency/opening.ts'
import { createProver, type Prover } from '../consistency/prove.ts'
import { troubleOfDatabase } from '../database/examine.ts'
import { recordedImages } from '../database/recorded-images.ts'
import { recordedTiers } from '../database/recorded-tiers.ts'
import { createBtrfsQuotas } from '../disk/btrfs.ts'
import { createDataRoot } from '../disk/data-root.ts'
import { readClosedDatabase } from '../disk/database-files.ts'
import { fileIdOf, lookThroughProcess } from '../disk/file-id.ts'
import { lookAtRoot } from '../disk/look-at-root.ts'
import { readText } from '../disk/read-text.ts'
import { createRepairs } from '../disk/repairs.ts'
import { site } from '../disk/site.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { askService } from '../doctor/ask-service.ts'
import { examine } from '../doctor/examine.ts'
import type { GatherUses, ProvableRoot } from '../doctor/gather-uses.ts'
import type { DoctorSettings, StorageSight } from '../doctor/observations.ts'
import { repair } from '../doctor/repair.ts'
import { backendNameOf } from '../domain/doctor/compose-file.ts'
import { ownContainers } from '../domain/environment/own-containers.ts'
import { noEnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import { weaknessesOf } from '../domain/gateway/shared-origin.ts'
import { labels as labelNames, probeName, userFolder } from '../domain/names.ts'
import { userId } from '../domain/people/user-id.ts'
import type { Finding } from '../domain/proof/proof.ts'
import { hostNetwork } from '../host/host-network.ts'
import { absolute } from '../lib/absolute.ts'
import { askJson } from '../lib/ask-json.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { Engine } from '../ports/engine.ts'
import { parseSettings, publicUrlOf, readSettings } from '../settings/config.ts'
import { certificatesOf } from '../settings/engine-address.ts'
import { loadCatalog } from '../settings/load-catalog.ts'
import { backupsSightOf } from './backups-sight.ts'

const engineCallLimitMs = 4_000

export function assembleDoctor(given: string): Doctor {
  const folder = absolute(process.cwd(), given)
  return {
    async examine(onLook) {
      // Read the settings each time: a repair may have changed them.
      const settings = doctorSettings(folder)
      using engine = createDockerEngine({
        ...readSettings(folder).engine,
        readText,
        lookThroughProcess,
        callLimitMs: engineCallLimitMs,
      })
      return await examine(gatherUses(folder, settings, seenFromHost(engine), onLook))
    },
    repair: (fixes) => repair(fixes, createRepairs(parseSettings)),
  }
}

/**
 * In a container that has a folder at the path that it has on the host, the doctor stands on the host: `bin/ailab` makes such a
 * container on a host without Node.
 */
function seenFromHost(engine: Engine): Engine {
  const ownMountSource: Engine['ownMountSource'] = async (target, options) => {
    const source = await engine.ownMountSource(target, options)
    return source === target ? null : source
  }
  return { ...engine, ownMountSource }
}

function gatherUses(
  folder: string,
  settings: DoctorSettings,
  engine: Engine,
  onLook: (what: string) => void,
): GatherUses {
  const ofRoot = (root: ProvableRoot) => openForProof(engine, root, settings.sharedMode)
  return {
    folder,
    home: homedir(),
    self: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    readSettings: () => settings,
    parseYaml,
    engine,
    containersMounting: async (path) => (await engine.containersMounting(path)).map(({ name }) => name),
    site,
    firewall: hostNetwork,
    troubleOfDatabase: async (file) => troubleOfDatabase(file, await readClosedDatabase(file)),
    recordedImages: async (file) => recordedImages(file, await readClosedDatabase(file)),
    storage: (root) => storageOf(root, settings.catalogFile),
    backups: (root, how) => backupsSightOf(root, settings, how),
    prove: async (root) => (await (await ofRoot(root)).prove()).findings,
    examine: async (root) => (await (await ofRoot(root)).examine()).findings,
    whyNoRoot: (dataDir, hostPath) => whyNoRoot(engine, dataDir, hostPath),
    askService: (at, options) => askService(at, (url) => askJson(url, options)),
    onLook,
  }
}

async function storageOf(root: string, catalogFile: string): Promise<StorageSight> {
  const file = `${root}/admin/ai-lab.db`
  const { tiers } = await loadCatalog(catalogFile)
  const quotas = createBtrfsQuotas(root)
  const sight = await quotas.look()
  const people: StorageSight['people'] = []
  for (const [name, tier] of recordedTiers(file, await readClosedDatabase(file))) {
    const id = userId.parse(name)
    if (!(await site.identity(`${root}/${userFolder(id)}`))) continue
    const isSubvolume = await quotas.isSubvolume(id)
    const subvolume = sight.kind === 'on' ? await quotas.subvolumeOf(id) : null
    const setBytes = (sight.kind === 'on' && sight.groups.get(subvolume ?? 0)?.limitBytes) || null
    people.push({ id, limitBytes: tiers[tier]?.storage ?? null, isSubvolume, setBytes })
  }
  return { quotas: sight, people }
}

/** The service's prover and examiner, on a root that the doctor only looks at. Neither leaves a probe of its own. */
async function openForProof(
  engine: Engine,
  { path, rootId, hostPath, notebook }: ProvableRoot,
  sharedMode: 'ro' | 'rw',
): Promise<Pick<Prover, 'prove'> & Pick<Examiner, 'examine'>> {
  const databaseId = (await fileIdOf(`${path}/admin/ai-lab.db`).catch(() => null)) ?? { device: '', inode: '' }
  const clock = systemClock
  const dataRoot = createDataRoot({ path, rootId, databaseId, notebook, mayGiveAway: false, now: clock.now })
  const prover = createProver({
    engine,
    dataRoot,
    hostDataPath: async () => hostPath,
    ownSource: () => engine.ownMountSource(path),
    clock,
    onProof: () => {},
  })
  const examiner = createExaminer({
    engine,
    // The containers' labels tell which environments there are: the database is the service's alone.
    records: () => recordsOf(engine, rootId),
    dataRoot,
    lab: async () => ({
      rootId,
      hostDataPath: hostPath,
      cpus: 1,
      sharedMode,
      notebookUid: notebook.uid,
      notebookGid: notebook.gid,
    }),
    prover,
    clock,
    onExamined: () => {},
  })
  const leavingNoProbe = withoutProbe(engine, probeName(rootId, hostPath))
  return { prove: () => leavingNoProbe(prover.prove), examine: () => leavingNoProbe(examiner.examine) }
}

/** Keeps a probe that was there before: it is the service's. */
function withoutProbe(engine: Engine, probe: string): <T>(work: () => Promise<T>) => Promise<T> {
  return async (work) => {
    const isServices = (await engine.inspect(probe)) !== null
    try {
      return await work()
    } finally {
      if (!isServices) await engine.dropProbe(probe).catch(() => {})
    }
  }
}

async function recordsOf(engine: Engine, rootId: string): Promise<Examined[]> {
  const containers = [...ownContainers(await engine.list()).values()]
  return containers.flatMap(({ environmentId, labels }) => {
    const owner = userId.safeParse(labels[labelNames.user])
    return labels[labelNames.root] === rootId && owner.success ? [{ id: environmentId, userId: owner.data }] : []
  })
}

/** Why the service would not begin a new data root in a folder that holds none; null when it would. */
async function whyNoRoot(engine: Engine, dataDir: string, hostPath: string): Promise<Finding | null> {
  try {
    await decideOpening({ dataDir, look: () => lookAtRoot(dataDir), engine, hostDataPath: hostPath })
    return null
  } catch (error) {
    if (error instanceof DataRootNotThere) return error.finding
    throw error
  }
}

function doctorSettings(folder: string): DoctorSettings {
  const { file, fromFile, fromDotEnv, fromProcess, mistakes, values } = readSettings(folder)
  const certificates = certificatesOf(values)
  return {
    file: { ...file, example: `${folder}/production.env.example` },
    fromFile,
    fromDotEnv,
    fromProcess,
    mistakes,
    port: values.PORT,
    host: values.HOST,
    backendName: backendNameOf(values.LAB_NAME),
    dataDir: absolute(folder, values.DATA_DIR),
    hostDataPath: values.HOST_DATA_PATH ?? null,
    dockerHost: values.DOCKER_HOST,
    dockerCertPath: certificates === null ? null : absolute(folder, certificates),
    sharedMode: values.SHARED_MODE,
    notebookIds: { uid: values.NB_UID, gid: values.NB_GID },
    weaknesses: weaknessesOf(values.ENVIRONMENTS_URL ?? noEnvironmentsUrl, publicUrlOf(values)),
    legacyDataPaths: values.LEGACY_DATA_PATHS,
    blockedNetworks: values.BLOCKED_NETWORKS,
    catalogFile: absolute(folder, values.CATALOG_FILE),
    backupKeyFile: absolute(folder, values.BACKUP_KEY_FILE),
    hostBackupKey: fromProcess.HOST_BACKUP_KEY || fromFile.HOST_BACKUP_KEY || null,
    backupRepository: values.BACKUP_REPOSITORY ?? null,
    backupSchedule: values.BACKUP_SCHEDULE,
  }
}
