import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { isUnderWay } from '../jobs/job-words.ts'
import type { Job } from './bodies.ts'
import { call, type Page, part } from './call.ts'
import { isFewRequests } from './few-requests.ts'
import { useMe } from './me.ts'

export type WhoseJobs = 'mine' | 'everybody'

const progressEveryMs = 2_000
const newOnesEveryMs = 30_000
const pageSize = 100
/** The keys of the data that a finished job may have changed. */
const changedByJobs = ['jobs', 'datasets', 'usage', 'backups', 'folder', 'entry', 'found', 'trash', 'people', 'person']

/**
 * Long work, the newest first. While some is under way, the page asks every two seconds: a request that waits would hold one of the browser's few connections. A hidden page asks nothing.
 */
export function useJobs(whose: WhoseJobs) {
  const { user_id } = useMe()
  const query = useInfiniteQuery({
    queryKey: ['jobs', whose],
    queryFn: ({ pageParam: cursor, signal }) =>
      call<Page<Job>>('GET', 'jobs', {
        query: { limit: pageSize, user_id: whose === 'mine' ? user_id : undefined, cursor },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(isUnderWay)) ? progressEveryMs : newOnesEveryMs,
  })
  const jobs = query.data?.pages.flatMap(({ items }) => items) ?? []
  useEnds(jobs)
  return { ...query, jobs }
}

/** When a job has ended, asks again for the data that it may have changed. */
function useEnds(jobs: readonly Job[]): void {
  const client = useQueryClient()
  const before = useRef<readonly string[]>([])
  const all = jobs
    .filter(isUnderWay)
    .map(({ id }) => id)
    .join(' ')

  useEffect(() => {
    const now = all ? all.split(' ') : []
    const ended = before.current.some((id) => !now.includes(id))
    before.current = now
    if (ended) noteChanged(client)
  }, [all, client])
}

function noteChanged(client: ReturnType<typeof useQueryClient>): void {
  client.invalidateQueries({
    predicate: (query) => changedByJobs.includes(String(query.queryKey[0])) && isFewRequests(query),
  })
}

/** The newest jobs of one kind, without their progress. They are asked again when a job ends that `useJobs` follows. */
export function useJobsOfKind(kind: string) {
  return useQuery({
    queryKey: ['jobs', 'of', kind],
    queryFn: ({ signal }) => call<Page<Job>>('GET', 'jobs', { query: { kind, limit: 200 }, signal }),
  })
}

/** Begins long work; the answer is its job. */
export function useBegin() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ path, body }: { path: string; body?: object }) => call<Job>('POST', path, { ...(body && { body }) }),
    onSuccess: () => noteChanged(client),
  })
}

export function useCancel() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<Job>('POST', `jobs/${part(id)}/cancel`),
    onSettled: () => noteChanged(client),
  })
}
