/**
 * The proof that backend and environments see the same files: its parts, and its words.
 *
 * Five parts (docs/data.md): the root's identity, what is declared, what the engine sees, what each running environment
 * sees from inside, and which mounts are recorded for every container.
 */
import { asSentence } from '../../lib/as-sentence.ts'
import { Problem } from '../problem.ts'

/** Every finding: its part of the proof, and a sentence for everyone, without paths of the host. */
export const findings = {
  'cannot-start': { part: 'identity', sentence: 'The service cannot start yet.' },
  'data-root-missing': { part: 'identity', sentence: 'The data root is not there.' },
  'data-root-unreadable': { part: 'identity', sentence: 'The disk of the data root does not work as it should.' },
  'marker-missing': { part: 'identity', sentence: 'A folder of the data root is not there.' },
  'marker-foreign': { part: 'identity', sentence: 'Another data root is in the place of this one.' },
  'database-missing': { part: 'identity', sentence: 'The database of the data root is not there.' },
  'data-root-replaced': { part: 'identity', sentence: 'The data root was replaced, and is being opened anew.' },
  'declared-otherwise': { part: 'declared', sentence: 'The data root is declared at two places.' },
  'engine-sees-no-marker': { part: 'engine', sentence: 'The engine does not see the data root.' },
  'engine-sees-another-root': { part: 'engine', sentence: 'The engine sees other files than the service.' },
  'proof-unfinished': { part: 'engine', sentence: 'The service could not show that the engine sees the data root.' },
  'stale-mount': { part: 'inside', sentence: 'The environment sees other files than the data root has.' },
  'inside-unverifiable': { part: 'inside', sentence: 'The service could not look into the environment.' },
  'mount-drift': { part: 'recorded', sentence: 'The container is on other folders than it should be.' },
  'mount-mode': { part: 'recorded', sentence: 'The container may write where it should not, or the reverse.' },
  'orphan-container': { part: 'recorded', sentence: 'A container of this data root has no record.' },
} as const satisfies Record<string, { part: Part; sentence: string }>

export type FindingCode = keyof typeof findings

/** In the order in which they are shown. */
export const parts = ['identity', 'declared', 'engine', 'inside', 'recorded'] as const
export type Part = (typeof parts)[number]

/** `error`: environments are, or would be, on wrong files. `warning`: somebody should look. `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note'

/** One fault: in words, with both paths, and what to do. For administrators: it names host paths. */
export type Finding = {
  code: FindingCode
  severity: Severity
  /** The environment that it concerns; null if it concerns the data root. */
  environmentId: string | null
  backendPath: string
  hostPath: string
  detail: string
  remedy: string
}

/** The proof of the data root itself, parts 1 to 3. Unless it holds, the service creates and starts nothing. */
export type Proof = { status: 'proven' | 'unproven'; findings: Finding[]; checkedAt: number }

/** Makes a proof from findings: warnings and notes do not break it. */
export function proofOf(found: Finding[], checkedAt: number): Proof {
  return {
    status: found.some(({ severity }) => severity === 'error') ? 'unproven' : 'proven',
    findings: found,
    checkedAt,
  }
}

/** The finding for a proof that could not be finished, with the reason. */
export function unfinishedFinding(backendPath: string, reason: string): Finding {
  return {
    code: 'proof-unfinished',
    severity: 'error',
    environmentId: null,
    backendPath,
    hostPath: '',
    detail: `The service could not show that the engine sees ${backendPath}: ${reason}`,
    remedy: 'Check the container engine; the service heals by itself.',
  }
}

/** The problem for a proof that does not hold. Only the administrators' words have host paths. */
export function notProven(proof: Proof): Problem {
  return new Problem(
    'data-root-not-proven',
    'The service cannot show that environments would see the same files as it does, so it starts none. An administrator has to look.',
    { adminDetail: findingsText(proof.findings) },
  )
}

/** Findings as an administrator reads them, a line each. */
export function findingsText(found: readonly Pick<Finding, 'detail' | 'remedy'>[]): string {
  return found.map(({ detail, remedy }) => `${asSentence(detail)} ${remedy}`).join('\n')
}
