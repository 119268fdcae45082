import { mapLimited } from '../lib/map-limited.ts'
import { Sharing } from '../lib/sharing.ts'
import { timeLimit } from '../lib/time-limit.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'

/** Whether the engine has each of the images; null for those of which it does not say so in time. */
export type ImagesHere = () => Promise<ReadonlyMap<string, boolean | null>>

// However many people ask, the engine is asked once in so long.
const keptForMs = 5_000
const limitMs = 2_000
const askedAtOnce = 4

/** Looks for images by their names. The looks cost the engine the same however many people ask. */
export function createImagesHere({
  engine,
  images,
  clock,
}: {
  engine: Pick<Engine, 'findImage'>
  images: Iterable<string>
  clock: Pick<Clock, 'steady'>
}): ImagesHere {
  const names = [...new Set(images)]
  const looks = new Sharing<ReadonlyMap<string, boolean | null>>()
  let kept: { at: number; found: ReadonlyMap<string, boolean | null> } | null = null

  async function look(): Promise<ReadonlyMap<string, boolean | null>> {
    const at = clock.steady()
    const found = new Map<string, boolean | null>(names.map((name) => [name, null]))
    const lookFor = (signal: AbortSignal) =>
      mapLimited(names, askedAtOnce, async (name) => {
        found.set(name, (await engine.findImage(name, { signal })) !== null)
      })
    await timeLimit('The look at the images', limitMs, lookFor).catch(() => {}) // the health check tells of the engine
    kept = { at, found: new Map(found) }
    return kept.found
  }

  return async () => {
    if (kept && clock.steady() - kept.at < keptForMs) return kept.found
    return looks.run('', look)
  }
}
