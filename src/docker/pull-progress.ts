import type { LayerPhase, PullLayer, PullProgress } from '../domain/environment/pull.ts'

/** One line of a pull, as far as we read it. */
export type PullMessage = {
  id?: string
  status?: string
  progressDetail?: { current?: number; total?: number }
  error?: string
  errorDetail?: { message: string }
}

export type Layers = Map<string, PullLayer>

const phases: Record<string, LayerPhase> = {
  'Pulling fs layer': 'waiting',
  Waiting: 'waiting',
  Downloading: 'downloading',
  'Verifying Checksum': 'downloaded',
  'Download complete': 'downloaded',
  Extracting: 'extracting',
  'Pull complete': 'done',
  'Already exists': 'present',
}
const loaded: ReadonlySet<LayerPhase> = new Set(['downloaded', 'extracting', 'done'])

/** Notes what a line says about a layer. Gives whether it said anything. */
export function addLayer(layers: Layers, { id, status = '', progressDetail: detail }: PullMessage): boolean {
  const phase = status.startsWith('Retrying in') ? 'retrying' : phases[status]
  if (id === undefined || !phase) return false
  const known = layers.get(id)
  const { totalBytes: total, currentBytes: current } = known ?? { totalBytes: null, currentBytes: 0 }
  if (phase === 'downloading') {
    const currentBytes = detail?.current ?? current
    layers.set(id, { id, phase, currentBytes, totalBytes: detail?.total ?? total ?? currentBytes })
  } else if (loaded.has(phase)) {
    // A small layer may arrive without ever telling its size: it then counts as 0 bytes.
    layers.set(id, { id, phase, currentBytes: total ?? 0, totalBytes: total ?? 0 })
  } else {
    layers.set(id, { id, phase, currentBytes: phase === 'waiting' ? 0 : current, totalBytes: total })
  }
  return known?.phase !== phase || phase === 'downloading'
}

/** All layers together. The total grows as layers announce themselves. */
export function progressOf(layers: Layers): PullProgress {
  const progress = { currentBytes: 0, totalBytes: 0, layers: [...layers.values()] }
  for (const { currentBytes, totalBytes } of layers.values()) {
    progress.currentBytes += currentBytes
    progress.totalBytes += totalBytes ?? 0
  }
  return progress
}
