import { expect, test } from 'vitest'
import { type Container, launchType } from '../../../../src/domain/environment/environment.ts'
import { orphanFindings, orphanOf, recordIn, recordLabel } from '../../../../src/domain/environment/orphan.ts'
import { userId } from '../../../../src/domain/people/user-id.ts'
import { container as containerLike } from '../../../support/container.ts'

const record = {
  name: 'churn model',
  template: 'jupyterlab',
  launch: {
    type: 'jupyter' as const,
    image: 'lab:1',
    command: ['start', '--token={token}'],
    environment: { SECRET: '{token}' },
    port: 8888,
    openPath: '/lab?token={token}',
    readyPath: '/api/status',
    readyWithinMs: 60_000,
  },
  safe: false,
  madeFrom: { id: 'sha256:1', digest: 'lab@sha256:2' },
  resources: { memoryBytes: 1, cpuCores: 2, gpus: 0, pids: 3 },
  hostPort: 61_000,
  createdAt: 4,
}

function container(
  labels: Record<string, string>,
  name = 'ai-lab-jupyterlab-000000',
  source = '/srv/lab/users/demo',
): Container {
  const mounts = [{ source, target: '/home/jovyan/data', readOnly: false }]
  return containerLike({ name, environmentId: labels['ai-lab.environment'] ?? name, image: 'lab:1', labels, mounts })
}

test.each(launchType.options)('a record of the type %s comes back from the label of its container', (type) => {
  const typed = { ...record, launch: { ...record.launch, type } }
  expect(recordIn(container({ 'ai-lab.record': recordLabel(typed) }))).toEqual(typed)
})

test('a record of an earlier version has no port, no image and no safe start', () => {
  const { hostPort: _, madeFrom: __, safe: ___, ...earlier } = record
  expect(recordIn(container({ 'ai-lab.record': JSON.stringify(earlier) }))).toEqual({
    ...earlier,
    hostPort: null,
    madeFrom: null,
    safe: false,
  })
})

test('a label with garbage is no record', () => {
  for (const label of ['', 'null', '{', '[]', '{"name":"x"}']) {
    expect(recordIn(container({ 'ai-lab.record': label }))).toBeNull()
  }
})

test('a container of another data root cannot be adopted, nor can a renamed one, whose old name is shown', () => {
  const of = (labels: Record<string, string>) => orphanOf(container(labels), undefined, 'root-1', new Map())
  expect(of({ 'ai-lab.root': 'root-1', 'ai-lab.user': 'demo' })).toMatchObject({ userId: 'demo', hindrance: null })
  expect(of({ 'ai-lab.root': 'root-2' }).hindrance).toContain('root-2')
  expect(of({ 'ai-lab.root': 'root-1', 'ai-lab.environment': 'first' }).hindrance).toContain('renamed from first')
})

test('a container of an earlier platform has the owner that the migration recorded', () => {
  const owners = new Map([['jupyter-demo', userId.parse('demo@ailab.com')]])
  expect(orphanOf(container({}, 'jupyter-demo'), undefined, 'root-1', owners)).toMatchObject({
    userId: 'demo@ailab.com',
    rootId: null,
    hindrance: null,
  })
})

test('only containers of this data root are findings', () => {
  const found = orphanFindings([container({ 'ai-lab.root': 'root-1' }), container({ 'ai-lab.root': 'root-2' })], {
    rootId: 'root-1',
    hostPath: '/srv/lab',
  })
  expect(found).toMatchObject([{ code: 'orphan-container', severity: 'note' }])
  expect(found[0]?.remedy).toContain('/api/data/orphans/ai-lab-jupyterlab-000000/adopt')
})

// Trouble (input): a data root is copied, and a service runs on the copy
test('the remedy for a container on another folder leaves it to the service on the copy', () => {
  const ofCopy = container({ 'ai-lab.root': 'root-1' }, 'one', '/srv/lab-copy/users/demo')
  const [found] = orphanFindings([ofCopy], { rootId: 'root-1', hostPath: '/srv/lab' })
  expect(found?.detail).toContain('on another folder (/srv/lab-copy/users/demo)')
  expect(found?.remedy).toMatch(/^Leave it to that service\./)
  expect(found?.remedy).not.toContain('docker rm')
})
