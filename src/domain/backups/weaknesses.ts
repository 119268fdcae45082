/** What the settings of the backups cannot protect from, and what nobody has tried. Pure. */
import { isDrillDue, practisedWords } from './drill.ts'
import type { BackupHistory } from './standing.ts'

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

/** A backup that nobody has tried to restore. `history`: null while it is not known. */
export function weaknessesOfDrills(
  history: Pick<BackupHistory, 'lastDoneAt' | 'drill'> | null,
  now: number,
): Weakness[] {
  if (history === null || history.lastDoneAt === null || !isDrillDue(history.drill, now)) return []
  const words = practisedWords(history.drill, now)
  return [
    {
      summary: words,
      detail: `${words} Whether the backups can be restored is known only once it was tried.`,
      remedy: 'Practise it beside the lab: ailab drill (docs/backups.md).',
    },
  ]
}
