import { z } from 'zod'
import type { PullState } from '../../domain/environment/pull.ts'
import type { Note } from '../../domain/environment/status.ts'
import type { Told } from '../../environments/follow.ts'
import { flag, isoTime } from './common.ts'
import { toTransitionBody } from './transition.ts'

export const followQuery = z.object({
  follow: flag.describe(
    'Stay when the environment is settled, until it is gone: for the warnings that come before a pause',
  ),
})

/** The data of one event in the API: words with paths of the host are for administrators only. */
export function toEventBody(event: Told['event'], forAdmin: boolean): object {
  const reasonOf = (words: Note | null) => words && (forAdmin ? words.adminDetail : words.detail)
  switch (event.kind) {
    case 'status':
      return {
        status: event.status,
        reason: reasonOf(event.words),
        transition: event.transition && toTransitionBody(event.transition),
      }
    case 'phase':
      return { phase: event.phase }
    case 'queued':
      return { place: event.place }
    case 'pulling':
      return pullBody(event.pull)
    case 'ready': {
      const phases = Object.entries(event.phases).map(([phase, ms]) => [
        `${phase.replaceAll('-', '_')}_ms`,
        Math.round(ms),
      ])
      return { took_ms: Math.round(event.tookMs), phases: Object.fromEntries(phases) }
    }
    case 'failed':
      return { code: event.code, reason: reasonOf(event.words) }
    case 'warning':
      return {
        cause: event.cause,
        action: event.action,
        at: isoTime(event.at),
        given_at: isoTime(event.givenAt),
        reason: event.reason,
      }
    case 'out-of-memory':
      return { at: isoTime(event.at), limit_bytes: event.limitBytes, reason: event.reason }
    case 'ended':
      return { status: event.status }
  }
}

function pullBody({ image, percent, currentBytes, totalBytes, bytesPerSecond, layers }: PullState): object {
  return {
    image,
    percent,
    current_bytes: currentBytes,
    total_bytes: totalBytes,
    bytes_per_second: bytesPerSecond,
    layers: layers.map((layer) => ({
      id: layer.id,
      phase: layer.phase,
      current_bytes: layer.currentBytes,
      total_bytes: layer.totalBytes,
    })),
  }
}
