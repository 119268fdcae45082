import type { Progress } from '../domain/jobs/job.ts'
import type { Proof } from '../domain/proof/proof.ts'
import type { Clock } from '../ports/clock.ts'

type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

const waitAtMostMs = 10 * 60_000
const everyMs = 2_000

/**
 * @returns Waits until the data root is proven, ten minutes at most. After a start of the machine the engine or a disk may come later
 * than the service. The work itself proves once more, and says what is wrong.
 */
export function createUntilProven({
  prove,
  clock,
}: {
  prove: () => Promise<Proof>
  clock: Pick<Clock, 'steady' | 'sleep'>
}) {
  const isProven = () =>
    prove().then(
      ({ status }) => status === 'proven',
      () => false,
    )
  return async ({ signal, tell }: Running): Promise<void> => {
    if (await isProven()) return
    const giveUpAt = clock.steady() + waitAtMostMs
    tell({ ...nothingYet, doing: 'waiting until the data root is proven' })
    do await clock.sleep(everyMs, { signal })
    while (!signal.aborted && clock.steady() < giveUpAt && !(await isProven()))
    signal.throwIfAborted()
    tell({ ...nothingYet, doing: 'going on' })
  }
}

const nothingYet = { doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null }
