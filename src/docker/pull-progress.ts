import type { PullProgress } from '../ports/engine.ts'

/** One line of a pull, as far as we read it. */
export type PullMessage = {
  id?: string
  status?: string
  progressDetail?: { current?: number; total?: number }
  error?: string
  errorDetail?: { message: string }
}

export type Layers = Map<string, PullProgress>

/** Notes what a line says of a layer's download, and tells whether it said anything. */
export function addLayer(layers: Layers, { id, status, progressDetail: detail }: PullMessage): boolean {
  if (id === undefined) return false
  const known = layers.get(id)
  if (status === 'Downloading' && detail?.current !== undefined) {
    layers.set(id, { currentBytes: detail.current, totalBytes: detail.total ?? detail.current })
    return true
  }
  if (status !== 'Download complete' || !known) return false
  layers.set(id, { ...known, currentBytes: known.totalBytes })
  return true
}

/** All layers together. The total grows as layers announce themselves. */
export function progressOf(layers: Layers): PullProgress {
  const progress = { currentBytes: 0, totalBytes: 0 }
  for (const { currentBytes, totalBytes } of layers.values()) {
    progress.currentBytes += currentBytes
    progress.totalBytes += totalBytes
  }
  return progress
}
