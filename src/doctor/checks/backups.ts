import { isDrillDue, practisedWords } from '../../domain/backups/drill.ts'
import { type BackupFindingCode, type BackupStanding, standingOf } from '../../domain/backups/standing.ts'
import { weaknessesOfBackups } from '../../domain/backups/weaknesses.ts'
import { type Check, notChecked, note, ok, problem, warning } from '../../domain/doctor/check.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import { upCommand } from '../commands.ts'
import type { BackupsSight, Observations } from '../observations.ts'
import { keyFileOf } from '../standpoint.ts'

/** Is the lab backed up, will it be tonight, and has anybody tried to restore it? */
export function checkBackups(seen: Observations): Check[] {
  const { backups } = seen
  if (backups.kind === 'unseen') return [notChecked('backups', `They could not be looked at: ${backups.reason}.`)]
  if (backups.value === null) return [notChecked('backups', 'There is no data root to look at.')]
  const { history, bornAt, now, everyMs, hasRestic, isOnSameDisk } = backups.value
  const standing = standingOf(history, { everyMs, bornAt, now })
  const wrong = [
    ...keyChecks(seen, backups.value.key),
    ...(hasRestic === false ? [noRestic()] : []),
    ...(standing.code === null ? [] : [fault(standing, standing.code)]),
  ]
  const hints = [
    ...weaknessesOfBackups({ schedule: everyMs === null ? null : 'set', isOnSameDisk }).map((words) =>
      note('backups', words),
    ),
    ...(history.lastDoneAt !== null && isDrillDue(history.drill, now)
      ? [neverPractised(practisedWords(history.drill, now))]
      : []),
  ]
  return wrong.length > 0 || hints.length > 0 ? [...wrong, ...hints] : [ok('backups', standing.detail)]
}

function keyChecks(seen: Observations, key: BackupsSight['key']): Check[] {
  const file = keyFileOf(seen, seen.standpoint)
  if (key === 'lost') return [lostKey(file)]
  if (key === 'another') return [anotherKey(file)]
  if (key === 'missing' && seen.standpoint.deployment === 'compose') return [noKey(seen)]
  return [] // with npm start the first backup makes the key
}

function lostKey(file: string | null): Check {
  return problem('backups', {
    summary: 'The key of the backups is gone.',
    detail: `The key of the backups is not in ${file ?? 'any file that HOST_BACKUP_KEY names'}. Without it nobody can read them, and no new ones are made.`,
    remedy:
      'Put the copy of the key back. If there is none, docs/backups.md#a-lost-key tells how to begin new backups.',
  })
}

function anotherKey(file: string | null): Check {
  return problem('backups', {
    summary: 'The key of the backups is another one.',
    detail: `The key in ${file} is another one than the backups were made with. It cannot read them, and no new ones are made.`,
    remedy:
      'Put the copy of the right key back. If there is none, docs/backups.md#a-lost-key tells how to begin new backups.',
  })
}

function noKey({ folder, standpoint }: Observations): Check {
  const where =
    standpoint.place === 'container'
      ? 'Run this on the host, in the folder of the clone, as root:'
      : 'Make one, as root:'
  const go = standpoint.place === 'container' ? [] : [`cd ${shellQuote(folder)}`]
  const up = upCommand({ folder })
  return warning('backups', {
    summary: 'Backups are not set up: there is no key.',
    detail:
      'HOST_BACKUP_KEY names no key for the backups, so none are made. Health turns degraded after the first night.',
    remedy: `${where} Then keep a copy of the key outside of this machine: without it nobody can read the backups.`,
    command: [
      ...go,
      '(umask 077; openssl rand -base64 32 > backup.key)',
      'chown 1000:100 backup.key',
      'echo HOST_BACKUP_KEY=./backup.key >> production.env',
      standpoint.place === 'container' ? up.slice(up.indexOf('docker-compose')) : up,
    ].join('\n'),
  })
}

function noRestic(): Check {
  return warning('backups', {
    summary: 'The program restic is missing.',
    detail: 'Backups are made by restic, which is not installed on this machine. So none can be made.',
    remedy: 'Install it; the service needs no new start:',
    command: 'apt-get install restic',
  })
}

const cures: Record<BackupFindingCode, { remedy: string; command: string | null }> = {
  'backup-failed': { remedy: 'Cure the cause, then make a backup:', command: 'ailab backup now' },
  'backup-stale': { remedy: 'Was the service down? Make one now:', command: 'ailab backup now' },
  'backup-incomplete': {
    remedy: 'GET /api/jobs?kind=backup names the folders. Then make another one:',
    command: 'ailab backup now',
  },
  'old-backups-stay': {
    remedy: 'GET /api/jobs?kind=backup says why. Cure the cause, then make another one:',
    command: 'ailab backup now',
  },
  'backup-damaged': {
    remedy: 'Do at once what docs/backups.md says of a damaged repository. To check it again:',
    command: 'ailab backup check',
  },
  'drill-failed': {
    remedy: 'GET /api/jobs?kind=drill says why. Cure the cause, then practise again:',
    command: 'ailab drill',
  },
}

function fault({ detail }: BackupStanding, code: BackupFindingCode): Check {
  const kind = code === 'backup-damaged' || code === 'drill-failed' ? problem : warning
  return kind('backups', { summary: summaries[code], detail, ...cures[code] })
}

const summaries: Record<BackupFindingCode, string> = {
  'backup-failed': 'The last try to back up failed.',
  'backup-stale': 'A backup is overdue.',
  'backup-incomplete': 'The last backup lacks some folders.',
  'old-backups-stay': 'Old backups could not be removed.',
  'backup-damaged': 'The backups are damaged.',
  'drill-failed': 'The last drill failed.',
}

function neverPractised(words: string): Check {
  return note('backups', {
    summary: words,
    detail: `${words} Whether the backups can be restored is known only once it was tried.`,
    remedy: 'Practise it beside the lab; nothing in the lab changes:',
    command: 'ailab drill',
  })
}
