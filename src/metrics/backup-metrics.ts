import type { Gauges } from './gauges.ts'

export type BackupFigures = {
  /** Seconds since the epoch; null: there is none. */
  lastDone: number | null
  isDegraded: boolean
  /** The end of the newest drill that went well, in seconds since the epoch; null: there is none. */
  lastDrill: number | null
  lastBytes: number | null
  lastAddedBytes: number | null
}

export type BackupSources = { backups: () => BackupFigures }

export function createBackupGauges(gauges: Gauges, { backups }: BackupSources): void {
  gauges.one(
    'ailab_backup_last_success_timestamp_seconds',
    'When the newest backup was begun, in seconds since 1970; NaN if there is none.',
    () => backups().lastDone,
  )
  gauges.one(
    'ailab_backup_degraded',
    '1 if a backup failed, is overdue, incomplete or damaged, or a drill failed, else 0.',
    () => (backups().isDegraded ? 1 : 0),
  )
  gauges.one(
    'ailab_backup_drill_last_success_timestamp_seconds',
    'When a restore was last practised, in seconds since 1970; NaN if it never was.',
    () => backups().lastDrill,
  )
  gauges.one('ailab_backup_bytes', 'How much the newest backup holds.', () => backups().lastBytes)
  gauges.one(
    'ailab_backup_added_bytes',
    'How much larger the newest backup made its repository.',
    () => backups().lastAddedBytes,
  )
}
