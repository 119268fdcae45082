import { expect, test } from 'vitest'
import { forgettingOf } from '../../../../src/domain/proof/forgetting.ts'
import type { RootSight } from '../../../../src/domain/proof/opening.ts'

const empty: RootSight = {
  path: '/srv/lab',
  markers: { '': null, shared: null, users: null },
  hasDatabase: false,
  isToBegin: false,
}
const root = { rootId: 'root-1', witness: 'ai-lab-root-1', containers: 0 }
const known = {
  kind: 'known',
  hostPath: '/srv/lab',
  isOwnMount: false,
  roots: [root],
  markerThere: null,
  elsewhere: [],
} as const

test('a root without files and containers may be forgotten', () => {
  expect(forgettingOf(empty, known)).toEqual({ kind: 'may' })
})

// Trouble (first-hour): an existing data root is forgotten by mistake
test.each([
  [
    'the marker of a part',
    { ...empty, markers: { ...empty.markers, users: 'root-1' } },
    known,
    'holds the marker of root root-1',
  ],
  ['a database', { ...empty, hasDatabase: true }, known, 'holds a database'],
  ['a marker that only the engine sees', empty, { ...known, markerThere: 'root-1' }, 'the engine finds root root-1'],
  ['containers', empty, { ...known, roots: [{ ...root, containers: 3 }] }, '(root root-1: 3)'],
])('the root is not forgotten because of %s, and the reason is given', (_, sight, memory, words) => {
  expect(forgettingOf(sight, memory)).toEqual({ kind: 'refused', reason: expect.stringContaining(words) })
})

// Trouble (first-hour): the command for the next step stands at the end of a long line
test('the command that removes the containers stands on its own line', () => {
  const refusal = forgettingOf(empty, { ...known, roots: [{ ...root, containers: 3 }] })
  expect(refusal).toMatchObject({
    reason: expect.stringMatching(/\n\n {4}docker rm --force \$\(docker ps -aq --filter label=ai-lab\.root=root-1\)$/),
  })
})
