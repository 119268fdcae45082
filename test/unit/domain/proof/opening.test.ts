import { expect, test } from 'vitest'
import { beginningOf, openingOf, type RootSight, rootsAt } from '../../../../src/domain/proof/opening.ts'

const id = '5f3c0000-0000-4000-8000-000000000000'
const other = 'aaaa0000-0000-4000-8000-000000000000'
const empty: RootSight = {
  path: '/srv/lab',
  markers: { '': null, shared: null, users: null },
  hasDatabase: false,
  isToBegin: false,
}
const whole: RootSight = {
  path: '/srv/lab',
  markers: { '': id, shared: id, users: id },
  hasDatabase: true,
  isToBegin: false,
}
const nothingKnown = {
  kind: 'known',
  hostPath: '/srv/lab',
  isOwnMount: false,
  roots: [],
  markerThere: null,
  elsewhere: [],
} as const

function findingOf(opening: ReturnType<typeof openingOf>) {
  return typeof opening === 'object' && opening.kind === 'wait' ? opening.finding : null
}

test('the service opens a root with its marker and database, even if a folder is missing', () => {
  expect(openingOf(whole)).toEqual({ kind: 'open', rootId: id })
  expect(openingOf({ ...whole, markers: { '': id, shared: null, users: null } })).toEqual({ kind: 'open', rootId: id })
})

test('the service waits for a root that lost its database or its markers', () => {
  expect(findingOf(openingOf({ ...whole, hasDatabase: false }))).toMatchObject({ code: 'database-missing' })
  expect(findingOf(openingOf({ ...whole, markers: { '': null, shared: id, users: null } }))).toMatchObject({
    code: 'marker-missing',
  })
})

test('the service finishes a first start that was cut short, with the same root id', () => {
  expect(openingOf({ ...whole, markers: { '': null, shared: id, users: id } })).toEqual({ kind: 'lay-out', rootId: id })
  expect(beginningOf({ ...empty, markers: { '': null, shared: id, users: null } }, nothingKnown)).toEqual({
    kind: 'lay-out',
    rootId: id,
  })
})

test('an empty folder that the engine does not know is a first start', () => {
  expect(openingOf(empty)).toBe('ask-the-engine')
  expect(beginningOf(empty, nothingKnown)).toEqual({ kind: 'lay-out', rootId: null })
})

// Trouble (mounts): the disk is not mounted when the service starts
test('the service waits at an empty folder where the engine knows a root, and names the witness and both ways on', () => {
  const roots = [{ rootId: id, witness: 'ai-lab-root-5f3c0000-abcdef', containers: 50 }]
  const finding = findingOf(beginningOf(empty, { ...nothingKnown, roots }))
  expect(finding).toMatchObject({ code: 'data-root-missing', backendPath: '/srv/lab', hostPath: '/srv/lab' })
  expect(finding?.detail).toContain(`root ${id} (volume ai-lab-root-5f3c0000-abcdef, containers on it: 50)`)
  expect(finding?.remedy).toMatch(/Mount the disk.*Or.*: ailab forget-root$/)
})

test('rootsAt gives each root at a path once, and no root of another path', () => {
  const witness = (rootId: string, hostPath: string) => ({ name: `w-${rootId}`, rootId, hostPath })
  const on = (source: string, rootId: string) => ({
    labels: { 'ai-lab.root': rootId },
    mounts: [{ source, target: '/home/jovyan/data', readOnly: false }],
  })
  const containers = [on('/srv/lab/users/a', id), on('/srv/lab/users/b', id), on('/srv/lab-2/users/a', other)]
  expect(rootsAt('/srv/lab', [witness(id, '/srv/lab'), witness(other, '/opt/lab')], containers)).toEqual([
    { rootId: id, witness: `w-${id}`, containers: 2 },
  ])
  expect(rootsAt('/srv/lab-2', [], containers)).toEqual([{ rootId: other, witness: null, containers: 1 }])
  expect(rootsAt('/srv', [], containers)).toEqual([])
})

// Trouble (worst): the engine lists what it knows in another order each time, and each order is news for the log
test('the same roots give the same words in any order of the engine', () => {
  const roots = ['a', 'b', 'c', 'd'].map((rootId) => ({ rootId, hostPath: '/srv/lab' }))
  const witnesses = roots.map((root) => ({ ...root, name: `w-${root.rootId}` }))
  const here = (order: typeof witnesses) =>
    findingOf(beginningOf(empty, { ...nothingKnown, roots: rootsAt('/srv/lab', order, []) }))?.detail
  expect(here(witnesses.toReversed())).toBe(here(witnesses))
  expect(here(witnesses)).toContain('root c (volume w-c), and 1 more (docker')
  const elsewhere = (order: typeof roots) =>
    findingOf(beginningOf(empty, { ...nothingKnown, isOwnMount: true, elsewhere: order }))?.detail
  expect(elsewhere(roots.toReversed())).toBe(elsewhere(roots))
})

test('containers without a witness show that there was a root', () => {
  const roots = [{ rootId: id, witness: null, containers: 1 }]
  const finding = findingOf(beginningOf(empty, { ...nothingKnown, roots }))
  expect(finding?.detail).toContain(`root ${id} (containers on it: 1)`)
  expect(finding?.remedy).toContain('ailab forget-root')
})

test('the service waits while the engine does not answer', () => {
  const finding = findingOf(beginningOf(empty, { kind: 'silent', reason: 'It does not answer.' }))
  expect(finding).toMatchObject({ code: 'data-root-missing', detail: expect.stringContaining('It does not answer.') })
})

test('the service begins no second root if the engine sees one under HOST_DATA_PATH', () => {
  const finding = findingOf(beginningOf(empty, { ...nothingKnown, hostPath: '/opt/lab', markerThere: other }))
  expect(finding).toMatchObject({
    code: 'engine-sees-another-root',
    detail: expect.stringMatching(/\/srv\/lab.*\/opt\/lab.*aaaa0000/),
  })
})

test("the service recognises a disk that was mounted after the backend's container was started", () => {
  const roots = [{ rootId: id, witness: 'w', containers: 0 }]
  const memory = { ...nothingKnown, isOwnMount: true, roots, markerThere: id }
  expect(findingOf(beginningOf(empty, memory))).toMatchObject({
    code: 'data-root-replaced',
    detail: expect.stringContaining('mounted after the container was started'),
  })
  expect(findingOf(beginningOf(empty, { ...memory, markerThere: null }))).toMatchObject({ code: 'data-root-missing' })
})

test('in a container, the service begins a second root in an empty folder only if somebody says so', () => {
  const memory = { ...nothingKnown, isOwnMount: true, elsewhere: [{ rootId: other, hostPath: '/srv/the-lab' }] }
  const finding = findingOf(beginningOf(empty, memory))
  expect(finding).toMatchObject({ code: 'data-root-missing', detail: expect.stringContaining('/srv/the-lab') })
  expect(finding?.remedy).toContain('touch /srv/lab/.ai-lab-begin')
  expect(beginningOf({ ...empty, isToBegin: true }, memory)).toMatchObject({ kind: 'lay-out' })
  expect(beginningOf(empty, { ...memory, isOwnMount: false })).toMatchObject({ kind: 'lay-out' })
})

test('the service does not join folders of different roots', () => {
  const mixed = { ...empty, markers: { '': null, shared: id, users: other } }
  expect(findingOf(beginningOf(mixed, nothingKnown))).toMatchObject({ code: 'marker-foreign' })
})

// Trouble (first-hour): twenty roots of old tests hide the right one
test('the likeliest of many roots at other paths come first, and the rest are counted', () => {
  const paths = ['/tmp/test-1/data', '/srv/lob', '/tmp/test-2/data', '/srv/the-lab', '/opt/something/else']
  const elsewhere = paths.map((hostPath, at) => ({ rootId: `root-${at}`, hostPath }))
  const detail = findingOf(beginningOf(empty, { ...nothingKnown, isOwnMount: true, elsewhere }))?.detail ?? ''
  expect(detail).toMatch(/knows root root-1 at \/srv\/lob, root root-3 at \/srv\/the-lab, root .*, and 2 more \(docker/)
  expect(detail.match(/ at \//g)).toHaveLength(3)
})
