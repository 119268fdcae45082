import { expect, test } from 'vitest'
import { createConfirmReplaced } from '../../../src/consistency/confirm-replaced.ts'
import { createProver } from '../../../src/consistency/prove.ts'
import { markerPath } from '../../../src/domain/names.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import type { DataRoot } from '../../../src/ports/data-root.ts'
import type { Engine } from '../../../src/ports/engine.ts'

const rootId = '5b3c1b1e-0c6f-4a3e-9d5b-2f1f3f0a1c11'

/**
 * A prover in a container. `missed`: how many touches of the root's marker the engine does not see, because the doctor touches the same
 * marker after each of them.
 */
function lab(missed: number) {
  let touches = 0
  let time = 0
  const ends: string[] = []
  const touchedAt = new Map<string, string>()
  const dataRoot: Partial<DataRoot> = {
    path: '/data',
    rootId,
    async touchMarker(folder) {
      time += 1
      const mine = String(time)
      if (folder === '') touches += 1
      if (folder === '' && touches <= missed) time += 1
      touchedAt.set(markerPath(folder), String(time))
      return { kind: 'seen', rootId, touchedAt: mine }
    },
    state: async () => 'same',
  }
  const engine: Partial<Engine> = {
    look: async (_, paths) => paths.map((path) => ({ modifiedNs: touchedAt.get(path) ?? '' }) as never),
    read: async () => `${rootId}\n`,
  }
  const prover = createProver({
    engine: engine as Engine,
    dataRoot: dataRoot as DataRoot,
    hostDataPath: async () => '/srv/lab',
    ownSource: async () => '/srv/lab',
    clock: systemClock,
    onProof: (proof) => confirmReplaced(proof),
  })
  const confirmReplaced = createConfirmReplaced({ proveAgain: prover.prove, onReplaced: () => ends.push('end') })
  return { prover, ends }
}

// Trouble (input): the doctor runs beside the service, and both touch the markers at the same instant
test('the service ends on a replaced data root only after a second proof that says so', async () => {
  const beside = lab(2)
  expect((await beside.prover.prove()).findings).toMatchObject([{ code: 'data-root-replaced' }])
  expect(beside.ends).toEqual([])
  await expect.poll(() => beside.prover.latest()?.status).toBe('proven') // the second proof begins by itself
  expect(beside.ends).toEqual([])

  const replaced = lab(Number.POSITIVE_INFINITY)
  await replaced.prover.prove()
  await expect.poll(() => replaced.ends).toEqual(['end'])
})
