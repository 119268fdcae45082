import { z } from 'zod'
import type { Check, Health } from '../../consistency/health.ts'
import { isoTime, time } from './common.ts'

const status = z.enum(['healthy', 'degraded', 'unhealthy'])
const check = z.object({
  status,
  detail: z.string(),
  codes: z.array(z.string()).describe('The findings; docs/problems.md explains each code'),
  checked_at: time,
})

export const healthBody = z
  .object({
    status,
    timestamp: time,
    version: z.string(),
    checks: z.object({ engine: check, data_root: check, mounts: check, database: check }),
  })
  .meta({ id: 'Health' })

/** Health in words; host paths only if an administrator asks. */
export function toHealthBody(
  { status, checks }: Health,
  { version, now, forAdmin }: { version: string; now: number; forAdmin: boolean },
): z.infer<typeof healthBody> {
  const words = (of: Check) => ({
    status: of.status,
    detail: forAdmin ? of.adminDetail : of.detail,
    codes: [...of.codes],
    checked_at: isoTime(of.checkedAt),
  })
  return {
    status,
    timestamp: isoTime(now),
    version,
    checks: {
      engine: words(checks.engine),
      data_root: words(checks.data_root),
      mounts: words(checks.mounts),
      database: words(checks.database),
    },
  }
}
