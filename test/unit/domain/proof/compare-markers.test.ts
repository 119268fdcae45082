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

test('a touch that both sides see is the proof', () => {
  expect(finding(touched, touched)).toBeUndefined()
})

test('a copy of the data root is found', () => {
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

test('a missing data root and a missing folder in it have different findings', () => {
  expect(finding({ kind: 'missing' }, touched)).toMatchObject({ code: 'data-root-missing' })
  expect(finding({ kind: 'missing' }, touched, 'users')).toMatchObject({
    code: 'marker-missing',
    backendPath: '/app/ai-lab-data/users',
    hostPath: '/srv/lab/users',
  })
})

test('another root in place of the data root is found', () => {
  expect(finding({ ...touched, rootId: 'bbbb' }, touched)).toMatchObject({ code: 'marker-foreign' })
})

test('a disk that does not answer is a finding, not a proof', () => {
  expect(finding({ kind: 'unreadable', reason: 'the file system does not answer' }, touched)).toMatchObject({
    code: 'data-root-unreadable',
  })
})

test('each wrong folder has its own finding, and a wrong root has one finding for all', () => {
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

test('the remedy for a right path without a disk is to mount the disk, not to change the path', () => {
  const remedy = (ownSource: string | null) =>
    rootFindings([{ folder: '', backend: touched, engine: { kind: 'missing' } }], 'same', { ...paths, ownSource })[0]
      ?.remedy
  expect(remedy('/srv/lab')).toContain('is the disk mounted there?')
  expect(remedy('/opt/lab')).toContain('Set HOST_DATA_PATH')
})

test("a root that was replaced under the backend's container is no wrong path", () => {
  const copy = { ...touched, touchedAt: '1' }
  const codes = (ownSource: string | null) =>
    rootFindings(all(copy), 'same', { ...paths, ownSource }).map(({ code }) => code)
  expect(codes('/srv/lab')).toEqual(['data-root-replaced'])
  expect(codes(null)).toEqual(['engine-sees-another-root'])
})

const all = (engine: EngineSight) =>
  (['', 'shared', 'users'] as const).map((folder) => ({ folder, backend: touched, engine }))

test('a replaced root and a missing database have different findings', () => {
  const codes = (state: RootState) => rootFindings(all(touched), state, paths).map(({ code }) => code)
  expect(codes('same')).toEqual([])
  expect(codes('replaced')).toEqual(['data-root-replaced'])
  expect(codes('missing')).toEqual(['database-missing'])
})

test('a missing root has one finding, whatever became of its database', () => {
  const missing = { folder: '', backend: { kind: 'missing' }, engine: { kind: 'missing' } } as const
  expect(rootFindings([missing], 'missing', paths).map(({ code }) => code)).toEqual(['data-root-missing'])
})

test('a backend whose own mount is not HOST_DATA_PATH gets an error that names both folders', () => {
  const found = rootFindings(all({ kind: 'missing' }), 'same', { ...paths, ownSource: '/opt/lab' })
  const declared = found.find(({ code }) => code === 'declared-otherwise')
  expect(declared).toMatchObject({ severity: 'error', detail: expect.stringMatching(/\/srv\/lab.*\/opt\/lab/) })
  expect(declared?.remedy).toContain('HOST_DATA_PATH=/opt/lab')
})

test('two names of the same folder give a note, and break no proof', () => {
  const found = rootFindings(all(touched), 'same', { ...paths, ownSource: '/mnt/link-to-lab' })
  expect(found).toMatchObject([{ code: 'declared-otherwise', severity: 'note' }])
  expect(proofOf(found, 1).status).toBe('proven')
})
