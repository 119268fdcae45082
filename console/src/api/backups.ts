import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { type Asked, callsFor } from '../backups/inside.ts'
import type { Backup, BackupEntry, Backups, LegacyBackup, OwnBackup } from './bodies.ts'
import { call, type Page, part } from './call.ts'

const staleMs = 60_000 // each look starts a container

export function useLabBackups() {
  return useQuery({
    queryKey: ['backups', 'lab'],
    queryFn: ({ signal }) => call<Backups>('GET', 'admin/backups', { signal }),
    staleTime: staleMs,
  })
}

export function useOwnBackups(userId: string) {
  return useQuery({
    queryKey: ['backups', 'own', userId],
    queryFn: ({ signal }) => call<Page<OwnBackup>>('GET', `users/${part(userId)}/backups`, { signal }),
    staleTime: staleMs,
  })
}

/** `id` null: asks nothing. */
export function useBackup(id: string | null) {
  return useQuery({
    queryKey: ['backups', 'one', id],
    queryFn: ({ signal }) => call<Backup>('GET', `admin/backups/${part(id ?? '')}`, { signal }),
    enabled: id !== null,
    staleTime: staleMs,
  })
}

export function useLegacyBackups() {
  return useQuery({
    queryKey: ['backups', 'legacy'],
    queryFn: ({ signal }) => call<Page<LegacyBackup>>('GET', 'admin/legacy-backups', { signal }),
    staleTime: staleMs,
  })
}

const pageSize = 200

/** A folder of a backup. It does not change. */
export function useBackupFiles(backup: string, asked: Asked, path: string) {
  const { files } = callsFor(backup, asked)
  return useInfiniteQuery({
    queryKey: ['backup-files', backup, asked.folder, path],
    queryFn: ({ pageParam: cursor, signal }) =>
      call<Page<BackupEntry>>('GET', files.path, { query: { ...files.query, path, limit: pageSize, cursor }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isPaged: true },
  })
}
