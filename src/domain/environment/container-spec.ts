import { sha256 } from '../../lib/sha256.ts'
import { basePath, below, labels, networkName, targets, userFolder } from '../names.ts'
import type { Environment, Mount, Resources } from './environment.ts'
import { withSecret } from './launch.ts'
import { recordLabel } from './orphan.ts'

/** A container that an engine is to make, in no vendor's words. `env` and `labels` are complete. */
export type ContainerSpec = {
  name: string
  image: string
  command: string[]
  env: Record<string, string>
  labels: Record<string, string>
  user: string
  workingDir: string
  mounts: Mount[]
  network: string
  /** The port that the server inside listens on. */
  port: number
  /** Its port on the engine's host; null: the engine picks one at each start. */
  hostPort: number | null
  resources: Resources
}

/** The settings that all environments of this service share. */
export type LabSettings = {
  rootId: string
  hostDataPath: string
  sharedMode: 'ro' | 'rw'
  notebookUid: number
  notebookGid: number
  /** CPUs of the engine's machine. The engine refuses a container that asks for more. */
  cpus: number
}

/** The mounts of one person's environment, from the one data root. */
export function mountsOf(
  userId: Environment['userId'],
  lab: Pick<LabSettings, 'hostDataPath' | 'sharedMode'>,
): Mount[] {
  return [
    { source: below(lab.hostDataPath, 'shared'), target: targets.shared, readOnly: lab.sharedMode === 'ro' },
    { source: below(lab.hostDataPath, userFolder(userId)), target: targets.data, readOnly: false },
  ]
}

/**
 * The container that an environment should have today. A label holds its hash, to tell later whether the environment
 * still has it.
 */
export function containerSpec(environment: Environment, lab: LabSettings): ContainerSpec {
  const { id, launch, madeFrom, safe, userId, token, hostPort } = environment
  const resources = { ...environment.resources, cpuCores: Math.min(environment.resources.cpuCores, lab.cpus) }
  const spec = {
    name: id,
    image: madeFrom && madeFrom !== 'latest' ? madeFrom.id : launch.image,
    command: launch.command.map((word) => withSecret(word, token)),
    env: {
      ...threadVariables(resources),
      ...variablesOf(launch, token),
      ...{ JUPYTER_TOKEN: token, JUPYTER_BASE_URL: basePath(id), AI_LAB_USER: userId },
      ...(safe && safeVariables),
    },
    user: `${lab.notebookUid}:${lab.notebookGid}`,
    workingDir: targets.data,
    mounts: mountsOf(userId, lab),
    network: networkName,
    port: launch.port,
    hostPort,
    resources,
  }
  const identity = {
    [labels.environment]: id,
    [labels.user]: userId,
    [labels.root]: lab.rootId,
    [labels.record]: recordLabel(environment),
    ...(safe && { [labels.safe]: 'true' }),
  }
  return { ...spec, labels: { ...identity, [labels.specHash]: sha256(JSON.stringify(spec)).slice(0, 16) } }
}

function variablesOf({ environment }: Environment['launch'], token: string): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, withSecret(value, token)]))
}

/** The variables by which programs and libraries learn how many threads to use. */
const threadCounts = [
  'PYTHON_CPU_COUNT',
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'NUMBA_NUM_THREADS',
  'RAYON_NUM_THREADS',
  'POLARS_MAX_THREADS',
] as const

/**
 * Without these, programs see all CPUs of the machine, start a thread for each, and get in each other's way within the
 * limit of the container.
 */
function threadVariables({ cpuCores }: Pick<Resources, 'cpuCores'>): Record<string, string> {
  const count = String(Math.max(1, Math.ceil(cpuCores)))
  return Object.fromEntries(threadCounts.map((name) => [name, count]))
}

/** Python reads its own before any program of the image can set it. */
const safeVariables = { AI_LAB_SAFE: '1', PYTHONNOUSERSITE: '1' }
