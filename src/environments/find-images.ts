import type { ImageSight } from '../domain/environment/image.ts'
import { mapLimited } from '../lib/map-limited.ts'
import { Sharing } from '../lib/sharing.ts'
import { timeLimit } from '../lib/time-limit.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'

/** Images by their names; null: the engine has none of that name. An image of which the engine did not tell in time has no entry. */
export type FoundImages = ReadonlyMap<string, ImageSight | null>

// However many people ask, the engine is asked once in so long.
const keptForMs = 5_000
const limitMs = 2_000
const askedAtOnce = 4

/** Finds images by their names. It costs the engine the same however many people ask. */
export function createFindImages({
  engine,
  images,
  clock,
}: {
  engine: Pick<Engine, 'findImage'>
  images: Iterable<string>
  clock: Pick<Clock, 'steady'>
}): () => Promise<FoundImages> {
  const names = [...new Set(images)]
  const looks = new Sharing<FoundImages>()
  let kept: { at: number; found: FoundImages } | null = null

  async function look(): Promise<FoundImages> {
    const at = clock.steady()
    const found = new Map<string, ImageSight | null>()
    const find = (signal: AbortSignal) =>
      mapLimited(names, askedAtOnce, async (name) => {
        found.set(name, await engine.findImage(name, { signal }))
      })
    await timeLimit('The look at the images', limitMs, find).catch(() => {}) // the health check tells of the engine
    kept = { at, found: new Map(found) }
    return kept.found
  }

  return async () => (kept && clock.steady() - kept.at < keptForMs ? kept.found : looks.run('', look))
}
