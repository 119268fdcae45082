import { expect, test } from 'vitest'
import { insideFindings, recordedFindings } from '../../../../src/domain/proof/compare-mounts.ts'

const rootId = '5f3c0000-0000-4000-8000-000000000000'
const environmentId = 'ai-lab-lab-000000'
const shared = { device: '64', inode: '11' }
const data = { device: '64', inode: '12' }
const wanted = [
  { source: '/srv/lab/shared', target: '/home/jovyan/shared', readOnly: true },
  { source: '/srv/lab/users/demo', target: '/home/jovyan/data', readOnly: false },
]
const paths = {
  environmentId,
  wanted,
  backendPaths: { shared: '/app/ai-lab-data/shared', data: '/app/ai-lab-data/users/demo' },
}
type Sight = Parameters<typeof insideFindings>[0]
const right: Sight = { kind: 'seen', shared, data, rootId }

function inside(sight: Sight, { sameMachine = true, expected = { rootId, shared, data } } = {}) {
  return insideFindings(sight, expected, { ...paths, sameMachine })
}

test('an environment that sees the folders of the data root is proven', () => {
  expect(inside(right)).toEqual([])
  expect(inside({ ...right, rootId: null })).toEqual([]) // the look was from outside, which does not read the marker
})

test('an environment that sees another folder is stale; the finding has both folders and the remedy', () => {
  const [finding, ...others] = inside({ ...right, data: { ...data, inode: '99' } })
  expect(others).toEqual([])
  expect(finding).toMatchObject({
    code: 'stale-mount',
    severity: 'error',
    environmentId,
    backendPath: '/app/ai-lab-data/users/demo',
    hostPath: '/srv/lab/users/demo',
    detail: expect.stringMatching(/inode 99.*inode 12/),
    remedy: expect.stringContaining(`POST /api/environments/${environmentId}/recreate`),
  })
})

test('the same inode on another disk is another folder', () => {
  expect(inside({ ...right, data: { device: '65', inode: '12' } })).toMatchObject([{ code: 'stale-mount' }])
})

test('on another machine only the inode and the marker count, because device numbers differ', () => {
  const elsewhere = { ...right, shared: { device: '7', inode: '11' }, data: { device: '7', inode: '12' } }
  expect(inside(elsewhere, { sameMachine: false })).toEqual([])
  expect(inside({ ...elsewhere, data: { device: '7', inode: '13' } }, { sameMachine: false })).toHaveLength(1)
  expect(inside({ ...elsewhere, rootId: 'another' }, { sameMachine: false })).toMatchObject([
    { backendPath: '/app/ai-lab-data/shared' },
  ])
})

test('a folder that the environment or the data root does not have is stale', () => {
  expect(inside({ ...right, shared: null })).toMatchObject([{ detail: expect.stringContaining('(nothing,') }])
  expect(inside(right, { expected: { rootId, shared, data: null as never } })).toMatchObject([
    { code: 'stale-mount', detail: expect.stringContaining('has nothing') },
  ])
})

test('a failed look is a warning if it should have worked, and else a note', () => {
  const reason = 'its file system does not answer within 5 s'
  expect(inside({ kind: 'unverifiable', reason, isFault: true })).toMatchObject([
    { code: 'inside-unverifiable', severity: 'warning', detail: expect.stringContaining(reason) },
  ])
  expect(inside({ kind: 'unverifiable', reason: 'it is paused', isFault: false })).toMatchObject([{ severity: 'note' }])
})

test('recorded mounts that are still right give no finding', () => {
  expect(recordedFindings({ mounts: wanted }, paths)).toEqual([])
})

test('a container on another path has drifted, and the finding has both paths', () => {
  const mounts = wanted.map((mount) => ({ ...mount, source: mount.source.replace('/srv/lab', '/opt/lab') }))
  const found = recordedFindings({ mounts }, paths)
  expect(found).toMatchObject([{ code: 'mount-drift' }, { code: 'mount-drift' }])
  expect(found[0]?.detail).toMatch(/\/opt\/lab\/shared.*\/srv\/lab\/shared/)
  expect(recordedFindings({ mounts: [] }, paths)[0]?.detail).toContain('mounts nothing at /home/jovyan/shared')
})

test('a writable shared/ that should be read-only is a warning', () => {
  const mounts = wanted.map((mount) => ({ ...mount, readOnly: false }))
  expect(recordedFindings({ mounts }, paths)).toMatchObject([
    { code: 'mount-mode', severity: 'warning', detail: expect.stringMatching(/shared writable.*read-only/) },
  ])
})

test('an additional mount is found', () => {
  const mounts = [...wanted, { source: '/', target: '/host', readOnly: false }]
  expect(recordedFindings({ mounts }, paths)).toMatchObject([
    { code: 'mount-drift', detail: expect.stringContaining('mounts / at /host') },
  ])
})
