import type { BackupFindingCode, BackupStanding } from '../domain/backups/standing.ts'
import { Problem } from '../domain/problem.ts'
import type { Examination } from '../domain/proof/examination.ts'
import { type Finding, type FindingCode, findingsText, findings as kinds, type Proof } from '../domain/proof/proof.ts'
import { isNearlyFull, type Room, roomWords } from '../domain/room.ts'
import { timeLimit } from '../lib/time-limit.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'

export type CheckName = 'engine' | 'data_root' | 'mounts' | 'database' | 'backups'
export type Check = {
  status: 'healthy' | 'degraded' | 'unhealthy'
  detail: string
  adminDetail: string
  /** The codes of the findings; docs/problems.md explains each. */
  codes: readonly (FindingCode | BackupFindingCode)[]
  checkedAt: number
}
export type Health = { status: Check['status']; checks: Record<CheckName, Check> }

/** Measures the service's health in the background, so that asking for it costs nothing and waits for nothing. */
export type HealthMonitor = {
  current(): Health
  /** Measures now. Never rejects. */
  measure(): Promise<Health>
}

const pingLimitMs = 2_000
const engineLimitMs = 3_000
const notYet: Check = {
  status: 'unhealthy',
  detail: 'Not checked yet.',
  adminDetail: 'Not checked yet.',
  codes: [],
  checkedAt: 0,
}

export function createHealthMonitor(deps: {
  engine: Engine
  pingDatabase: () => Promise<void>
  prove: () => Promise<Proof>
  /** The newest proof; null before the first. */
  latestProof: () => Proof | null
  /** The room on the disk of the data root; null if there is no data root. */
  room: () => Promise<Room | null>
  backups: () => Promise<BackupStanding>
  /** The newest examination of the environments; null before the first. */
  examined: () => Examination | null
  /** Called when the engine ceases to answer, with the words for it, and when it answers again (null). */
  onEngine: (away: string | null) => void
  clock: Clock
}): HealthMonitor {
  const { engine, pingDatabase, prove, latestProof, room, backups, examined, onEngine, clock } = deps
  let found: Room | null = null
  /** The proof in `measured`. The time of day could not tell which proof is newer: somebody may set it back. */
  let counted: Proof | null = null
  let measured = healthOf({ engine: notYet, data_root: notYet, mounts: notYet, database: notYet, backups: notYet })

  async function check(fine: string, work: () => Promise<unknown>): Promise<Check> {
    try {
      await work()
      return { status: 'healthy', detail: fine, adminDetail: fine, codes: [], checkedAt: clock.now() }
    } catch (error) {
      return { status: 'unhealthy', ...errorWords(error), codes: [], checkedAt: clock.now() }
    }
  }

  /** A measurement may wait long for a disk that hangs. A proof that ended meanwhile counts at once. */
  function current(): Health {
    const proof = latestProof()
    if (!proof || proof === counted) return measured
    const { data_root, mounts } = checksOf(proof, examined(), clock.now())
    return healthOf({ ...measured.checks, data_root: withRoom(data_root, found), mounts })
  }

  return {
    current,
    async measure() {
      const [engineCheck, database, proven, roomNow, backedUp] = await Promise.all([
        check('The container engine answers.', () =>
          timeLimit('The container engine, asked for its version,', engineLimitMs, (signal) => engine.info({ signal })),
        ),
        check('The database answers.', () => timeLimit('asking the database', pingLimitMs, pingDatabase)),
        prove().catch((error: unknown) => errorWords(error)),
        room().catch(() => null), // the proof tells of a disk that does not answer
        backups().catch(() => null), // the check of the database tells that it does not answer
      ])
      found = roomNow
      counted = 'status' in proven ? proven : latestProof()
      const turned = engineCheck.status !== measured.checks.engine.status
      const { data_root, mounts } = checksOf(proven, examined(), clock.now())
      measured = healthOf({
        engine: engineCheck,
        database,
        data_root: withRoom(data_root, found),
        mounts,
        backups: checkOfBackups(backedUp, clock.now()),
      })
      if (turned) onEngine(engineCheck.status === 'healthy' ? null : engineCheck.detail)
      return measured
    },
  }
}

function healthOf(checks: Health['checks']): Health {
  const states = Object.values(checks).map((check) => check.status)
  const status = states.includes('unhealthy') ? 'unhealthy' : states.includes('degraded') ? 'degraded' : 'healthy'
  return { status, checks }
}

/**
 * The checks that follow from a proof: of the data root itself (the backend's side) and of the mounts (the engine's
 * side, and the environments').
 */
function checksOf(
  proven: Proof | { detail: string; adminDetail: string },
  examination: Examination | null,
  now: number,
): { data_root: Check; mounts: Check } {
  if (!('status' in proven)) {
    const check: Check = { status: 'unhealthy', ...proven, codes: [], checkedAt: now }
    return { data_root: check, mounts: check }
  }
  const { findings, checkedAt } = proven
  const ofRoot = findings.filter(({ code }) => kinds[code].part === 'identity')
  const ofMounts = findings.filter((finding) => !ofRoot.includes(finding))
  const ofEnvironments = examination?.environments.flatMap((each) => each.findings) ?? []
  const data_root = checkOf(ofRoot, 'The data root is there.', checkedAt)
  const mounts = checkOf(ofMounts, 'The engine sees the same files as the service.', checkedAt)
  if (mounts.status === 'unhealthy') return { data_root, mounts }
  if (data_root.status === 'unhealthy') return { data_root, mounts: { ...notShown, checkedAt } }
  return { data_root, mounts: { ...mounts, ...degradedBy(ofEnvironments) } }
}

/** Environments work without backups: so this check is never unhealthy. */
function checkOfBackups(standing: BackupStanding | null, checkedAt: number): Check {
  const { status, code, detail } = standing ?? { status: 'degraded', code: null, detail: 'The records do not answer.' }
  return { status, detail, adminDetail: detail, codes: code === null ? [] : [code], checkedAt }
}

const notShownWords = 'The service cannot check the mounts while the data root is not in order.'
const notShown = { status: 'unhealthy', detail: notShownWords, adminDetail: notShownWords, codes: [] } as const

function checkOf(found: readonly Finding[], fine: string, checkedAt: number): Check {
  const wrong = found.filter(({ severity }) => severity === 'error')
  if (wrong.length === 0) return { status: 'healthy', detail: fine, adminDetail: fine, codes: [], checkedAt }
  const codes = codesOf(wrong)
  const detail = codes.map((code) => kinds[code].sentence).join(' ')
  return { status: 'unhealthy', detail, adminDetail: findingsText(wrong), codes, checkedAt }
}

/** A disk that is nearly full is told before it refuses the first write. */
function withRoom(check: Check, room: Room | null): Check {
  if (check.status !== 'healthy' || room === null || !isNearlyFull(room)) return check
  const detail = `${check.detail} But its disk is nearly full: ${roomWords(room)}. An administrator has to make room.`
  return { ...check, status: 'degraded', detail, adminDetail: detail }
}

/** If an environment is on wrong files, the check is degraded, and everybody else may still start theirs. */
function degradedBy(found: readonly Finding[]): Partial<Check> {
  const wrong = found.filter(({ severity }) => severity !== 'note')
  if (wrong.length === 0) return {}
  const ids = new Set(wrong.map(({ environmentId }) => environmentId))
  const detail = `${ids.size} ${ids.size === 1 ? 'environment is' : 'environments are'} not shown to be on the right files.`
  return { status: 'degraded', detail, adminDetail: `${detail}\n${findingsText(wrong)}`, codes: codesOf(wrong) }
}

function codesOf(found: readonly Finding[]): FindingCode[] {
  return [...new Set(found.map(({ code }) => code))]
}

function errorWords(error: unknown): { detail: string; adminDetail: string } {
  if (error instanceof Problem) return { detail: error.detail, adminDetail: error.adminDetail }
  return { detail: 'It does not answer.', adminDetail: error instanceof Error ? error.message : String(error) }
}
