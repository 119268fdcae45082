import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Backups, Consistency, Environment, Health, Machine, Orphan } from './bodies.ts'
import { call, part, Refusal } from './call.ts'
import { noteEnvironment } from './environments.ts'
import { proofKeys } from './proof-keys.ts'

const [proofKey, , orphansKey] = proofKeys

/** The newest result of the whole proof. The stream of all environments tells when there is a newer one. */
export function useConsistency() {
  return useQuery({
    queryKey: proofKey,
    queryFn: ({ signal }) => call<Consistency>('GET', 'data/consistency', { signal }),
  })
}

/** Proves everything now. */
export function useLookNow() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<Consistency>('POST', 'data/consistency', {}),
    onSuccess: (consistency) => client.setQueryData(proofKey, consistency),
  })
}

const healthEveryMs = 15_000

/** A service that is not well answers 503, with the same body. */
export function useHealth() {
  return useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => call<Health>('GET', 'health', { signal }).catch(healthIn),
    refetchInterval: healthEveryMs, // no stream tells of backups and of the disk's room
    staleTime: 0,
  })
}

function healthIn(error: unknown): Health {
  const body: object = error instanceof Refusal ? error.problem : {}
  if ('checks' in body) return body as Health
  throw error
}

const sampleEveryMs = 60_000

/** How busy the machine was in so many hours. */
export function useMachine(hours: number) {
  return useQuery({
    queryKey: ['machine', hours],
    queryFn: ({ signal }) => call<Machine>('GET', 'admin/machine', { query: { hours }, signal }),
    refetchInterval: sampleEveryMs,
    placeholderData: (before) => before,
  })
}

/** The state of the lab's backups, and the time of the last practised restore. */
export function useBackupStanding() {
  return useQuery({
    queryKey: ['backups', 'standing'],
    queryFn: ({ signal }) => call<Backups>('GET', 'admin/backups', { signal }),
  })
}

export function useOrphans() {
  return useQuery({
    queryKey: orphansKey,
    queryFn: async ({ signal }) => (await call<{ items: Orphan[] }>('GET', 'data/orphans', { signal })).items,
  })
}

export function useAdopt() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; user_id?: string; template?: string }) =>
      call<Environment>('POST', `data/orphans/${part(id)}/adopt`, { body }),
    onSuccess: (environment) => {
      noteEnvironment(client, environment)
      client.invalidateQueries({ queryKey: orphansKey })
      client.invalidateQueries({ queryKey: proofKey })
    },
  })
}
