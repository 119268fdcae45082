import { expect, test } from 'vitest'
import { recordLabel } from '../../../../src/domain/environment/orphan.ts'
import { outdatedOf } from '../../../../src/domain/environment/outdated.ts'
import { container } from '../../../support/container.ts'

const record = (image: string) =>
  recordLabel({
    name: 'one',
    template: 'jupyterlab',
    launch: {
      type: 'jupyter',
      image,
      command: [],
      environment: {},
      port: 8888,
      openPath: '/',
      readyPath: '/',
      readyWithinMs: 60_000,
    },
    safe: false,
    madeFrom: null,
    resources: { memoryBytes: 1, cpuCores: 1, gpus: 0, pids: 1 },
    hostPort: null,
    createdAt: 1,
  })

/** A container that was made anew from its recorded image has that image's id for a name. */
const made = (environmentId: string, image: string, imageId: string) =>
  container({ environmentId, image: imageId, imageId, labels: { 'ai-lab.record': record(image) } })

test('an environment is outdated once the name of its image stands for another image', () => {
  const containers = [
    made('old', 'lab:1', 'sha256:1'),
    made('new', 'lab:1', 'sha256:2'),
    made('other', 'own:1', 'sha256:1'),
  ]
  const idOf = new Map([
    ['lab:1', 'sha256:2'],
    ['own:1', 'sha256:1'],
  ])
  expect(outdatedOf(containers, idOf)).toEqual([{ id: 'old', image: 'lab:1' }])
})

test('an environment is not outdated if the engine has no image of that name, or the name is unknown', () => {
  const nameless = container({ environmentId: 'adopted', imageId: 'sha256:1', labels: {} })
  expect(outdatedOf([made('one', 'lab:1', 'sha256:1'), nameless], new Map([['lab:1', null]]))).toEqual([])
})
