import { expect, test } from 'vitest'
import { ownContainers, straysOf } from '../../../../src/domain/environment/own-containers.ts'
import { container } from '../../../support/container.ts'

const id = 'ai-lab-lab-000000'
const ours = container({ containerId: 'ours', name: id, environmentId: id })
const copy = container({ containerId: 'copy', name: 'my-copy', environmentId: id })

// Trouble (mounts): two containers have the label of one environment
test('when two containers have the label of one environment, the one named by the id belongs to it', () => {
  for (const containers of [
    [ours, copy],
    [copy, ours],
  ]) {
    const own = ownContainers(containers)
    expect(own.get(id)).toBe(ours)
    expect(straysOf(containers, own, new Set([id]))).toEqual([copy])
  }
})

test('a renamed container belongs to its environment as long as there is no other', () => {
  const own = ownContainers([copy])
  expect(own.get(id)).toBe(copy)
  expect(straysOf([copy], own, new Set([id]))).toEqual([])
  expect(straysOf([copy], own, new Set())).toEqual([copy])
})
