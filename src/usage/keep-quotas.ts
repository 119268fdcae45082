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
  /** Sets the limits that are not as they should be. */
  look(): Promise<void>
}

const notYet: Holding = { by: 'count', isBtrfs: false, reason: 'the service has not looked yet' }

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
  let holding = notYet

  function turn(next: Holding): void {
    const reason = next.by === 'count' ? next.reason : null
    const before = holding.by === 'count' ? holding.reason : null
    if (holding === notYet || next.by !== holding.by || reason !== before) log.holds(next.by, reason)
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
      const seen = await sight([...wanted.values()].some((limit) => limit !== null))
      if (seen.kind === 'off') return turn({ by: 'count', isBtrfs: seen.isBtrfs, reason: seen.reason })
      const plain: UserId[] = []
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
          log.failed(id, reasonOf(error))
        }
      }
      turn({ by: 'quota', plain })
    },
  }
}

const lookEveryMs = 60_000

/** A change of a tier counts within a minute. Runs until the signal aborts. */
export async function keepQuotas(
  { quotas, clock, onError }: { quotas: Quotas; clock: Clock; onError: (error: unknown) => void },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await quotas.look().catch(onError)
    await clock.sleep(lookEveryMs, { signal })
  }
}
