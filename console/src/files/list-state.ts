import { type Sorting, sortings } from '../../../src/domain/files/entry.ts'
import type { Entry, FolderPage } from '../api/bodies.ts'

export type Column = 'name' | 'size' | 'modified'
export type { Sorting }

/** The sort that an address names. Pure. */
export function sortingOf(text: string | null): Sorting {
  return sortings.find((each) => each === text) ?? 'name'
}

export function columnOf(sort: Sorting): Column {
  return sort.replace('-', '') as Column
}

/** The sort after a press on the head of a column: names begin with A, sizes with the largest, times with the newest. Pure. */
export function pressed(sort: Sorting, column: Column): Sorting {
  const first: Sorting = column === 'name' ? 'name' : `-${column}`
  if (columnOf(sort) !== column) return first
  return sort.startsWith('-') ? column : `-${column}`
}

/** How the head of a column says it to readers of the screen. Pure. */
export function ariaSort(sort: Sorting, column: Column): 'ascending' | 'descending' | 'none' {
  if (columnOf(sort) !== column) return 'none'
  return sort.startsWith('-') ? 'descending' : 'ascending'
}

type Pages = readonly FolderPage[]

/** The pages without some entries: the list need not be read again. Pure. */
export function withoutEntries(pages: Pages, paths: ReadonlySet<string>): FolderPage[] {
  return pages.map((page) => ({ ...page, items: page.items.filter((entry) => isExactOther(entry, paths)) }))
}

// A name that is not UTF-8 is shown by signs that another name may really have.
function isExactOther({ exact, path }: Entry, paths: ReadonlySet<string>): boolean {
  return !exact || !paths.has(path)
}

/** The entries that a move which broke off has left. Pure. */
export function stillToMove<Some extends Pick<Entry, 'path'>>(
  entries: readonly Some[],
  moved: ReadonlySet<string>,
): Some[] {
  return entries.filter(({ path }) => !moved.has(path))
}

/** The paths in a list that has all entries; null if it may lack some. Pure. */
export function pathsIn(pages: Pages): ReadonlySet<string> | null {
  if (pages.at(-1)?.next_cursor !== null) return null
  return new Set(pages.flatMap(({ items }) => items.map(({ path }) => path)))
}

export type MoreOf = { isNearEnd: boolean; hasMore: boolean; isLoadingMore: boolean; hasFailed: boolean }

/** Whether a list asks for its next page by itself. After a failure only a person asks again: the service may be full. Pure. */
export function asksForMore({ isNearEnd, hasMore, isLoadingMore, hasFailed }: MoreOf): boolean {
  return isNearEnd && hasMore && !isLoadingMore && !hasFailed
}

/** A list that is longer is not read again as a whole. */
const shortPages = 3

export function isShort(pages: readonly unknown[] | undefined): boolean {
  return (pages?.length ?? 0) <= shortPages
}

/** The first page of a list that is long; one that is short as it is. All pages would be many requests. Pure. */
export function cutToFirst<Data extends { pages: unknown[]; pageParams: unknown[] }>(data: Data): Data {
  if (isShort(data.pages)) return data
  return { ...data, pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) }
}

/** The folders into which something can go: no path leads to a name that is not UTF-8. Pure. */
export function foldersIn(entries: readonly Entry[]): Entry[] {
  return entries.filter(({ kind, exact }) => kind === 'folder' && exact)
}

/** What can be opened: its page shows a folder or a preview. Pure. */
export function canOpen({ exact, kind }: Pick<Entry, 'exact' | 'kind'>): boolean {
  return exact && (kind === 'file' || kind === 'folder')
}

/** What may be pressed for an entry. The service opens only files and folders, and no path leads to a name that is not UTF-8. Pure. */
export function offeredFor(entry: Pick<Entry, 'exact' | 'kind'>): readonly EntryAct[] {
  if (!entry.exact) return []
  if (entry.kind === 'folder') return ['zip', 'rename', 'move', 'copy', 'delete']
  if (entry.kind === 'file') return ['download', 'rename', 'move', 'copy', 'delete']
  return ['rename', 'move', 'delete']
}

const reading: readonly EntryAct[] = ['download', 'zip']

/** The same for somebody who may change the folder of the entry, or may not. Pure. */
export function offeredTo(isChangeable: boolean, entry: Pick<Entry, 'exact' | 'kind'>): readonly EntryAct[] {
  return offeredFor(entry).filter((act) => isChangeable || reading.includes(act))
}

export type EntryAct = 'download' | 'zip' | 'rename' | 'move' | 'copy' | 'delete'
