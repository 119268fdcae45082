import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Node, type Rect, squarify, type Tile, treemap } from '../src/usage/treemap.ts'

const area = { x: 0, y: 0, width: 600, height: 400 }
const insets = { head: 20, edge: 4, least: 30 }
const sizeOf = ({ width, height }: Rect) => width * height

test('the rectangles have the areas of the values, and fill the whole', () => {
  const rects = squarify([6, 6, 4, 3, 2, 2, 1], area)
  const unit = sizeOf(area) / 24
  expect(rects.map((rect) => Math.round(sizeOf(rect) / unit))).toEqual([6, 6, 4, 3, 2, 2, 1])
  // The example of the paper: the first two share the left half.
  expect(rects.slice(0, 2).map(({ x, width }) => [x, width])).toEqual([
    [0, 300],
    [0, 300],
  ])
})

test('whatever the values, no rectangle leaves the area, and none covers another', () => {
  const values = fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(values, (unsorted) => {
      const sorted = unsorted.toSorted((one, other) => other - one)
      const rects = squarify(sorted, area)
      const total = rects.reduce((sum, rect) => sum + sizeOf(rect), 0)
      expect(Math.abs(total - sizeOf(area))).toBeLessThan(1)
      for (const { x, y, width, height } of rects) {
        expect(Math.min(x, y, width, height)).toBeGreaterThanOrEqual(-1e-6)
        expect(x + width).toBeLessThanOrEqual(area.width + 1e-6)
        expect(y + height).toBeLessThanOrEqual(area.height + 1e-6)
      }
      for (const [at, one] of rects.entries())
        for (const other of rects.slice(at + 1)) expect(shared(one, other)).toBeLessThan(1)
    }),
    { numRuns: 60 },
  )
})

test('a group has its tiles below its name, and within itself', () => {
  const nodes: Node[] = [
    { id: 'small', value: 100 },
    {
      id: 'churn',
      value: 300,
      children: [
        { id: 'churn/data', value: 200 },
        { id: 'churn/', value: 100 },
      ],
    },
  ]
  const tiles = treemap(nodes, area, insets)
  expect(tiles.map(({ id, depth, isGroup }) => [id, depth, isGroup])).toEqual([
    ['churn', 0, true],
    ['churn/data', 1, false],
    ['churn/', 1, false],
    ['small', 0, false],
  ])
  const [churn, data, rest] = tiles as [Tile, Tile, Tile, Tile]
  for (const tile of [data, rest]) {
    expect(tile.y).toBeGreaterThanOrEqual(churn.y + insets.head)
    expect(tile.x + tile.width).toBeLessThanOrEqual(churn.x + churn.width - insets.edge + 1e-6)
  }
})

test('a group without room for tiles is one tile, and what takes nothing has none', () => {
  const nodes: Node[] = [
    { id: 'big', value: 1_000_000 },
    { id: 'tiny', value: 10, children: [{ id: 'tiny/a', value: 10 }] },
    { id: 'empty', value: 0 },
  ]
  expect(treemap(nodes, area, insets).map(({ id, isGroup }) => [id, isGroup])).toEqual([
    ['big', false],
    ['tiny', false],
  ])
  expect(treemap([], area, insets)).toEqual([])
  expect(squarify([1], { ...area, width: 0 })).toMatchObject([{ width: 0, height: 0 }])
})

function shared(one: Rect, other: Rect): number {
  const along = (from: 'x' | 'y', length: 'width' | 'height') =>
    Math.min(one[from] + one[length], other[from] + other[length]) - Math.max(one[from], other[from])
  return Math.max(0, along('x', 'width')) * Math.max(0, along('y', 'height'))
}
