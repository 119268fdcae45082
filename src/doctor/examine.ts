import { type Check, worst } from '../domain/doctor/check.ts'
import type { Fix } from '../domain/doctor/fix.ts'
import { gather } from './gather.ts'
import type { GatherUses } from './gather-uses.ts'
import { judge } from './judge.ts'

export type DoctorReport = {
  status: ReturnType<typeof worst>
  checks: Check[]
  /** The repairs that `--fix` can make, each once. */
  fixes: Fix[]
}

/** Looks at everything once, and judges it. Changes nothing but the times of the markers. */
export async function examine(uses: GatherUses): Promise<DoctorReport> {
  const checks = judge(await gather(uses))
  const fixes = new Map(checks.flatMap((check) => check.fixes).map((fix) => [JSON.stringify(fix), fix]))
  return { status: worst(checks), checks, fixes: [...fixes.values()] }
}
