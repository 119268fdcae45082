import { z } from 'zod'
import type { Caller } from '../../domain/people/account.ts'
import { can } from '../../domain/people/can.ts'
import { type Examination, type MountProof, standingOf } from '../../domain/proof/examination.ts'
import { type Finding, findings as kinds, type Proof, parts } from '../../domain/proof/proof.ts'
import { isoTime, time } from './common.ts'

const code = z.enum(Object.keys(kinds) as [keyof typeof kinds])
const severity = z.enum(['error', 'warning', 'note'])
const part = z.enum(parts)
const partStatus = z.enum(['proven', 'unproven', 'unverifiable', 'unknown'])
const mode = z.enum(['ro', 'rw'])

const findingBody = z
  .object({
    code,
    severity,
    part,
    environment_id: z.string().nullable(),
    detail: z.string(),
    backend_path: z.string().optional().describe('For administrators only'),
    host_path: z.string().optional().describe('For administrators only'),
    remedy: z.string().optional().describe('For administrators only'),
  })
  .meta({ id: 'Finding', description: 'One thing that is wrong; docs/problems.md explains each code' })

/** The whole proof. */
export const consistencyBody = z
  .object({
    status: z.enum(['proven', 'degraded', 'unproven', 'unknown']),
    checked_at: time.nullable(),
    took_ms: z.int().nullable(),
    root_id: z.string(),
    backend_path: z.string(),
    host_path: z.string().nullable(),
    root: z.object({ status: z.enum(['proven', 'unproven', 'unknown']), checked_at: time.nullable() }),
    environments: z.array(z.object({ id: z.string(), status: partStatus, checked_at: time })),
    findings: z.array(findingBody),
  })
  .meta({ id: 'Consistency' })

export type RootPlace = { rootId: string; path: string; hostPath: () => string | null }

export function toConsistencyBody(
  examination: Examination | null,
  root: Proof | null,
  place: RootPlace,
): z.infer<typeof consistencyBody> {
  const { status, findings, checkedAt } = standingOf(examination, root)
  return {
    status,
    checked_at: checkedAt === null ? null : isoTime(checkedAt),
    took_ms: examination?.tookMs ?? null,
    root_id: place.rootId,
    backend_path: place.path,
    host_path: place.hostPath(),
    root: { status: root?.status ?? 'unknown', checked_at: root && isoTime(root.checkedAt) },
    environments: (examination?.environments ?? []).map(({ environmentId, status, checkedAt }) => ({
      id: environmentId,
      status,
      checked_at: isoTime(checkedAt),
    })),
    findings: findings.map((finding) => toFindingBody(finding, true)),
  }
}

/** The proof for one environment, part by part. */
export const mountsBody = z
  .object({
    id: z.string(),
    status: partStatus,
    checked_at: time,
    parts: z.array(z.object({ part, status: partStatus, findings: z.array(findingBody) })),
    mounts: z.array(
      z.object({
        target: z.string(),
        mode,
        source: z.string().optional().describe('The path that it should have, for administrators only'),
        recorded_mode: mode.nullable().describe('The mode in its container; null without a container'),
        recorded_source: z.string().nullable().optional().describe('For administrators only'),
      }),
    ),
  })
  .meta({ id: 'MountProof' })

export function toMountsBody(
  { environmentId, status, checkedAt, parts: all, wanted, mounted }: MountProof,
  caller: Caller,
): z.infer<typeof mountsBody> {
  const forAdmin = can(caller, 'host-path:see')
  return {
    id: environmentId,
    status,
    checked_at: isoTime(checkedAt),
    parts: all.map((each) => ({ ...each, findings: each.findings.map((finding) => toFindingBody(finding, forAdmin)) })),
    mounts: wanted.map(({ target, source, readOnly }) => {
      const found = mounted.find((mount) => mount.target === target)
      return {
        target,
        mode: readOnly ? 'ro' : 'rw',
        recorded_mode: found ? (found.readOnly ? 'ro' : 'rw') : null,
        ...(forAdmin && { source, recorded_source: found?.source ?? null }),
      }
    }),
  }
}

function toFindingBody(finding: Finding, forAdmin: boolean): z.infer<typeof findingBody> {
  const { severity: how, environmentId, backendPath, hostPath, detail, remedy } = finding
  const kind = kinds[finding.code]
  return {
    code: finding.code,
    severity: how,
    part: kind.part,
    environment_id: environmentId,
    detail: forAdmin ? detail : kind.sentence,
    ...(forAdmin && { backend_path: backendPath, host_path: hostPath, remedy }),
  }
}
