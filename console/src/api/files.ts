import { type InfiniteData, type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { cutToFirst, isShort, pathsIn, type Sorting, withoutEntries } from '../files/list-state.ts'
import { apiPathOf, type Place, parentOf, type Root, rootKey } from '../files/place.ts'
import type { Entry, FolderPage, Job, Trashed } from './bodies.ts'
import { call, callForAll, type Page, part, Refusal } from './call.ts'

const pageSize = 200

type Folder = InfiniteData<FolderPage>

// A list of many pages is read again only when somebody asks for it.
const again = ({ state }: { state: { data?: unknown } }) => isShort((state.data as Folder | undefined)?.pages)
const paged = {
  initialPageParam: null as string | null,
  refetchOnWindowFocus: again,
  refetchOnMount: again,
  refetchOnReconnect: again,
  meta: { isPaged: true },
}

/** A folder, page after page. */
export function useFolder(place: Place, sort: Sorting, isWanted = true) {
  return useInfiniteQuery({
    queryKey: ['folder', rootKey(place.root), place.path, sort],
    queryFn: ({ pageParam: cursor, signal }) =>
      call<FolderPage>('GET', apiPathOf(place), { query: { limit: pageSize, sort, cursor }, signal }),
    getNextPageParam: (last) => last.next_cursor,
    ...paged,
    enabled: isWanted,
  })
}

/** Whether the person may change what is in a folder. Only folders of `shared/` have to be asked about; undefined until the answer is there. */
export function useIsChangeable({ root, path }: Place, isAdmin: boolean): boolean | undefined {
  const isTheirs = isAdmin || root.kind !== 'shared'
  const { data } = useQuery({
    queryKey: ['changeable', rootKey(root), path],
    queryFn: ({ signal }) => call<FolderPage>('GET', apiPathOf({ root, path }), { query: { limit: 1 }, signal }),
    enabled: !isTheirs,
  })
  return isTheirs || data?.writable
}

const entryKey = ({ root, path }: Place) => ['entry', rootKey(root), path]

/** What is under a path; the top of a tree is always a folder. */
export function useEntry(place: Place) {
  return useQuery({
    queryKey: entryKey(place),
    queryFn: ({ signal }) => lookAt(place, signal),
    enabled: place.path !== '',
  })
}

export function lookAt(place: Place, signal?: AbortSignal): Promise<Entry> {
  return call<Entry>('GET', apiPathOf(place), { query: { as: 'entry' }, ...(signal && { signal }) })
}

/** Looks at an entry again that has changed since. */
export function refreshEntry(client: QueryClient, place: Place): void {
  void client.invalidateQueries({ queryKey: entryKey(place) })
}

/** Lets the page of an entry that is in a list begin at once. */
export function noteEntry(client: QueryClient, root: Root, entry: Entry): void {
  client.setQueryData(entryKey({ root, path: entry.path }), entry)
}

export function useFound(place: Place, text: string) {
  return useQuery({
    queryKey: ['found', rootKey(place.root), place.path, text],
    queryFn: ({ signal }) => call<FolderPage>('GET', apiPathOf(place), { query: { search: text }, signal }),
    enabled: text !== '',
  })
}

const isLong = ({ state }: { state: { data?: unknown } }) => !again({ state })
const folderKey = ({ root, path }: Place) => ['folder', rootKey(root), path]
const changedKey = ({ root, path }: Place) => ['folder-changed', rootKey(root), path]

/** Whether a folder has changed since its long list was read. */
export function useIsChanged(place: Place): boolean {
  const { data } = useQuery({ queryKey: changedKey(place), queryFn: () => false, initialData: false, enabled: false })
  return data
}

/** Reads a folder again because somebody asks for it: of a long list its first page. */
export function readAgain(client: QueryClient, place: Place): Promise<void> {
  const queryKey = folderKey(place)
  client.setQueryData(changedKey(place), false)
  client.setQueriesData<Folder>({ queryKey }, (data) => data && cutToFirst(data))
  return client.invalidateQueries({ queryKey })
}

/** Reads a folder again after a change. A long list stays as it is, so that nobody loses their place in it; the page says that it has changed. */
export function refreshFolder(client: QueryClient, place: Place): void {
  const { root, path } = place
  if (client.getQueryCache().findAll({ queryKey: folderKey(place), predicate: isLong }).length > 0)
    client.setQueryData(changedKey(place), true)
  client.invalidateQueries({
    queryKey: ['folder', rootKey(root), path],
    predicate: again,
  })
  client.invalidateQueries({ queryKey: ['found', rootKey(root)] })
}

const freshMs = 60_000

/**
 * Whether lists that are whole, and were read a moment ago, show that there is nothing under a path. Else the service has to be asked.
 * Each list is looked at once, for however many paths.
 */
export function seenMissing(client: QueryClient, root: Root): (path: string) => boolean {
  const lists = new Map<string, ReadonlySet<string>[]>()
  const folders = new Map<string, boolean>()

  function isMissing(path: string): boolean {
    if (path === '') return false
    const folder = parentOf(path)
    return isMissingFolder(folder) || listsOf(folder).some((paths) => !paths.has(path))
  }
  function isMissingFolder(path: string): boolean {
    const known = folders.get(path) ?? isMissing(path)
    folders.set(path, known)
    return known
  }
  function listsOf(path: string): ReadonlySet<string>[] {
    const known = lists.get(path) ?? freshLists(client, { root, path })
    lists.set(path, known)
    return known
  }
  return isMissing
}

/** The paths in each list of a folder that is whole and fresh. */
function freshLists(client: QueryClient, { root, path }: Place): ReadonlySet<string>[] {
  if (client.getQueryData(changedKey({ root, path }))) return []
  return client
    .getQueryCache()
    .findAll({ queryKey: ['folder', rootKey(root), path] })
    .flatMap(({ state: { data, dataUpdatedAt } }) => {
      const isFresh = Date.now() - dataUpdatedAt < freshMs
      return (isFresh && pathsIn((data as Folder | undefined)?.pages ?? [])) || []
    })
}

/** Takes entries that are gone out of all that is shown. */
export function noteGoneEntries(client: QueryClient, root: Root, paths: readonly string[]): void {
  const gone = new Set(paths)
  const without = (pages: FolderPage[]) => withoutEntries(pages, gone)
  for (const folder of new Set(paths.map(parentOf))) {
    client.setQueriesData<Folder>({ queryKey: ['folder', rootKey(root), folder] }, (data) =>
      data ? { ...data, pages: without(data.pages) } : data,
    )
  }
  client.setQueriesData<FolderPage>({ queryKey: ['found', rootKey(root)] }, (data) => data && without([data])[0])
  for (const path of paths) client.removeQueries({ queryKey: entryKey({ root, path }) })
}

export function makeFolder(place: Place): Promise<Entry> {
  return call<Entry>('POST', apiPathOf(place), { body: { op: 'make-folder' } })
}

export function move(place: Place, to: string): Promise<Entry> {
  return call<Entry>('POST', apiPathOf(place), { body: { op: 'move', to } })
}

export function beginCopy(place: Place, to: string): Promise<Job> {
  return call<Job>('POST', apiPathOf(place), { body: { op: 'copy', to } })
}

export function lookAtJob(id: string): Promise<Job> {
  return call<Job>('GET', `jobs/${part(id)}`)
}

export function putIntoTrash(place: Place): Promise<Trashed> {
  return call<Trashed>('DELETE', apiPathOf(place))
}

export function restore(id: string, to?: string): Promise<Entry> {
  return call<Entry>('POST', `trash/${part(id)}/restore`, to === undefined ? {} : { body: { to } })
}

export function removeForGood(id: string): Promise<void> {
  return call('DELETE', `trash/${part(id)}`)
}

export const trashKey = (root: Root) => ['trash', rootKey(root)]

const whoseTrash = (root: Root) =>
  root.kind === 'shared' ? { shared: true } : root.kind === 'of' ? { user_id: root.userId } : {}

/** All that is in a trash now. It is read once: what comes later is not in it. */
export function useAllTrash(root: Root) {
  return useQuery({
    queryKey: ['all-trash', rootKey(root)],
    queryFn: ({ signal }) => callForAll<Trashed>('trash', { query: whoseTrash(root), signal }),
    enabled: ({ state }) => state.data === undefined,
    gcTime: 0,
  })
}

/** Whether the service says that there is no such thing any more: somebody else may have removed it. */
export function isGone(error: unknown): boolean {
  return error instanceof Refusal && error.status === 404
}

export function useTrash(root: Root) {
  return useInfiniteQuery({
    queryKey: trashKey(root),
    queryFn: ({ pageParam: cursor, signal }) =>
      call<Page<Trashed>>('GET', 'trash', { query: { limit: pageSize, cursor, ...whoseTrash(root) }, signal }),
    getNextPageParam: (last) => last.next_cursor,
    ...paged,
  })
}
