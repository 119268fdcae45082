/** The result of the whole proof, for the data root and for each environment. */
import type { Mount } from '../environment/environment.ts'
import { type Finding, findings as kinds, type Part, type Proof, parts } from './proof.ts'

/**
 * - `proven`: all is right. `unproven`: something is wrong, or the data root is not proven.
 * - `unverifiable`: the service found nothing wrong, but could not look at everything.
 * - `unknown`: there is no container to look at, or it does not run.
 */
export type PartStatus = 'proven' | 'unproven' | 'unverifiable' | 'unknown'

export type PartProof = { part: Part; status: PartStatus; findings: Finding[] }

/** The proof for one environment. `containerId`: the container that was examined; null if there was none. */
export type MountProof = {
  environmentId: string
  containerId: string | null
  status: PartStatus
  parts: PartProof[]
  findings: Finding[]
  /** The mounts that the environment should have, and those that its container has. */
  wanted: readonly Mount[]
  mounted: readonly Mount[]
  checkedAt: number
}

export type Examination = {
  /** The status of the whole: `unproven` if the data root is unproven, `degraded` if something else is wrong. */
  status: 'proven' | 'degraded' | 'unproven'
  root: Proof
  environments: MountProof[]
  /** All findings, the worst first. */
  findings: Finding[]
  checkedAt: number
  tookMs: number
}

/** `recorded` and `inside` are null if there was nothing to look at. */
export function mountProofOf(of: {
  environmentId: string
  containerId: string | null
  root: Proof
  wanted: readonly Mount[]
  mounted: readonly Mount[]
  recorded: Finding[] | null
  inside: Finding[] | null
  checkedAt: number
}): MountProof {
  const { environmentId, containerId, root, wanted, mounted, recorded, inside, checkedAt } = of
  const own = [...(recorded ?? []), ...(inside ?? [])]
  const found = [...root.findings, ...own]
  const all = parts.map((part) => partOf(part, found, { inside, recorded }[part as 'inside' | 'recorded']))
  const status = worst(all.map((each) => each.status))
  return { environmentId, containerId, status, parts: all, findings: own, wanted, mounted, checkedAt }
}

function partOf(part: Part, found: readonly Finding[], looked: Finding[] | null | undefined): PartProof {
  const own = found.filter(({ code }) => kinds[code].part === part)
  return { part, status: looked === null ? 'unknown' : partStatus(own), findings: own }
}

function partStatus(found: readonly Finding[]): PartStatus {
  if (found.some(({ severity }) => severity === 'error')) return 'unproven'
  return found.some(({ code }) => code === 'inside-unverifiable') ? 'unverifiable' : 'proven'
}

function worst(statuses: readonly PartStatus[]): PartStatus {
  const order = ['unproven', 'unverifiable', 'unknown', 'proven'] as const
  return order.find((status) => statuses.includes(status)) ?? 'unknown'
}

export function examinationOf(of: {
  root: Proof
  environments: MountProof[]
  orphans: Finding[]
  checkedAt: number
  tookMs: number
}): Examination {
  const { root, environments, orphans, checkedAt, tookMs } = of
  const findings = [...root.findings, ...environments.flatMap((each) => each.findings), ...orphans].toSorted(
    (one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity),
  )
  return { status: statusOf(root, findings), root, environments, findings, checkedAt, tookMs }
}

function statusOf(root: Proof, found: readonly Finding[]): Examination['status'] {
  if (root.status === 'unproven') return 'unproven'
  return found.some(({ severity }) => severity !== 'note') ? 'degraded' : 'proven'
}

const severities = ['error', 'warning', 'note']

/** What is known at a moment. `checkedAt`: when the service looked. */
export type Standing = {
  status: Examination['status'] | 'unknown'
  findings: readonly Finding[]
  checkedAt: number | null
}

/**
 * The newest examination, unless the data root has turned since: an engine that is away ends every examination. `root`: the newest
 * proof. The time of day could not tell which proof is newer: somebody may set it back.
 */
export function standingOf(examination: Examination | null, root: Proof | null): Standing {
  if (!examination) return root ?? { status: 'unknown', findings: [], checkedAt: null }
  if (!root || root.status === examination.root.status) return examination
  const others = examination.findings.filter((finding) => !examination.root.findings.includes(finding))
  const findings = [...root.findings, ...others]
  return { status: statusOf(root, findings), findings, checkedAt: root.checkedAt }
}

/**
 * Of the findings of an earlier examination, those that nobody could look at again: their environment has the same container, and
 * there was no look into it. They are neither there nor cured.
 */
export function unseenAgain(
  before: readonly Finding[],
  environments: readonly Pick<MountProof, 'environmentId' | 'containerId' | 'parts'>[],
): Finding[] {
  const unseen = new Set(
    environments.flatMap(({ environmentId, containerId, parts: all }) =>
      all.filter(({ status }) => containerId && status === 'unknown').map(({ part }) => `${part} ${environmentId}`),
    ),
  )
  return before.filter(({ code, environmentId }) => unseen.has(`${kinds[code].part} ${environmentId}`))
}

/** Compares two lists of findings: the new ones, and the cured ones. */
export function newsOf(before: readonly Finding[], now: readonly Finding[]): { found: Finding[]; cured: Finding[] } {
  const key = ({ code, environmentId, hostPath, detail }: Finding) =>
    JSON.stringify([code, environmentId, hostPath, detail])
  const [earlier, later] = [new Set(before.map(key)), new Set(now.map(key))]
  return {
    found: now.filter((finding) => !earlier.has(key(finding))),
    cured: before.filter((finding) => !later.has(key(finding))),
  }
}
