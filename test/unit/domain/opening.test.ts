import { expect, test } from 'vitest'
import { beginningOf, type EngineMemory, openingOf, type RootSight } from '../../../src/domain/opening.ts'

const id = '5f3c0000-0000-4000-8000-000000000000'
const other = 'aaaa0000-0000-4000-8000-000000000000'
const empty: RootSight = { path: '/srv/lab', markers: { '': null, shared: null, users: null }, hasDatabase: false }
const whole: RootSight = { path: '/srv/lab', markers: { '': id, shared: id, users: id }, hasDatabase: true }
const nothingKnown: EngineMemory = { kind: 'known', hostPath: '/srv/lab', roots: [], markerThere: null }

function findingOf(opening: ReturnType<typeof openingOf>) {
  return typeof opening === 'object' && opening.kind === 'wait' ? opening.finding : null
}

test('a root with its marker and its database is opened, even where a folder of it is missing', () => {
  expect(openingOf(whole)).toEqual({ kind: 'open', rootId: id })
  expect(openingOf({ ...whole, markers: { '': id, shared: null, users: null } })).toEqual({ kind: 'open', rootId: id })
})

test('a root that lost its database, or its markers, is waited for', () => {
  expect(findingOf(openingOf({ ...whole, hasDatabase: false }))).toMatchObject({ code: 'database-missing' })
  expect(findingOf(openingOf({ ...whole, markers: { '': null, shared: id, users: null } }))).toMatchObject({
    code: 'marker-missing',
  })
})

test('a first start that was cut short is finished, with the id that it had', () => {
  expect(openingOf({ ...whole, markers: { '': null, shared: id, users: id } })).toEqual({ kind: 'lay-out', rootId: id })
  expect(beginningOf({ ...empty, markers: { '': null, shared: id, users: null } }, nothingKnown)).toEqual({
    kind: 'lay-out',
    rootId: id,
  })
})

test('an empty folder that the engine knows nothing of is a first start', () => {
  expect(openingOf(empty)).toBe('ask-the-engine')
  expect(beginningOf(empty, nothingKnown)).toEqual({ kind: 'lay-out', rootId: null })
})

test('an empty folder where the engine knows a root: its witness is named, with the command that takes it back', () => {
  const roots = [
    { rootId: id, named: 'volume ai-lab-root-5f3c0000-abcdef' },
    { rootId: id, named: 'container ai-lab-jupyterlab-000000' },
  ]
  const finding = findingOf(beginningOf(empty, { ...nothingKnown, roots }))
  expect(finding).toMatchObject({ code: 'data-root-missing', backendPath: '/srv/lab', hostPath: '/srv/lab' })
  expect(finding?.detail).toContain(`root ${id} (volume ai-lab-root-5f3c0000-abcdef)`)
  expect(finding?.remedy).toContain('docker volume rm ai-lab-root-5f3c0000-abcdef')
  expect(finding?.remedy).toContain('docker rm ai-lab-jupyterlab-000000')
})

test('an engine that does not answer decides nothing', () => {
  const finding = findingOf(beginningOf(empty, { kind: 'silent', reason: 'It does not answer.' }))
  expect(finding).toMatchObject({ code: 'data-root-missing', detail: expect.stringContaining('It does not answer.') })
})

test('no second root is begun where the engine sees one under HOST_DATA_PATH', () => {
  const finding = findingOf(beginningOf(empty, { ...nothingKnown, hostPath: '/opt/lab', markerThere: other }))
  expect(finding).toMatchObject({
    code: 'engine-sees-another-root',
    detail: expect.stringMatching(/\/srv\/lab.*\/opt\/lab.*aaaa0000/),
  })
})

test('folders of different roots are not made one', () => {
  const mixed = { ...empty, markers: { '': null, shared: id, users: other } }
  expect(findingOf(beginningOf(mixed, nothingKnown))).toMatchObject({ code: 'marker-foreign' })
})
