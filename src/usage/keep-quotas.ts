import type { UserId } from '../domain/people/user-id.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { FolderQuotas } from '../ports/folder-quotas.ts'

/** Who holds people's folders to the limits of their tiers. */
export type Holding =
  /** The file system: what is written beyond a limit fails. `plain`: people whose folders are no subvolumes, and are only counted. */
  | { by: 'quota'; plain: readonly UserId[] }
  /** Counting alone: a notebook can write more than its person may until it is counted, and after that too. */
  | { by: 'count'; isBtrfs: boolean; reason: string }

export type QuotasLog = {
  holds(by: Holding['by'], reason: string | null): void
  limited(userId: UserId, bytes: number | null): void
  failed(userId: UserId, reason: string): void
}

export type Quotas = {
  holding(): Holding
  /** Sets the limits that are not as they should be, and takes away those of people who have none any more. Gives whether all are right now. */
  look(): Promise<boolean>
}

const noLimits: Holding = { by: 'count', isBtrfs: false, reason: 'nobody has a limit, or the service has just started' }

/** Holds people's folders to the limits of their tiers, where the file system can. */
export function createQuotas({
  quotas,
  limits,
  isRoot,
  log,
}: {
  quotas: FolderQuotas
  /** The limit of each person; null: none. */
  limits: () => Promise<ReadonlyMap<UserId, number | null>>
  isRoot: boolean
  log: QuotasLog
}): Quotas {
  let holding = noLimits

  /** A lab without limits hears nothing about who holds them. */
  function turn(next: Holding): void {
    const reason = next.by === 'count' ? next.reason : null
    const before = holding.by === 'count' ? holding.reason : null
    if (next !== noLimits && (next.by !== holding.by || reason !== before)) log.holds(next.by, reason)
    holding = next
  }

  async function sight(isNeeded: boolean) {
    const seen = await quotas.look()
    if (seen.kind === 'on' || !seen.isBtrfs || !isRoot || !isNeeded) return seen
    return quotas.switchOn().then(
      () => quotas.look(),
      () => seen,
    )
  }

  return {
    holding: () => holding,
    async look() {
      const wanted = await limits()
      const isNeeded = [...wanted.values()].some((limit) => limit !== null)
      const seen = await sight(isNeeded)
      if (seen.kind === 'off') {
        turn(isNeeded ? { by: 'count', isBtrfs: seen.isBtrfs, reason: seen.reason } : noLimits)
        return seen.isSure
      }
      const plain: UserId[] = []
      let failed = 0
      for (const [id, bytes] of wanted) {
        try {
          const subvolume = await quotas.subvolumeOf(id)
          if (subvolume === null) {
            if (bytes !== null) plain.push(id)
          } else if ((seen.groups.get(subvolume)?.limitBytes ?? null) !== bytes) {
            await quotas.limit(id, bytes)
            log.limited(id, bytes)
          }
        } catch (error) {
          failed += 1
          log.failed(id, reasonOf(error))
        }
      }
      turn(isNeeded ? { by: 'quota', plain } : noLimits)
      return failed === 0
    },
  }
}

const lookEveryMs = 15_000

/**
 * A change of a tier, and a new folder, count within 15 seconds. Runs until the signal aborts. Where no tier has a limit, it takes those
 * of before away, and ends.
 */
export async function keepQuotas(
  {
    quotas,
    isLimited,
    clock,
    onError,
  }: { quotas: Pick<Quotas, 'look'>; isLimited: boolean; clock: Clock; onError: (error: unknown) => void },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const isDone = await quotas.look().catch((error: unknown) => void onError(error))
    if (isDone && !isLimited) return
    await clock.sleep(lookEveryMs, { signal })
  }
}
