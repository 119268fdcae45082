import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { LabUsage, PersonUsage, UsageHistory } from './bodies.ts'
import { call, part, Refusal } from './call.ts'

/** Null before one's folder was counted, or if there is none. */
export function useOwnUsage(userId: string) {
  return useQuery({
    queryKey: ['usage', 'own', userId],
    queryFn: ({ signal }) =>
      call<PersonUsage>('GET', `users/${part(userId)}/usage`, { signal }).catch((error: unknown) => {
        if (error instanceof Refusal && error.code === 'not-found') return null
        throw error
      }),
  })
}

export type PlaceKind = LabUsage['items'][number]['kind']

const whileCountingMs = 2_000
const pageSize = 200

/** All folders, the biggest first. While a count is under way, the page asks again until it ends. */
export function useLabUsage(kind: PlaceKind | null) {
  return useInfiniteQuery({
    queryKey: ['usage', 'lab', kind],
    queryFn: ({ pageParam: cursor, signal }) =>
      call<LabUsage>('GET', 'data/usage', { query: { kind, limit: pageSize, cursor }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: ({ state }) => (state.data?.pages[0]?.counting ? whileCountingMs : false),
  })
}

export function useHistory(path: string) {
  return useQuery({
    queryKey: ['usage', 'history', path],
    queryFn: ({ signal }) => call<UsageHistory>('GET', 'data/usage/history', { query: { path }, signal }),
  })
}

export function useCountNow() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<{ counting: boolean }>('POST', 'data/usage'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['usage'] }),
  })
}
