import { expect, test } from 'vitest'
import type { ContainerSpec } from '../../../src/domain/environment/container-spec.ts'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { labels } from '../../../src/domain/names.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import { createObserve } from '../../../src/reconcile/observe.ts'
import { createSweep } from '../../../src/reconcile/sweep.ts'
import { newTrack, type Track } from '../../../src/reconcile/task.ts'
import { createFakeEngine } from '../../support/fake-engine.ts'

const id = 'ai-lab-jupyterlab-abc234'
const spec = {
  name: id,
  image: 'i',
  labels: { [labels.environment]: id },
  mounts: [],
  env: {},
} as unknown as ContainerSpec
const environment = { id, userId: 'a@lab', desired: 'running', failure: null, upstream: null } as unknown as Environment
const store = { change: async () => null }
const lab = async () =>
  ({ rootId: 'r', hostDataPath: '/', cpus: 1, sharedMode: 'ro', notebookUid: 0, notebookGid: 0 }) as const

/** A sweep over one environment, which collects the ids that it wakes. */
function sweepOver(engine: Engine, track: Track, woken: string[]): () => Promise<void> {
  return createSweep({
    engine,
    store: {
      async *outlines() {
        yield [environment]
      },
    },
    lab,
    clock: systemClock,
    trackOf: () => track,
    changed: () => {},
    wake: (each) => woken.push(each),
  })
}

// Trouble (worst): a list of containers comes late
test('a list that is older than a look does not replace the look', async () => {
  const engine = createFakeEngine({ images: ['i'] })
  await engine.create(spec)
  const before = await engine.list()
  const listing = Promise.withResolvers<typeof before>()
  engine.list = () => listing.promise
  const track = newTrack()
  const woken: string[] = []
  const sweep = sweepOver(engine, track, woken)()
  engine.vanish(id)
  const observe = createObserve({ engine, store, lab, clock: systemClock })
  track.seen = await observe(environment, track, { signal: new AbortController().signal })
  listing.resolve(before)
  await sweep
  expect(track.seen.observation.kind).toBe('absent')
  expect(woken).toEqual([id])
})

// Trouble (worst): a list of containers comes late
test('a sweep leaves an environment to its running pass, unless the engine was away for that pass', async () => {
  const engine = createFakeEngine({ images: ['i'] })
  await engine.create(spec)
  const track: Track = { ...newTrack(), pass: Promise.resolve() }
  const woken: string[] = []
  const sweep = sweepOver(engine, track, woken)
  track.seen = { observation: { kind: 'absent' }, ready: false }
  await sweep()
  expect([track.seen.observation.kind, woken]).toEqual(['absent', []])
  track.seen = { observation: { kind: 'unreachable', reason: '' }, ready: false }
  await sweep()
  expect(track.seen.observation.kind).toBe('foreign') // its container is on no folder of the lab
})
