import { expect, test } from 'vitest'
import { rootIdOf } from '../../../src/doctor/checks/data-root.ts'
import { lookAtImages } from '../../../src/doctor/look-at-images.ts'
import { recordLabel } from '../../../src/domain/environment/orphan.ts'
import { labels } from '../../../src/domain/names.ts'
import { container } from '../../support/container.ts'
import { createFakeEngine } from '../../support/fake-engine.ts'
import { rootLook } from '../../support/observations.ts'

const root = rootLook()
const record = recordLabel({
  ...{ name: 'one', template: 'jupyterlab', safe: false, madeFrom: null, hostPort: null, createdAt: 1 },
  launch: {
    ...{ type: 'jupyter', image: 'lab:1', command: [], environment: {}, port: 8888 },
    ...{ openPath: '/', readyPath: '/', readyWithinMs: 60_000 },
  },
  resources: { memoryBytes: 1, cpuCores: 1, gpus: 0, pids: 1 },
})
const made = (id: string) =>
  container({
    ...{ name: id, environmentId: id, imageId: 'sha256:older' },
    labels: { [labels.root]: rootIdOf(root) ?? '', [labels.record]: record },
  })

// Trouble (doctor): the command of the doctor recreates an environment that has no record, and gets 404
test('a container without a record is no environment with an older image', async () => {
  const engine = createFakeEngine({ images: ['lab:1'] })
  engine.list = async () => [made('recorded'), made('orphan')]
  const records = new Map([['recorded', null]])
  const seen = await lookAtImages({ engine, recordedImages: async () => records }, root)
  expect(seen?.outdated).toEqual([{ id: 'recorded', image: 'lab:1' }])
})
