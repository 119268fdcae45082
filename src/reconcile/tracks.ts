import type { Outline } from '../domain/environment/environment.ts'
import { pictureOf } from '../domain/environment/progress.ts'
import { type Runtime, unknownRuntime } from '../domain/environment/status.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Bell } from '../lib/bell.ts'
import { Listeners } from '../lib/listeners.ts'
import type { Turns } from '../lib/turns.ts'
import type { ProgressLog } from './progress-log.ts'
import { newTrack, type Track } from './task.ts'

/** Something about an environment may have changed. `userId`: whose it is; null if its record is gone, or was never read. */
export type News = { id: string; userId: UserId | null }

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
  /** Places in the queue may have changed. */
  moved(): void
  /** Hears of every change of every environment. */
  news: Listeners<News>
  /** Resolves when something about an environment changed, or the signal aborts. */
  next(id: string, options: { signal: AbortSignal }): Promise<void>
}

export function createTracks({ starts, progress }: { starts: Turns; progress: ProgressLog }): Tracks {
  const tracks = new Map<string, Track>()
  const owners = new Map<string, UserId>()
  const bell = new Bell()
  const news = new Listeners<News>()

  function ring(id: string): void {
    bell.ring(id)
    tell(id)
  }

  function tell(id: string): void {
    news.tell({ id, userId: owners.get(id) ?? null })
  }

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
    const { id, userId } = environment
    owners.set(id, userId)
    progress.note(id, pictureOf(environment, runtime(id)))
    tell(id)
  }

  return {
    of(id) {
      const track = tracks.get(id) ?? newTrack()
      tracks.set(id, track)
      return track
    },
    all: () => tracks.values(),
    news,
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
      if (owners.delete(id)) tell(id)
    },
    lose(reason) {
      for (const [id, track] of tracks) {
        track.seen = unreachable(reason)
        progress.stir(id)
        ring(id)
      }
    },
    ring,
    moved() {
      progress.moved()
      for (const [id, { activity }] of tracks) if (activity === 'queued') tell(id)
    },
    next: (id, options) => bell.next(id, options),
  }
}

/** The state of an environment while the engine does not answer. */
export function unreachable(reason: string): NonNullable<Track['seen']> {
  return { observation: { kind: 'unreachable', reason }, ready: false }
}
