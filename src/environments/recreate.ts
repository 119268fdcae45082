import type { Container } from '../domain/environment/environment.ts'
import { labels } from '../domain/names.ts'
import type { Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import { Problem } from '../domain/problem.ts'
import { notProven, type Proof } from '../domain/proof/proof.ts'
import { Pace } from '../lib/pace.ts'
import { Sharing } from '../lib/sharing.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { Find, Found } from './find.ts'

/**
 * `image: 'latest'`: take the image that its name stands for today, as for a new environment; else the same image as
 * before.
 */
export type Recreate = (caller: Caller, id: string, options?: { image?: 'latest' | undefined }) => Promise<Found>

/**
 * Replaces an environment's container with a new one: the same data, on the mounts that it should have today. A stopped
 * environment stays stopped, and gets its new container at the next start. Files outside `shared/` and `data/` go.
 *
 * @throws Problem environment-not-found, wrong-state, forbidden, data-root-not-proven, engine-unavailable
 */
export function createRecreate(deps: {
  find: Find
  store: Pick<EnvironmentStore, 'change'>
  engine: Pick<Engine, 'inspect'>
  prove: () => Promise<Proof>
  /** The caller with the rights of this moment. @throws Problem unauthenticated */
  asOfNow: (caller: Caller) => Promise<Caller>
  redirect: (id: string) => void
  clock: Pick<Clock, 'now' | 'steady' | 'after'>
}): Recreate {
  const { find, store, engine, prove, asOfNow, redirect, clock } = deps
  const looks = new Sharing<Container | null>()
  // A person who asks without end would take the engine's time from those who start an environment.
  const pace = new Pace(clock)

  async function look(id: string): Promise<Container | null> {
    const proof = await prove()
    if (proof.status !== 'proven') throw notProven(proof)
    return engine.inspect(id)
  }

  return async (asker, id, { image } = {}) => {
    const { userId } = (await find.one(asker, id, 'environment:change')).environment
    const container = await looks.run(id, () => pace.run(userId, () => look(id)))
    // The look takes its time: the right to it may have ended, and what somebody asked for meanwhile stays.
    const caller = await asOfNow(asker)
    const { environment } = await find.one(caller, id, 'environment:change')
    if (container && container.labels[labels.environment] !== id && !can(caller, 'container:replace')) {
      throw new Problem(
        'forbidden',
        'The container of its name does not belong to this platform: only an administrator may replace it.',
      )
    }
    const changed = await store.change(id, {
      replaceContainer: container?.containerId ?? null,
      ...(environment.desired === 'paused' && { desired: 'running' }),
      ...(image && { madeFrom: image }),
      failure: null,
      // As with any other request: an earlier act of the platform, for lack of activity say, is over.
      lastActivityAt: clock.now(),
      idleAction: null,
    })
    if (!changed) throw new Problem('wrong-state', `${id} is being deleted.`)
    redirect(id)
    return find.one(caller, id)
  }
}
