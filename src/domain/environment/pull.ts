/** The progress of the pull of an image, layer by layer. Pure: instants come in as numbers. */

/** `present`: the engine had it before. `retrying`: the registry broke off, and the engine asks again. */
export type LayerPhase = 'waiting' | 'downloading' | 'retrying' | 'downloaded' | 'extracting' | 'done' | 'present'

/** `totalBytes` is null until the registry has told the size. The bytes are those of the download. */
export type PullLayer = { id: string; phase: LayerPhase; currentBytes: number; totalBytes: number | null }

/** The engine's report at one instant. */
export type PullProgress = { currentBytes: number; totalBytes: number; layers: readonly PullLayer[] }

/** The progress as people see it while they wait for an image. */
export type PullState = PullProgress & { image: string; percent: number | null; bytesPerSecond: number | null }

/** The number of bytes at an instant, in milliseconds. */
export type PullSample = { at: number; bytes: number }

// Long enough for a steady rate, short enough to show soon that a pull stands still.
const rateWindowMs = 5_000
// The first bytes arrive in a burst: a shorter time gives no useful rate.
const rateAtLeastMs = 500

/** The samples for the next rate: those in the window, and the last one before it, where the window begins. */
export function withSample(samples: readonly PullSample[], sample: PullSample): PullSample[] {
  const since = sample.at - rateWindowMs
  const firstInside = samples.findIndex(({ at }) => at > since)
  if (firstInside < 0) return [...samples.slice(-1), sample]
  return [...samples.slice(Math.max(0, firstInside - 1)), sample]
}

/**
 * The rate of the last seconds; null while there are too few samples. A download that begins anew has no negative rate.
 */
export function bytesPerSecond(samples: readonly PullSample[]): number | null {
  const [first] = samples
  const last = samples.at(-1)
  if (!first || !last || last.at - first.at < rateAtLeastMs) return null
  return Math.max(0, Math.round(((last.bytes - first.bytes) / (last.at - first.at)) * 1000))
}

/**
 * Percentage of the download, 0 to 100; null until a size is known. A layer of unknown size counts as the average of
 * the known ones: the engine fetches a few at a time and learns the sizes of the others only later.
 */
export function percentOf(layers: readonly PullLayer[]): number | null {
  const wanted = layers.filter(({ phase }) => phase !== 'present')
  const sizes = wanted.flatMap(({ totalBytes }) => totalBytes ?? [])
  if (sizes.length === 0) return null
  const known = sizes.reduce((sum, size) => sum + size, 0)
  const current = wanted.reduce((sum, { currentBytes }) => sum + currentBytes, 0)
  const estimated = (known / sizes.length) * wanted.length
  return estimated === 0 ? 100 : Math.min(100, Math.floor((100 * current) / estimated))
}
