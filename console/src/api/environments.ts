import {
  hashKey,
  type QueryClient,
  type QueryKey,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import type { Environment } from './bodies.ts'
import { call, callForAll, part, Refusal } from './call.ts'
import { type Changes, only, withChanges } from './changes.ts'
import { useConnection } from './connection.ts'

/** The owner of the listed environments: one person, or everybody. */
export type Whose = { userId: string } | 'everybody'

const listKey = (whose: Whose) => ['environments', whose === 'everybody' ? '' : whose.userId]
const oneKey = (id: string) => ['environment', id]

/**
 * The environments, newest first. They come page after page: until the list is whole, `data` is what has come so far. From then on the
 * stream of events keeps it up to date.
 */
export function useEnvironments(whose: Whose, { enabled = true }: { enabled?: boolean } = {}) {
  const client = useQueryClient()
  const queryKey = listKey(whose)
  // The stream tells only changes after its start. A list from before it would have to be loaded again.
  const isOpening = useConnection() === 'opening'
  const query = useQuery({ ...listOptions(client, queryKey), enabled: enabled && !isOpening })
  return { ...query, isWhole: query.data !== undefined && whole.has(hashKey(queryKey)) }
}

export function listOptions(client: QueryClient, queryKey: string[]) {
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => loadAll(client, queryKey, signal),
    staleTime: Number.POSITIVE_INFINITY,
    // If the person left the page before the list was read to its end, read it again.
    refetchOnMount: () => current.has(hashKey(queryKey)) || 'always',
  })
}

/** The lists that have been loaded to their end. */
const whole = new Set<string>()
/** Those whose last reading came to its end. React-query forgets that a list is old if a change comes while it is read again. */
const current = new Set<string>()

const shownEveryMs = 250

async function loadAll(client: QueryClient, key: string[], signal: AbortSignal): Promise<Environment[]> {
  const [, owner = ''] = key
  current.delete(hashKey(key))
  if (client.getQueryData(key) === undefined) whole.delete(hashKey(key))
  return besideStream(async (meanwhile) => {
    let shownAt = Number.NEGATIVE_INFINITY
    const all = await callForAll<Environment>('environments', {
      query: { user_id: owner || undefined },
      signal,
      onPage: (items) => {
        if (performance.now() - shownAt < shownEveryMs) return
        shownAt = performance.now()
        const part = withChanges(items, only(owner, meanwhile), { isPart: true })
        client.setQueryData<Environment[]>(key, (before) => (before && before.length > part.length ? before : part))
      },
    })
    whole.add(hashKey(key))
    current.add(hashKey(key))
    return withChanges(all, only(owner, meanwhile))
  })
}

export function useEnvironment(id: string) {
  const client = useQueryClient()
  return useQuery({
    queryKey: oneKey(id),
    queryFn: ({ signal }) =>
      besideStream(async (told) => {
        const found = await call<Environment>('GET', `environments/${part(id)}`, { signal })
        return told.get(id) ?? found
      }),
    initialData: () => inLists(client).find((each) => each.id === id),
  })
}

function inLists(client: QueryClient): Environment[] {
  return client.getQueriesData<Environment[]>({ queryKey: ['environments'] }).flatMap(([, list]) => list ?? [])
}

/** Changes that the stream tells while a call is under way, one map for each call. */
const journals = new Set<Map<string, Environment | null>>()

/**
 * Runs a call, and records the changes that the stream tells meanwhile. Each is at least as new as the call's answer, so it wins.
 */
async function besideStream<T>(work: (told: ReadonlyMap<string, Environment | null>) => Promise<T>): Promise<T> {
  const told = new Map<string, Environment | null>()
  journals.add(told)
  try {
    return await work(told)
  } finally {
    journals.delete(told)
  }
}

/** Makes a change, and shows the answer at once unless the stream has already told more. */
function changed<T extends Environment | undefined>(client: QueryClient, work: () => Promise<T>): Promise<T> {
  return besideStream(async (told) => {
    const environment = await work()
    if (environment && !told.has(environment.id)) noteEnvironment(client, environment)
    return environment
  })
}

/** Writes the changes of environments into every list and page that shows them. */
export function noteChanges(client: QueryClient, changes: Changes): void {
  for (const [id, environment] of changes) {
    for (const journal of journals) journal.set(id, environment)
    if (environment) client.setQueryData<Environment>(oneKey(id), (shown) => shown && environment)
    else client.invalidateQueries({ queryKey: oneKey(id) })
  }
  for (const [key, list] of client.getQueriesData<Environment[]>({ queryKey: ['environments'] })) {
    if (list) replace(client, key, list, withChanges(list, only(String(key[1]), changes)))
  }
}

/** Replaces a list. If it was marked to be loaded again, it stays marked: it may lack more than this change. */
function replace(client: QueryClient, key: QueryKey, list: Environment[], next: Environment[]): void {
  if (next === list) return
  const isLacking = client.getQueryState(key)?.isInvalidated
  client.setQueryData(key, next)
  if (isLacking) client.invalidateQueries({ queryKey: key, exact: true, refetchType: 'none' })
}

export function noteEnvironment(client: QueryClient, environment: Environment): void {
  noteChanges(client, new Map([[environment.id, environment]]))
}

export function noteGone(client: QueryClient, id: string): void {
  noteChanges(client, new Map([[id, null]]))
}

export type Act = 'start' | 'stop' | 'restart' | 'pause' | 'resume' | 'recreate' | 'delete'

export function useAct() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, act, body }: { id: string; act: Act; body?: object }) =>
      changed(client, () =>
        act === 'delete'
          ? call<Environment | undefined>('DELETE', `environments/${part(id)}`)
          : call<Environment>('POST', `environments/${part(id)}/${act}`, { ...(body && { body }) }),
      ),
    onError: (error, { id }) => {
      if (error instanceof Refusal && error.status === 404) noteGone(client, id)
    },
  })
}

export function useRename() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      changed(client, () => call<Environment>('PATCH', `environments/${part(id)}`, { body: { name } })),
  })
}

export type Wish = { template: string; name?: string; resources?: { memory_bytes: number } }

export function useCreate() {
  const client = useQueryClient()
  return useMutation({
    // The key makes a second press, or one after a lost answer, the same creation.
    mutationFn: ({ wish, key }: { wish: Wish; key: string }) =>
      changed(client, () =>
        call<Environment>('POST', 'environments', { body: wish, headers: { 'idempotency-key': key } }),
      ),
  })
}
