import { mayPause, mayResume } from '../../../src/domain/environment/may-act.ts'
import type { Environment } from '../api/bodies.ts'
import type { Act } from '../api/environments.ts'

/** The buttons of an environment: whether to open it, the one act that they most likely want, and the others. */
export type Offer = { open: boolean; first: Act | null; others: readonly Act[] }

const nothing: Offer = { open: false, first: null, others: [] }

/** Pure. The service asks no less: what it would refuse is not offered. */
export function offered({ desired_state: desired, status }: Pick<Environment, 'desired_state' | 'status'>): Offer {
  if (desired === 'gone') return nothing
  switch (status) {
    case 'running':
      return {
        open: true,
        first: null,
        others: [...(mayPause({ desired, status }) ? pause : []), 'restart', 'stop', 'recreate', 'delete'],
      }
    case 'paused':
      return { open: true, first: mayResume({ desired }) ? 'resume' : 'start', others: ['stop', 'recreate', 'delete'] }
    case 'exited':
    case 'failed':
      return { open: false, first: 'start', others: ['recreate', 'delete'] }
    case 'stopping':
      return { open: false, first: null, others: ['delete'] }
    case 'unknown':
      return { open: true, first: null, others: [] } // until the engine answers, nobody knows what it does
    default:
      return { open: true, first: null, others: ['stop', 'delete'] }
  }
}

const pause = ['pause'] as const satisfies Act[]
