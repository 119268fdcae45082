import { expect, test } from 'vitest'
import { judge } from '../../../src/doctor/judge.ts'
import type { BackupsSight, Standpoint } from '../../../src/doctor/observations.ts'
import { noDrill } from '../../../src/domain/backups/drill.ts'
import { backupsSight, observations, seen } from '../../support/observations.ts'

const fine = backupsSight()
const { now } = fine
const dayMs = 86_400_000

function checks(changes: Partial<BackupsSight>, standpoint: Partial<Standpoint> = {}) {
  const all = judge(observations({ backups: seen(backupsSight(changes)) }, standpoint))
  return all.filter(({ id }) => id === 'backups')
}

const history = (changes: Partial<BackupsSight['history']>) => ({ history: { ...fine.history, ...changes } })

test('a lab that is backed up, and whose restore was practised, is in order', () => {
  expect(checks({})).toMatchObject([
    { status: 'ok', summary: 'The last backup is of 2026-11-26T03:00Z. A restore was last practised 6 days ago.' },
  ])
})

test('without a key Compose makes no backups: the doctor prints how to make one', () => {
  const [onHost, ...others] = checks({ key: 'missing' })
  expect(others).toEqual([])
  expect(onHost).toMatchObject({ status: 'warning', summary: 'Backups are not set up: there is no key.' })
  expect(onHost?.command?.split('\n')).toEqual([
    'cd /srv/clone',
    '(umask 077; openssl rand -base64 32 > backup.key)',
    'chown 1000:100 backup.key',
    'echo HOST_BACKUP_KEY=./backup.key >> production.env',
    'cd /srv/clone && docker-compose --env-file production.env -f docker-compose.production.yml up -d',
  ])
  const [inside] = checks({ key: 'missing' }, { place: 'container' })
  expect(inside?.command).toMatch(/^\(umask .*\ndocker-compose /s)
  expect(checks({ key: 'missing' }, { deployment: 'process' })).toMatchObject([{ status: 'ok' }])
})

test('a key that is gone is a problem, wherever the service runs', () => {
  for (const deployment of ['compose', 'process'] as const) {
    expect(checks({ key: 'lost' }, { deployment })).toMatchObject([
      { status: 'problem', detail: expect.stringContaining('backup.key') },
    ])
  }
})

test('a key that is another one than the backups were made with is a problem', () => {
  expect(checks({ key: 'another' })).toMatchObject([
    {
      status: 'problem',
      summary: 'The key of the backups is another one.',
      detail: expect.stringContaining('backup.key'),
      remedy: expect.stringContaining('docs/backups.md#a-lost-key'),
    },
  ])
})

test('a missing restic comes with the command that installs it', () => {
  expect(checks({ hasRestic: false })).toMatchObject([{ status: 'warning', command: 'apt-get install restic' }])
})

test.for([
  [history({ failedAt: now, failure: 'The disk is full.' }), 'warning', 'bin/ailab backup now'],
  [history({ lastDoneAt: now - 5 * dayMs }), 'warning', 'bin/ailab backup now'],
  [history({ leftOut: 1 }), 'warning', 'bin/ailab backup now'],
  [history({ oldOnesStay: true }), 'warning', 'bin/ailab backup now'],
  [history({ damage: 'a pack differs' }), 'problem', 'bin/ailab backup check'],
  [history({ drill: { ...noDrill, practisedAt: now, failure: 'x' } }), 'problem', 'bin/ailab drill'],
] as const)('a fault of the backups comes with the command to type: %o', ([changes, status, command]) => {
  expect(checks(changes)).toMatchObject([{ status, command }])
})

test('a disk that holds both, no schedule, and a restore that was never practised are notes', () => {
  expect(checks({ isOnSameDisk: true })).toMatchObject([
    { status: 'note', remedy: expect.stringMatching(/REPOSITORY/) },
  ])
  expect(checks({ everyMs: null })).toMatchObject([{ status: 'note', summary: 'No backups are made.' }])
  expect(checks(history({ drill: noDrill }), { place: 'container' })).toMatchObject([
    { status: 'note', command: 'ailab drill', summary: 'A restore was never practised.' },
  ])
  expect(checks(history({ lastDoneAt: now, drill: { ...noDrill, practisedAt: now - 200 * dayMs } }))).toMatchObject([
    { status: 'note', summary: 'A restore was last practised 200 days ago.' },
  ])
})
