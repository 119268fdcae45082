import { expect, test } from 'vitest'
import { browserOf } from '../src/parts/file-links.ts'
import { byteTicks } from '../src/usage/byte-ticks.ts'
import { pointsOf, spanOf } from '../src/usage/history-points.ts'
import { useAgainst } from '../src/usage/limit.ts'
import { foldersAsTree, isRest, labAsTree, nameOfTile } from '../src/usage/parts-of.ts'

const folder = (path: string, bytes: number) => ({ path, bytes, files: 1 })

test('folders within folders become a tree in which nothing counts twice', () => {
  const folders = [folder('churn', 32), folder('churn/data', 15), folder('churn/models', 14), folder('a', 5)]
  expect(foldersAsTree(40, folders)).toEqual([
    {
      id: 'churn',
      value: 32,
      children: [
        { id: 'churn/data', value: 15, children: [] },
        { id: 'churn/models', value: 14, children: [] },
        { id: 'churn/', value: 3 },
      ],
    },
    { id: 'a', value: 5, children: [] },
    { id: '/', value: 3 },
  ])
})

test('a tile is called by its path below the tile around it', () => {
  const folders = [folder('churn', 32), folder('churn/data/2025', 15), folder('churn-old', 3)]
  expect(folders.map(({ path }) => nameOfTile(path, folders))).toEqual(['churn', 'data/2025', 'churn-old'])
})

test('a folder whose name begins as another one is no part of it', () => {
  const tree = foldersAsTree(30, [folder('data', 20), folder('data-old', 10)])
  expect(tree.map(({ id }) => id)).toEqual(['data', 'data-old'])
})

test('sums that are a little behind do not give a rest below nothing', () => {
  expect(foldersAsTree(10, [folder('a', 12)])).toEqual([{ id: 'a', value: 12, children: [] }])
  expect(foldersAsTree(10, [])).toEqual([])
})

test('the lab is three groups; what is listed twice in shared/ counts once, and what is not listed is the rest', () => {
  const totals = { people: { bytes: 100 }, shared: { bytes: 50 }, admin: { bytes: 5 } }
  const place = (kind: 'person' | 'shared' | 'admin', path: string, bytes: number) => ({ kind, path, bytes })
  const tree = labAsTree(totals, [
    place('person', 'users/alice', 70),
    place('shared', 'shared', 50),
    place('shared', 'shared/datasets', 40),
    place('shared', 'shared/datasets/rain', 30),
    place('admin', 'admin', 5),
  ])
  expect(tree).toEqual([
    {
      id: 'people',
      value: 100,
      children: [
        { id: 'users/alice', value: 70 },
        { id: 'people/', value: 30 },
      ],
    },
    {
      id: 'shared',
      value: 50,
      children: [
        { id: 'shared/datasets', value: 40 },
        { id: 'shared/', value: 10 },
      ],
    },
    { id: 'admin', value: 5, children: [{ id: 'admin/', value: 5 }] },
  ])
  expect([isRest('people/'), isRest('users/alice')]).toEqual([true, false])
})

test('files and trash count together against the limit, and the bar is never longer than itself', () => {
  const usage = (bytes: number, trash_bytes: number, limit_bytes: number | null) =>
    useAgainst({ bytes, trash_bytes, limit_bytes, standing: 'within' })
  expect(usage(60, 20, 100)).toEqual({ used: 80, filesPercent: 60, trashPercent: 20, percent: 80 })
  expect(usage(90, 30, 100)).toEqual({ used: 120, filesPercent: 90, trashPercent: 10, percent: 120 })
  expect(usage(60, 20, null)).toMatchObject({ used: 80, percent: null })
  expect(usage(1, 0, 0)).toMatchObject({ filesPercent: 100, percent: 100 })
})

test('the plot of days ends with the last hour', () => {
  const sample = (at: string, bytes: number) => ({ at, bytes, size_bytes: bytes, files: 1 })
  const hours = [sample('2026-11-26T10:00:00Z', 5), sample('2026-11-26T11:00:00Z', 7)]
  const days = [sample('2026-11-25T00:00:00Z', 4), sample('2026-11-26T00:00:00Z', 5)]
  expect(pointsOf({ hours, days }, 'days').map(({ bytes }) => bytes)).toEqual([4, 5, 7])
  expect(pointsOf({ hours, days }, 'hours').map(({ bytes }) => bytes)).toEqual([5, 7])
  expect(pointsOf({ hours: [], days }, 'days').map(({ bytes }) => bytes)).toEqual([4, 5])
  expect([spanOf({ hours, days }), spanOf({ hours, days: [...days, ...days] })]).toEqual(['hours', 'days'])
})

test('the file browser shows one’s own folder and the shared one, whatever the names', () => {
  expect(browserOf('users/a@b/x y/50%', 'a@b')).toBe('/console/files/data/x%20y/50%25')
  expect(browserOf('users/a@b', 'a@b')).toBe('/console/files/data')
  expect(browserOf('users/a@bc/x', 'a@b')).toBeNull()
  expect(browserOf('shared/datasets/rain', 'a@b')).toBe('/console/files/shared/datasets/rain')
  expect(browserOf('admin/backups', 'a@b')).toBeNull()
})

test('the plot has round amounts of bytes at its side, and the last of them reaches the top', () => {
  const mib = 2 ** 20
  expect(byteTicks(67 * mib)).toEqual([0, 20, 40, 60, 80].map((each) => each * mib))
  expect(byteTicks(900)).toEqual([0, 500, 1000])
  expect(byteTicks(0.5)).toEqual([0, 1])
  for (const most of [1, 1023, 1024, 5_000_000, 2 ** 45]) {
    const ticks = byteTicks(most)
    expect(ticks.length).toBeLessThanOrEqual(5)
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(most)
  }
})
