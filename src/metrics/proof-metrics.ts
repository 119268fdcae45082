import type { Registry } from '@prometheus-io/client'
import type { Examination } from '../domain/proof/examination.ts'
import { type Finding, findings as kinds, type Proof, type Severity } from '../domain/proof/proof.ts'
import type { Clock } from '../ports/clock.ts'
import type { Gauges } from './gauges.ts'
import { Counter } from './prometheus.ts'

const severities: Severity[] = ['error', 'warning', 'note']

/** Metrics of the data root and of the environments' mounts. */
export type ProofSources = {
  latestProof: () => Proof | null
  latestExamination: () => Examination | null
  clock: Clock
}

export function createProofGauges(gauges: Gauges, { latestProof, latestExamination, clock }: ProofSources): void {
  gauges.one(
    'ailab_data_root_proven',
    '1 when it is shown that the engine sees the data root of the service, else 0.',
    () => (latestProof()?.status === 'proven' ? 1 : 0),
  )
  gauges.one('ailab_proof_age_seconds', 'How long ago the data root was proven, or failed to be.', () => {
    const proof = latestProof()
    return proof && (clock.now() - proof.checkedAt) / 1000
  })
  gauges.one('ailab_proof_duration_seconds', 'How long the newest proof of everything took.', () => {
    const examination = latestExamination()
    return examination && examination.tookMs / 1000
  })
  gauges.each(
    'ailab_proof_findings',
    'What is wrong at present, by finding code and severity.',
    ['code', 'severity'],
    () => {
      const found = (latestExamination() ?? latestProof())?.findings ?? []
      return countsOf(found)
    },
  )
  gauges.each(
    'ailab_environment_mounts',
    'Environments by what the newest proof says of their mounts.',
    ['status'],
    () => {
      const all = latestExamination()?.environments ?? []
      return (['proven', 'unproven', 'unverifiable', 'unknown'] as const).map(
        (status) => [{ status }, all.filter((each) => each.status === status).length] as const,
      )
    },
  )
}

/** Counts the proofs of the data root as the service makes them. */
export function createProofCounter(registry: Registry): (proof: Proof) => void {
  const proofs = new Counter({
    name: 'ailab_proofs_total',
    help: 'Proofs of the data root that were made, by what they showed.',
    labelNames: ['status'],
    registers: [registry],
  })
  for (const status of ['proven', 'unproven']) proofs.inc({ status }, 0)
  return ({ status }) => proofs.inc({ status })
}

/** Every code always has a value, 0 if there is no finding: an alert on a series that comes and goes is unreliable. */
function countsOf(found: readonly Finding[]) {
  return Object.keys(kinds).flatMap((code) =>
    severities
      .map(
        (severity) =>
          [{ code, severity }, found.filter((f) => f.code === code && f.severity === severity).length] as const,
      )
      .filter(([{ severity }, count]) => count > 0 || severity === 'error'),
  )
}
