import type { Seen } from '../domain/environment/plan.ts'
import { isSameUpstream, upstreamOf } from '../domain/environment/upstream.ts'
import { isProblem } from '../domain/problem.ts'
import type { Records } from './no-room-to-record.ts'
import type { Task } from './task.ts'

type About = Pick<Task, 'environment' | 'track'>

/** Records where the environment's server answers, if that has changed since the record was read. */
export async function noteUpstream(
  store: Pick<Records, 'change'>,
  { environment: { id }, track }: About,
  seen: Seen,
): Promise<void> {
  const upstream = upstreamOf(track.upstream, seen)
  if (isSameUpstream(upstream, track.upstream)) return
  await store.change(id, { upstream })
  track.upstream = upstream
}

/** The same after a look, which must not fail because the disk is full: there may be something to stop. */
export async function noteLook(...about: Parameters<typeof noteUpstream>): Promise<void> {
  await noteUpstream(...about).catch((error: unknown) => {
    if (!isProblem(error, 'no-room')) throw error
  })
}
