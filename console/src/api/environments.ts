import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Environment } from './bodies.ts'
import { call, callForAll, part, Refusal } from './call.ts'

/** Whose environments: one person's, or everybody's. */
export type Whose = { userId: string } | 'everybody'

const listKey = (whose: Whose) => ['environments', whose === 'everybody' ? '' : whose.userId]
const oneKey = (id: string) => ['environment', id]

export function useEnvironments(whose: Whose) {
  return useQuery({
    queryKey: listKey(whose),
    queryFn: ({ signal }) =>
      callForAll<Environment>('environments', {
        query: { user_id: whose === 'everybody' ? undefined : whose.userId },
        signal,
      }),
  })
}

export function useEnvironment(id: string) {
  const client = useQueryClient()
  return useQuery({
    queryKey: oneKey(id),
    queryFn: ({ signal }) => call<Environment>('GET', `environments/${part(id)}`, { signal }),
    initialData: () => inLists(client).find((each) => each.id === id),
  })
}

function inLists(client: QueryClient): Environment[] {
  return client.getQueriesData<Environment[]>({ queryKey: ['environments'] }).flatMap(([, list]) => list ?? [])
}

/** Puts what the service has just told of an environment into all that is shown of it. */
export function noteEnvironment(client: QueryClient, environment: Environment): void {
  client.setQueryData(oneKey(environment.id), environment)
  for (const [key, list] of client.getQueriesData<Environment[]>({ queryKey: ['environments'] })) {
    const owner = key[1]
    if (list && (owner === '' || owner === environment.user_id)) client.setQueryData(key, withOne(list, environment))
  }
}

export function noteGone(client: QueryClient, id: string): void {
  client.setQueriesData<Environment[]>({ queryKey: ['environments'] }, (list) => list?.filter((each) => each.id !== id))
  client.invalidateQueries({ queryKey: oneKey(id) })
}

/** The list with an environment as it is now; a new one comes first, as in the service's order. Pure. */
export function withOne(list: readonly Environment[], environment: Environment): Environment[] {
  const at = list.findIndex(({ id }) => id === environment.id)
  return at < 0 ? [environment, ...list] : list.with(at, environment)
}

export type Act = 'start' | 'stop' | 'restart' | 'pause' | 'resume' | 'recreate' | 'delete'

export function useAct() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, act, body }: { id: string; act: Act; body?: object }) =>
      act === 'delete'
        ? call<Environment | undefined>('DELETE', `environments/${part(id)}`)
        : call<Environment>('POST', `environments/${part(id)}/${act}`, { ...(body && { body }) }),
    onSuccess: (environment) => environment && noteEnvironment(client, environment),
    onError: (error, { id }) => {
      if (error instanceof Refusal && error.status === 404) noteGone(client, id)
    },
  })
}

export function useRename() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      call<Environment>('PATCH', `environments/${part(id)}`, { body: { name } }),
    onSuccess: (environment) => noteEnvironment(client, environment),
  })
}

export type Wish = { template: string; name?: string }

export function useCreate() {
  const client = useQueryClient()
  return useMutation({
    // The key makes a second press, or one after a lost answer, the same creation.
    mutationFn: ({ wish, key }: { wish: Wish; key: string }) =>
      call<Environment>('POST', 'environments', { body: wish, headers: { 'idempotency-key': key } }),
    onSuccess: (environment) => noteEnvironment(client, environment),
  })
}
