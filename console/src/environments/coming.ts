/** A warning of the service: it is going to pause or stop the environment. */
export type Coming = {
  cause: 'idle-pause' | 'idle-stop' | 'max-runtime'
  action: 'pause' | 'stop'
  at: string
  given_at: string
  reason: string
}

/** Whether use puts it off. Nothing puts off the end of the longest run time. Pure. */
export function mayKeepGoing({ cause }: Pick<Coming, 'cause'>): boolean {
  return cause !== 'max-runtime'
}

/** Whether a warning still counts: its time is to come, and no use since then has put it off. Pure. */
export function isStillComing(
  { cause, at, given_at }: Pick<Coming, 'cause' | 'at' | 'given_at'>,
  lastActivity: string | null,
  nowMs: number,
): boolean {
  const isUsedSince = lastActivity !== null && Date.parse(lastActivity) > Date.parse(given_at)
  return nowMs < Date.parse(at) && !(mayKeepGoing({ cause }) && isUsedSince)
}

/** Gives the next warning that still counts and that the person has not answered. Pure. */
export function nextComing(
  comings: readonly Coming[],
  { answered, lastActivity, nowMs }: { answered: Coming | null; lastActivity: string | null; nowMs: number },
): Coming | null {
  const [next = null] = comings
    .filter((coming) => !isSame(coming, answered) && isStillComing(coming, lastActivity, nowMs))
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
  return next
}

/** A stream that begins anew tells the same warning again. */
function isSame(one: Coming, other: Coming | null): boolean {
  return one.cause === other?.cause && one.at === other.at
}
