import { expect, test } from 'vitest'
import { recognise } from '../../../../src/domain/environment/recognise.ts'
import { container } from '../../../support/container.ts'

const id = 'ai-lab-lab-000000'
const wanted = [
  { source: '/srv/lab/shared', target: '/home/jovyan/shared', readOnly: true },
  { source: '/srv/lab/users/demo', target: '/home/jovyan/data', readOnly: false },
]
const ours = container({
  name: id,
  environmentId: id,
  state: 'exited',
  labels: { 'ai-lab.environment': id },
  mounts: wanted,
})

test('a container on the folders of this data root belongs to its environment', () => {
  expect(recognise(ours, id, wanted)).toBe(ours)
  expect(recognise(null, id, wanted)).toEqual({ kind: 'absent' })
})

// Trouble (input): a foreign container has the name
test("a container with the right name but without the platform's labels is foreign", () => {
  expect(recognise({ ...ours, labels: {} }, id, wanted)).toMatchObject({
    kind: 'foreign',
    detail: expect.stringContaining("not the platform's"),
  })
})

// Trouble (input): somebody renames a container
test('a renamed container is named, with the command that undoes the renaming', () => {
  expect(recognise({ ...ours, name: 'mine' }, id, wanted)).toMatchObject({
    detail: expect.stringContaining(`docker rename mine ${id}`),
  })
})

// Trouble (input): a data root is copied, and a service runs on the copy
test('a container on another folder is foreign, and only administrators see both folders', () => {
  const elsewhere = {
    ...ours,
    mounts: wanted.map((each) => ({ ...each, source: each.source.replace('/srv/lab', '/opt/lab') })),
  }
  const seen = recognise(elsewhere, id, wanted)
  expect(seen).toMatchObject({
    kind: 'foreign',
    adminDetail: expect.stringMatching(/\/opt\/lab\/shared.*\/srv\/lab\/shared/),
  })
  expect(seen).toMatchObject({ detail: expect.not.stringContaining('/srv') })
  expect(recognise({ ...ours, mounts: [] }, id, wanted).kind).toBe('foreign')
})
