import { expect, test } from 'vitest'
import { biggestFolders, type Candidate } from '../../../../src/domain/usage/biggest.ts'

type Tree = { [name: string]: number | Tree }

/** A tree of folders with the bytes of each; a number is a folder without folders in it. */
function search(tree: Tree): string[] {
  const children = new Map<number, Candidate[]>()
  let id = 0
  const make = (name: string, node: number | Tree): Candidate => {
    id += 1
    const own = id
    const inside = typeof node === 'number' ? [] : Object.entries(node).map(([each, below]) => make(each, below))
    const bytes = typeof node === 'number' ? node : inside.reduce((sum, { total }) => sum + total.bytes, 0)
    children.set(
      own,
      inside.sort((one, other) => other.total.bytes - one.total.bytes),
    )
    return { id: own, name, total: { bytes, sizeBytes: bytes, files: 1, folders: 1 } }
  }
  const top = make('', tree)
  return biggestFolders(top, (of) => children.get(of) ?? []).map(({ path, count }) => `${path} ${count.bytes}`)
}

test('the biggest folders come first, with all that is in them', () => {
  expect(search({ models: { a: 30, b: 20 }, notes: 5 })).toEqual(['models 50', 'models/a 30', 'models/b 20', 'notes 5'])
})

test('of folders that hold nearly nothing but one folder, that folder is told', () => {
  expect(search({ a: { b: { c: { x: 50, y: 50 } } }, small: 2 })).toEqual([
    'a/b/c 100',
    'a/b/c/x 50',
    'a/b/c/y 50',
    'small 2',
  ])
})

test('at most ten are told, and none that is small', () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, 100 - index]))
  expect(search(many)).toHaveLength(10)
  expect(search({ big: 1000, tiny: 1 })).toEqual(['big 1000'])
  expect(search({})).toEqual([])
})
