/** How far the pull of an image is, layer by layer. Pure: instants come in as numbers. */

/** `present`: the engine had it before. `retrying`: the registry broke off, and the engine asks again. */
export type LayerPhase = 'waiting' | 'downloading' | 'retrying' | 'downloaded' | 'extracting' | 'done' | 'present'

/** `totalBytes` is null until the registry has told the size. The bytes are those of the download. */
export type PullLayer = { id: string; phase: LayerPhase; currentBytes: number; totalBytes: number | null }

/** What the engine tells at one instant. */
export type PullProgress = { currentBytes: number; totalBytes: number; layers: readonly PullLayer[] }

/** What those who wait for an image are told. */
export type PullState = PullProgress & { image: string; percent: number | null; bytesPerSecond: number | null }

/** How many bytes there were at an instant, in milliseconds. */
export type PullSample = { at: number; bytes: number }

// Long enough that the rate does not jump with each packet, short enough that a pull that stands still is seen to.
const rateWindowMs = 5_000
// The first bytes arrive in a burst: from less time than this no rate can be told.
const rateAtLeastMs = 500

/** The samples that the next rate needs: those of the window, and the one before it, from which the window begins. */
export function withSample(samples: readonly PullSample[], sample: PullSample): PullSample[] {
  const since = sample.at - rateWindowMs
  const firstInside = samples.findIndex(({ at }) => at > since)
  if (firstInside < 0) return [...samples.slice(-1), sample]
  return [...samples.slice(Math.max(0, firstInside - 1)), sample]
}

/** Of the last seconds; null while that cannot be told. A download that begins anew has no negative rate. */
export function bytesPerSecond(samples: readonly PullSample[]): number | null {
  const [first] = samples
  const last = samples.at(-1)
  if (!first || !last || last.at - first.at < rateAtLeastMs) return null
  return Math.max(0, Math.round(((last.bytes - first.bytes) / (last.at - first.at)) * 1000))
}

/**
 * Of the download, 0 to 100; null until a size is known. A layer that has not told its size counts as the average of
 * those that have, since the engine fetches a few at a time and learns the sizes of the others only later.
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
