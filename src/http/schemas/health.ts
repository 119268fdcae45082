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

const checks = z.object({ engine: check, data_root: check, mounts: check, database: check, backups: check })

const health = z
  .object({
    status,
    timestamp: time,
    version: z.string(),
    checks,
    weaknesses: z
      .array(z.string())
      .optional()
      .describe('For administrators: what the settings cannot protect, or nobody has practised, each with its cure'),
    notices: z
      .array(z.string())
      .optional()
      .describe('For administrators: who is near the limit of their storage or over it'),
  })
  .meta({ id: 'Health' })

export type HealthBody = z.infer<typeof health>

/** Typed loosely: the route answers with text, which `createHealthText` has written. */
export const healthBody: z.ZodType = health

/**
 * Health as JSON (`healthBody`); host paths only if an administrator asks. Load balancers ask far more often than the
 * service looks, so the checks of a look are written once for each kind of caller.
 */
export function createHealthText({
  version,
  weaknesses = () => [],
  notices = () => [],
}: {
  version: string
  weaknesses?: () => readonly string[]
  notices?: () => readonly string[]
}) {
  const withPaths = new WeakMap<Health, string>()
  const withoutPaths = new WeakMap<Health, string>()
  return (health: Health, { now, forAdmin }: { now: number; forAdmin: boolean }): string => {
    const written = forAdmin ? withPaths : withoutPaths
    let checks = written.get(health)
    if (checks === undefined) {
      checks = JSON.stringify(checksIn(health, forAdmin))
      written.set(health, checks)
    }
    const rest = JSON.stringify({ status: health.status, timestamp: isoTime(now), version })
    const more = forAdmin ? `${listText('weaknesses', weaknesses())}${listText('notices', notices())}` : ''
    return `${rest.slice(0, -1)},"checks":${checks}${more}}`
  }
}

function listText(name: string, lines: readonly string[]): string {
  return lines.length > 0 ? `,"${name}":${JSON.stringify(lines)}` : ''
}

function checksIn(health: Health, forAdmin: boolean): z.infer<typeof checks> {
  const words = (of: Check) => ({
    status: of.status,
    detail: forAdmin ? of.adminDetail : of.detail,
    codes: [...of.codes],
    checked_at: isoTime(of.checkedAt),
  })
  const { engine, data_root, mounts, database, backups } = health.checks
  return {
    engine: words(engine),
    data_root: words(data_root),
    mounts: words(mounts),
    database: words(database),
    backups: words(backups),
  }
}
