import { expect, test } from 'vitest'
import {
  type EngineSight,
  type MarkerSight,
  type RootState,
  rootFindings,
} from '../../../../src/domain/proof/compare-markers.ts'
import { proofOf } from '../../../../src/domain/proof/proof.ts'

const rootId = '5f3c0000-0000-4000-8000-000000000000'
const paths = { rootId, backendPath: '/app/ai-lab-data', hostPath: '/srv/lab', ownSource: null }
const touched: MarkerSight = { kind: 'seen', rootId, touchedAt: '1764000000123456789' }

function finding(backend: MarkerSight, engine: EngineSight, folder: '' | 'shared' | 'users' = '') {
  return rootFindings([{ folder, backend, engine }], 'same', paths)[0]
}

test('the touch seen from both sides is the proof', () => {
  expect(finding(touched, touched)).toBeUndefined()
})

test('a copy of the data root is not the data root', () => {
  const copy: MarkerSight = { ...touched, touchedAt: '1763999999000000000' }
  expect(finding(touched, copy)).toMatchObject({
    code: 'engine-sees-another-root',
    detail: expect.stringContaining('a copy of this data root'),
  })
})

test('another root is named, with both paths', () => {
  const other: MarkerSight = { kind: 'seen', rootId: 'aaaa0000-0000-4000-8000-000000000000', touchedAt: '1' }
  const found = finding(touched, other)
  expect(found).toMatchObject({
    code: 'engine-sees-another-root',
    backendPath: '/app/ai-lab-data',
    hostPath: '/srv/lab',
  })
  expect(found?.detail).toContain('root aaaa0000')
})

test('a host path without a marker is found', () => {
  expect(finding(touched, { kind: 'missing' })).toMatchObject({ code: 'engine-sees-no-marker' })
})

test('a data root that went away is told apart from a folder of it that did', () => {
  expect(finding({ kind: 'missing' }, touched)).toMatchObject({ code: 'data-root-missing' })
  expect(finding({ kind: 'missing' }, touched, 'users')).toMatchObject({
    code: 'marker-missing',
    backendPath: '/app/ai-lab-data/users',
    hostPath: '/srv/lab/users',
  })
})

test('another root in the place of ours is told apart from a missing one', () => {
  expect(finding({ ...touched, rootId: 'bbbb' }, touched)).toMatchObject({ code: 'marker-foreign' })
})

test('a disk that does not answer is a finding, not a proof', () => {
  expect(finding({ kind: 'unreadable', reason: 'the file system does not answer' }, touched)).toMatchObject({
    code: 'data-root-unreadable',
  })
})

test('each folder that is wrong has a finding of its own, and what is wrong with all is told once', () => {
  const missing = { kind: 'missing' } as const
  const sights = (root: EngineSight) =>
    (['', 'shared', 'users'] as const).map((folder) => ({
      folder,
      backend: touched,
      engine: folder === '' ? root : missing,
    }))
  const hostPaths = (root: EngineSight) => rootFindings(sights(root), 'same', paths).map(({ hostPath }) => hostPath)
  expect(hostPaths(touched)).toEqual(['/srv/lab/shared', '/srv/lab/users'])
  expect(hostPaths(missing)).toEqual(['/srv/lab'])
})

test('a path that is right is not to be changed: the disk is to be mounted', () => {
  const remedy = (ownSource: string | null) =>
    rootFindings([{ folder: '', backend: touched, engine: { kind: 'missing' } }], 'same', { ...paths, ownSource })[0]
      ?.remedy
  expect(remedy('/srv/lab')).toContain('is the disk mounted there?')
  expect(remedy('/opt/lab')).toContain('Set HOST_DATA_PATH')
})

test("a root that was replaced beneath the backend's own container is told apart from a wrong path", () => {
  const copy = { ...touched, touchedAt: '1' }
  const codes = (ownSource: string | null) =>
    rootFindings(all(copy), 'same', { ...paths, ownSource }).map(({ code }) => code)
  expect(codes('/srv/lab')).toEqual(['data-root-replaced'])
  expect(codes(null)).toEqual(['engine-sees-another-root'])
})

const all = (engine: EngineSight) =>
  (['', 'shared', 'users'] as const).map((folder) => ({ folder, backend: touched, engine }))

test('a root that was replaced while the service runs is told apart from one whose database went away', () => {
  const codes = (state: RootState) => rootFindings(all(touched), state, paths).map(({ code }) => code)
  expect(codes('same')).toEqual([])
  expect(codes('replaced')).toEqual(['data-root-replaced'])
  expect(codes('missing')).toEqual(['database-missing'])
})

test('a root that is missing is told of once, whatever became of its database', () => {
  const missing = { folder: '', backend: { kind: 'missing' }, engine: { kind: 'missing' } } as const
  expect(rootFindings([missing], 'missing', paths).map(({ code }) => code)).toEqual(['data-root-missing'])
})

test("a mount of the backend's own that is not HOST_DATA_PATH: both sources are named, and nothing is proven", () => {
  const found = rootFindings(all({ kind: 'missing' }), 'same', { ...paths, ownSource: '/opt/lab' })
  const declared = found.find(({ code }) => code === 'declared-otherwise')
  expect(declared).toMatchObject({ severity: 'error', detail: expect.stringMatching(/\/srv\/lab.*\/opt\/lab/) })
  expect(declared?.remedy).toContain('HOST_DATA_PATH=/opt/lab')
})

test('two names of one folder are a note, and break no proof', () => {
  const found = rootFindings(all(touched), 'same', { ...paths, ownSource: '/mnt/link-to-lab' })
  expect(found).toMatchObject([{ code: 'declared-otherwise', severity: 'note' }])
  expect(proofOf(found, 1).status).toBe('proven')
})
