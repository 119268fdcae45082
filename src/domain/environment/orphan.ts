/**
 * Containers of environments without a record, and copies of such containers. The service lists them, and never removes
 * one on a guess.
 */
import { z } from 'zod'
import { labels } from '../names.ts'
import { type UserId, userId } from '../people/user-id.ts'
import type { Finding } from '../proof/proof.ts'
import { type Container, type Environment, type Launch, launchType, type Resources } from './environment.ts'

/** An orphan as an administrator sees it. `userId`: its owner, if that is known. */
export type Orphan = {
  container: Container
  userId: UserId | null
  template: string | null
  rootId: string | null
  /** Why it cannot be adopted; null when it can. */
  hindrance: string | null
}

/**
 * `own`: the real container of the environment whose label this container has. `legacyOwners`: the owners of an earlier
 * platform's containers, by name.
 */
export function orphanOf(
  container: Container,
  own: Container | undefined,
  rootId: string,
  legacyOwners: ReadonlyMap<string, UserId>,
): Orphan {
  const { labels: found, name } = container
  const ofRoot = found[labels.root] ?? null
  const owner = userId.safeParse(found[labels.user]).data ?? legacyOwners.get(name) ?? null
  return {
    container,
    userId: owner,
    template: recordIn(container)?.template ?? null,
    rootId: ofRoot,
    hindrance: hindranceOf(container, own, ofRoot, rootId),
  }
}

function hindranceOf(
  { containerId, name, environmentId }: Container,
  own: Container | undefined,
  ofRoot: string | null,
  rootId: string,
): string | null {
  if (ofRoot !== null && ofRoot !== rootId) return `It belongs to data root ${ofRoot}.`
  if (own && own.containerId !== containerId) {
    return `It has the label of ${environmentId}, whose container is ${own.name}: it is a copy, made by docker commit and docker run.`
  }
  if (name !== environmentId) return `It was renamed from ${environmentId}: docker rename ${name} ${environmentId}`
  return null
}

/**
 * Findings for those `strays` that have the id of this data root. If such a container is on another folder, another
 * service may use it, on a copy of the data root.
 */
export function orphanFindings(
  strays: readonly Container[],
  { rootId, hostPath }: { rootId: string; hostPath: string },
): Finding[] {
  const isHere = (source: string) => `${source}/`.startsWith(`${hostPath}/`)
  return strays
    .filter((container) => container.labels[labels.root] === rootId)
    .map(({ name, environmentId, mounts }) => {
      const sources = mounts.map(({ source }) => source)
      return {
        code: 'orphan-container',
        severity: 'note',
        environmentId: null,
        backendPath: '',
        hostPath: sources.join(', '),
        ...wordsOf(name, environmentId, sources, sources.some(isHere)),
      }
    })
}

function wordsOf(name: string, environmentId: string, sources: readonly string[], isHere: boolean) {
  if (name !== environmentId) return withLabelOf(name, environmentId)
  return isHere ? ofThisRoot(name) : ofACopy(name, sources)
}

function withLabelOf(name: string, environmentId: string) {
  return {
    detail: `The container ${name} has the label of ${environmentId}, but not its name: it was made from an image of that container (docker commit, docker run), or renamed.`,
    remedy: `The service leaves it alone. If nobody needs it, remove it: docker rm --force ${name}. If it was renamed: docker rename ${name} ${environmentId}`,
  }
}

function ofThisRoot(name: string) {
  return {
    detail: `The container ${name} belongs to this data root, but has no record.`,
    remedy: `Give it a record: POST /api/data/orphans/${name}/adopt. Or remove it (its data stays): docker rm --force ${name}`,
  }
}

function ofACopy(name: string, sources: readonly string[]) {
  return {
    detail: `The container ${name} has the id of this data root and no record, but is on another folder (${sources.join(', ')}): it may belong to another service, on a copy of this data root.`,
    remedy: `Leave it to that service. If the data root was moved instead, give it a record and a new container: POST /api/data/orphans/${name}/adopt, then POST /api/environments/${name}/recreate.`,
  }
}

/** The part of a record that a container's label keeps, to rebuild the record from. The secret is not in it. */
export type KeptRecord = {
  name: string
  template: string
  launch: Launch
  madeFrom: Environment['madeFrom']
  safe: boolean
  resources: Resources
  hostPort: number | null
  createdAt: number
}

const keptRecord = z.object({
  name: z.string(),
  template: z.string(),
  launch: z.object({
    type: launchType,
    image: z.string(),
    command: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
    port: z.number(),
    openPath: z.string(),
    readyPath: z.string(),
    readyWithinMs: z.number(),
  }),
  resources: z.object({ memoryBytes: z.number(), cpuCores: z.number(), gpus: z.number(), pids: z.number() }),
  // Older containers have none of these three.
  madeFrom: z
    .object({ id: z.string(), digest: z.string().nullable() })
    .or(z.literal('latest'))
    .nullable()
    .default(null),
  safe: z.boolean().default(false),
  hostPort: z.number().nullable().default(null),
  createdAt: z.number(),
})

export function recordLabel(record: KeptRecord): string {
  const { name, template, launch, madeFrom, safe, resources, hostPort, createdAt } = record
  const kept: KeptRecord = { name, template, launch, madeFrom, safe, resources, hostPort, createdAt }
  return JSON.stringify(kept)
}

/** The record in a container's label; null if there is none, or if it cannot be understood. */
export function recordIn({ labels: found }: Pick<Container, 'labels'>): KeptRecord | null {
  try {
    return keptRecord.safeParse(JSON.parse(found[labels.record] ?? 'null')).data ?? null
  } catch {
    return null
  }
}
