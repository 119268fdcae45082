import { exitCodeOf, type MigrationPlan, type MigrationResult } from '../domain/migration/migration-plan.ts'
import { shown } from '../lib/octets.ts'

/** Everything that was found and done, for the report file and for scripts. Times are in ISO 8601. */
export function migrationReport(
  plan: MigrationPlan,
  result: MigrationResult | null,
  times: { startedAt: number; endedAt: number },
) {
  return {
    from: plan.from,
    to: plan.to,
    applied: result !== null,
    startedAt: new Date(times.startedAt).toISOString(),
    endedAt: new Date(times.endedAt).toISOString(),
    exitCode: exitCodeOf(plan, result),
    checksum: 'sha256',
    copied: result,
    folders: plan.surveys.map(({ branch: _, haul, ...survey }) => ({
      from: shown(haul.from.join('/')),
      to: shown(haul.to.join('/')),
      user: haul.user,
      ...survey,
    })),
    people: plan.people,
    unknown: plan.unknown,
    leftOut: plan.leftOut,
    notMigrated: [...plan.strange, ...plan.platforms.map((path) => ({ path, reason: "the earlier platform's own" }))],
    space: plan.space,
    containers: { ...plan.containers, owners: Object.fromEntries(plan.containers.owners) },
  }
}
