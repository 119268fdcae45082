/** What the settings of the backups cannot protect from. Pure. */

type Weakness = { summary: string; detail: string; remedy: string }

/** `isOnSameDisk`: whether the repository is on the disk of the data root; null if the service cannot know. */
export function weaknessesOfBackups({
  schedule,
  isOnSameDisk,
}: {
  schedule: string | null
  isOnSameDisk: boolean | null
}): Weakness[] {
  return [
    ...(schedule === null
      ? [
          {
            summary: 'No backups are made.',
            detail: 'No backups are scheduled (BACKUP_SCHEDULE=off).',
            remedy: 'Set BACKUP_SCHEDULE (docs/backups.md).',
          },
        ]
      : []),
    ...(isOnSameDisk === true
      ? [
          {
            summary: 'The backups are on the disk of the data root.',
            detail: 'The backups are on the disk of the data root: whatever destroys that disk destroys both.',
            remedy: 'Set BACKUP_REPOSITORY to a folder of another disk (docs/backups.md).',
          },
        ]
      : []),
  ]
}
