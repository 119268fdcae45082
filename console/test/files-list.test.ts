import { expect, test } from 'vitest'
import type { Entry, FolderPage } from '../src/api/bodies.ts'
import { isFewRequests } from '../src/api/few-requests.ts'
import { endsOf } from '../src/files/ends.ts'
import {
  ariaSort,
  asksForMore,
  canOpen,
  cutToFirst,
  foldersIn,
  isShort,
  offeredFor,
  offeredTo,
  pathsIn,
  pressed,
  sortingOf,
  stillToMove,
  withoutEntries,
} from '../src/files/list-state.ts'

const entry = (name: string, changes: Partial<Entry> = {}): Entry => ({
  name,
  path: name,
  exact: true,
  kind: 'file',
  size_bytes: 1,
  modified: '2026-11-27T00:00:00.000Z',
  mode: '0644',
  target: null,
  etag: `"${name}"`,
  ...changes,
})
const page = (items: Entry[], next_cursor: string | null = null): FolderPage => ({
  path: '',
  items,
  next_cursor,
  writable: true,
  complete: true,
})

test('an address that names no sort of the service is sorted by name', () => {
  expect([sortingOf(null), sortingOf('-size'), sortingOf('__proto__'), sortingOf('mode')]).toEqual([
    'name',
    '-size',
    'name',
    'name',
  ])
})

test('a press on the head of a column begins with what people look for, and a second one turns it around', () => {
  expect([pressed('name', 'size'), pressed('-size', 'size'), pressed('size', 'size')]).toEqual([
    '-size',
    'size',
    '-size',
  ])
  expect([pressed('-modified', 'name'), pressed('name', 'name')]).toEqual(['name', '-name'])
  expect([ariaSort('-size', 'size'), ariaSort('size', 'size'), ariaSort('size', 'name')]).toEqual([
    'descending',
    'ascending',
    'none',
  ])
})

test('entries that are gone leave the list, but not one whose name only looks like theirs', () => {
  const odd = entry('a', { exact: false, etag: '"odd"' })
  const pages = [page([entry('a'), odd], 'next'), page([entry('b')])]
  expect(withoutEntries(pages, new Set(['a', 'b'])).map(({ items }) => items)).toEqual([[odd], []])
})

test('a list shows that nothing has a name only if it is whole', () => {
  expect(pathsIn([page([entry('a')], 'next'), page([entry('b')])])).toEqual(new Set(['a', 'b']))
  expect(pathsIn([page([entry('a')], 'next')])).toBeNull()
  expect(pathsIn([])).toBeNull()
})

test('a long list is not read again as a whole', () => {
  expect([isShort(undefined), isShort([1, 2, 3]), isShort([1, 2, 3, 4])]).toEqual([true, true, false])
})

test('nothing is offered that the service would refuse', () => {
  expect(offeredFor(entry('a', { exact: false }))).toEqual([])
  expect(offeredFor(entry('a', { kind: 'link' }))).toEqual(['rename', 'move', 'delete'])
  expect(offeredFor(entry('a', { kind: 'folder' }))).toContain('zip')
  expect(
    (['file', 'folder', 'link', 'pipe', 'socket', 'device'] as const).map((kind) => canOpen({ exact: true, kind })),
  ).toEqual([true, true, false, false, false, false])
})

test('a move that broke off goes on with the entries that did not move', () => {
  const entries = ['a', 'b', 'c'].map((path) => ({ path }))
  expect(stillToMove(entries, new Set())).toEqual(entries)
  expect(stillToMove(entries, new Set(['a', 'b']))).toEqual([{ path: 'c' }])
})

test('work on many entries tells what was done, also if one failed', async () => {
  const reason = new Error('no')
  const ends = await Promise.allSettled([Promise.resolve(1), Promise.reject(reason), Promise.resolve(3)])
  expect(endsOf(ends)).toEqual({ done: [1, 3], failures: [reason] })
})

test('of a long list that changed the first page is read again, of a short one all pages', () => {
  const pages = [1, 2, 3, 4]
  expect(cutToFirst({ pages, pageParams: pages })).toEqual({ pages: [1], pageParams: [1] })
  const short = { pages: [1, 2, 3], pageParams: [1, 2, 3] }
  expect(cutToFirst(short)).toBe(short)
})

test('the end of a job has no long list of files read again', () => {
  const data = (count: number) => ({ pages: Array.from({ length: count }) })
  const meta = { isPaged: true }
  expect([0, 3, 4].map((count) => isFewRequests({ meta, state: { data: data(count) } }))).toEqual([true, true, false])
  expect(isFewRequests({ meta, state: {} })).toBe(true)
  expect(isFewRequests({ state: { data: data(9) } })).toBe(true)
})

test('in a folder that somebody may not change, only reading is offered', () => {
  expect(offeredTo(false, entry('a'))).toEqual(['download'])
  expect(offeredTo(false, entry('a', { kind: 'folder' }))).toEqual(['zip'])
  expect(offeredTo(false, entry('a', { kind: 'link' }))).toEqual([])
  expect(offeredTo(true, entry('a'))).toEqual(offeredFor(entry('a')))
})

test('only folders with a path of their own are places to move to', () => {
  const all = [entry('a'), entry('b', { kind: 'folder' }), entry('c', { kind: 'folder', exact: false })]
  expect(foldersIn(all).map(({ name }) => name)).toEqual(['b'])
})

test('a list asks for its next page by itself near its end, but not again after a failure', () => {
  const near = { isNearEnd: true, hasMore: true, isLoadingMore: false, hasFailed: false }
  expect(asksForMore(near)).toBe(true)
  for (const other of [{ isNearEnd: false }, { hasMore: false }, { isLoadingMore: true }, { hasFailed: true }])
    expect(asksForMore({ ...near, ...other })).toBe(false)
})
