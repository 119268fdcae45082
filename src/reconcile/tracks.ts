import type { Outline } from '../domain/environment/environment.ts'
import { pictureOf } from '../domain/environment/progress.ts'
import { type Runtime, unknownRuntime } from '../domain/environment/status.ts'
import { Bell } from '../lib/bell.ts'
import type { Turns } from '../lib/turns.ts'
import type { ProgressLog } from './progress-log.ts'
import { newTrack, type Track } from './task.ts'

/** The state of each environment beyond its record, and a bell for those who wait for news of it. */
export type Tracks = {
  /** The track of an environment; a new one if there is none. */
  of(id: string): Track
  all(): Iterable<Track>
  runtime(id: string): Runtime
  /** Its progress may have changed. */
  progressed(environment: Outline): void
  /** Something else about it may have changed too. */
  changed(environment: Outline): void
  /** Its record is gone. */
  forget(id: string): void
  /** From now on nothing is known of any environment. */
  lose(reason: string): void
  ring(id: string): void
  /** Resolves when something about an environment changed, or the signal aborts. */
  next(id: string, options: { signal: AbortSignal }): Promise<void>
}

export function createTracks({ starts, progress }: { starts: Turns; progress: ProgressLog }): Tracks {
  const tracks = new Map<string, Track>()
  const bell = new Bell()

  function runtime(id: string): Runtime {
    const track = tracks.get(id)
    if (!track) return unknownRuntime
    const { seen, activity, pull, note, requestedAt, outOfMemory } = track
    return {
      seen,
      activity,
      pull,
      note,
      requestedAt,
      outOfMemory,
      queuePlace: activity === 'queued' ? starts.place(id) : null,
    }
  }

  function progressed(environment: Outline): void {
    progress.note(environment.id, pictureOf(environment, runtime(environment.id)))
  }

  return {
    of(id) {
      const track = tracks.get(id) ?? newTrack()
      tracks.set(id, track)
      return track
    },
    all: () => tracks.values(),
    runtime,
    progressed,
    changed(environment) {
      progressed(environment)
      bell.ring(environment.id)
    },
    forget(id) {
      tracks.delete(id)
      progress.forget(id)
      bell.ring(id)
    },
    lose(reason) {
      for (const [id, track] of tracks) {
        track.seen = unreachable(reason)
        progress.stir(id)
        bell.ring(id)
      }
    },
    ring: (id) => bell.ring(id),
    next: (id, options) => bell.next(id, options),
  }
}

/** The state of an environment while the engine does not answer. */
export function unreachable(reason: string): NonNullable<Track['seen']> {
  return { observation: { kind: 'unreachable', reason }, ready: false }
}
