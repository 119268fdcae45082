import { expect, test } from 'vitest'
import { changeOnFailure } from '../../../../src/domain/environment/change-on-failure.ts'
import { labels } from '../../../../src/domain/names.ts'
import { container } from '../../../support/container.ts'

const failure = { code: 'image-unavailable', detail: 'No such image.', adminDetail: 'No /image.', at: 1 } as const
const wanted = { replaceContainer: 'c1', madeFrom: 'latest', safe: false } as const
const old = container({ labels: { [labels.record]: '{}' } })

test('without an image for a new container the old one stays, and the failure says so', () => {
  const stays = 'Its container stays as it was: start the environment to go on with it.'
  expect(changeOnFailure(failure, wanted, old)).toEqual({
    failure: { ...failure, detail: `No such image. ${stays}`, adminDetail: `No /image. ${stays}` },
    replaceContainer: null,
    madeFrom: null,
  })
  const image = { id: 'sha256:1', digest: null }
  expect(changeOnFailure(failure, { ...wanted, madeFrom: image }, old)).toMatchObject({ madeFrom: image })
})

test.each([
  ['with another failure', { ...failure, code: 'engine-refused' as const }, wanted, old],
  ['without a container', failure, wanted, { kind: 'absent' as const }],
  ['with a container that is not to be replaced', failure, { ...wanted, madeFrom: null, replaceContainer: 'c0' }, old],
  ['with a container of the other mode, which a start replaces', failure, { ...wanted, safe: true }, old],
  [
    "with a container that is not the environment's",
    failure,
    wanted,
    { kind: 'foreign' as const, container: old, detail: '', adminDetail: '' },
  ],
])('only the failure is recorded %s', (_, failed, wish, seen) => {
  expect(changeOnFailure(failed, wish, seen)).toEqual({ failure: failed })
})
