import type { Stats } from '../api/bodies.ts'
import { writeClock } from '../words/write.ts'

/** A point of the plots; network in bytes a second. */
export type Shown = { time: string; memory: number; cpu: number; received: number; sent: number }
export type Sample = { at: number; receivedBytes: number; sentBytes: number; shown: Shown }

const kept = 150

export function sampleOf(stats: Stats, at: number): Sample {
  return {
    at,
    receivedBytes: stats.network_received_bytes,
    sentBytes: stats.network_sent_bytes,
    shown: { time: writeClock(at), memory: stats.memory_bytes, cpu: stats.cpu_percent, received: 0, sent: 0 },
  }
}

/** The samples with one more; the rates come from the one before. A counter that begins anew has no negative rate. Pure. */
export function withSample(samples: readonly Sample[], next: Sample): Sample[] {
  const before = samples.at(-1)
  if (before && before.at >= next.at) return [...samples]
  const seconds = before ? (next.at - before.at) / 1000 : 1
  const rate = (now: number, then: number | undefined) => Math.max(0, (now - (then ?? now)) / seconds)
  const shown = {
    ...next.shown,
    received: rate(next.receivedBytes, before?.receivedBytes),
    sent: rate(next.sentBytes, before?.sentBytes),
  }
  return [...samples, { ...next, shown }].slice(-kept)
}
