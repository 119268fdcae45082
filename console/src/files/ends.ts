/** What of some work was done, and why the rest was not. Pure. */
export function endsOf<Done>(ends: readonly PromiseSettledResult<Done>[]): { done: Done[]; failures: unknown[] } {
  return {
    done: ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])),
    failures: ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : [])),
  }
}
