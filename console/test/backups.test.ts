import { expect, test } from 'vitest'
import type { Backup, Job } from '../src/api/bodies.ts'
import { below, callsFor, folderShown, inOrder, openable, wayTo } from '../src/backups/inside.ts'
import { ownersOf } from '../src/backups/legacy-owner.ts'
import { shownRestores } from '../src/backups/restore-state.ts'
import { byDay, stripOf, timelineOf, withOlder } from '../src/backups/timeline.ts'
import { withQuery } from '../src/parts/with-query.ts'
import { aJob } from './support/a-job.ts'

const backup = (id: string, made: string, status: Backup['status'] = 'whole'): Backup => ({
  id,
  made,
  status,
  folders: ['users/alice', 'shared', 'admin'],
})
const ofBackup = (backup_id: string, more: Partial<Job> = {}) =>
  aJob({ id: `job-${backup_id}`, kind: 'backup', status: 'done', input: { backup_id }, ...more })

const result = { files: 3, bytes: 30, added_bytes: 10, left_out: [], unread_files: 0 }

test('a backup has the figures of its job, and none once the job is forgotten', () => {
  const backups = [backup('b2', '2026-11-26T03:00:00Z'), backup('b1', '2026-10-01T03:00:00Z')]
  const [newer, older] = timelineOf(backups, [
    ofBackup('b2', { result, started: '2026-11-26T03:00:00Z', ended: '2026-11-26T03:00:20Z' }),
  ])
  expect(newer).toMatchObject({ id: 'b2', state: 'good', bytes: 30, addedBytes: 10, tookMs: 20_000, by: 'alice' })
  expect(older).toMatchObject({ id: 'b1', state: 'no-figures', bytes: null, addedBytes: null, tookMs: null, by: null })
})

test('a backup that lacks a folder, was cut short, failed or is under way says so', () => {
  const state = (status: Backup['status'], job: Partial<Job> | null) =>
    timelineOf([backup('b', '2026-11-26T03:00:00Z', status)], job ? [ofBackup('b', job)] : [])[0]?.state
  expect(state('whole', { result })).toBe('good')
  expect(state('whole', null)).toBe('no-figures')
  expect(state('whole', { result: { ...result, left_out: [{ folder: 'users/a', reason: 'x' }] } })).toBe('incomplete')
  expect(state('in-parts', { status: 'failed' })).toBe('failed')
  expect(state('in-parts', { status: 'cancelled' })).toBe('cancelled')
  expect(state('in-parts', { status: 'running' })).toBe('running')
  expect(state('in-parts', null)).toBe('in-parts')
})

test('tries that left nothing, checks and drills are in the timeline, and old backups that were dropped are not', () => {
  const entries = timelineOf(
    [backup('b2', '2026-11-26T03:00:00Z')],
    [
      aJob({ id: 'drill', kind: 'drill', status: 'done', started: '2026-11-26T05:00:00Z' }),
      ofBackup('b3', {
        status: 'failed',
        started: '2026-11-26T04:00:00Z',
        failure: { code: 'no-room', detail: 'full' },
      }),
      ofBackup('b2', { result }),
      ofBackup('dropped', { result, started: '2026-11-01T03:00:00Z' }),
      aJob({ id: 'copy', kind: 'copy' }),
    ],
  )
  expect(entries.map(({ id, kind, state }) => [id, kind, state])).toEqual([
    ['drill', 'drill', 'good'],
    ['job-b3', 'backup', 'failed'],
    ['b2', 'backup', 'good'],
  ])
  expect(entries[1]).toMatchObject({ backupId: null, failure: { code: 'no-room' } })
})

test('a backup of long ago keeps its figures when many other jobs came after it', () => {
  const [recent, old] = [aJob({ id: 'copy' }), ofBackup('b1', { result })]
  expect(withOlder([recent], [old]).map(({ id }) => id)).toEqual(['copy', 'job-b1'])
  expect(withOlder([recent, { ...old, status: 'running' }], [old])).toMatchObject([{}, { status: 'running' }])
})

test('the entries come by day, in their order', () => {
  const entries = timelineOf(
    [backup('b3', '2026-11-26T23:00:00Z'), backup('b2', '2026-11-26T03:00:00Z'), backup('b1', '2026-11-25T03:00:00Z')],
    [],
  )
  const days = byDay(entries, (iso) => iso.slice(0, 10))
  expect(days.map(({ day, entries: ofDay }) => [day, ofDay.map(({ id }) => id)])).toEqual([
    ['2026-11-26', ['b3', 'b2']],
    ['2026-11-25', ['b1']],
  ])
})

test('on the strip the newest is at the right, recent days have more room, and what added more is higher', () => {
  const now = Date.parse('2026-11-26T03:00:00Z')
  const at = (days: number) => new Date(now - days * 86_400_000).toISOString()
  const backups = [backup('new', at(0)), backup('week', at(7)), backup('old', at(28))]
  const jobs = [ofBackup('new', { result }), ofBackup('week', { result: { ...result, added_bytes: 1000 } })]
  const { marks, nextX, nowX, ticks } = stripOf(timelineOf(backups, jobs), at(-1), now)
  const [fresh, week, old] = marks.map(({ x }) => x) as [number, number, number]
  expect(fresh).toBe(nowX)
  expect(nextX).toBe(1)
  expect(old).toBeGreaterThanOrEqual(0)
  expect(fresh - week).toBeGreaterThan(0.4) // a quarter of the time has half of the strip
  expect(week - old).toBeGreaterThan(0.4)
  const [low, high, unknown] = marks.map(({ height }) => height) as [number, number, number]
  expect(high).toBe(1)
  expect(low).toBeGreaterThan(unknown)
  expect(ticks.every(({ x }, index) => index === 0 || x > (ticks[index - 1]?.x ?? 1))).toBe(true)
})

test('without a schedule nothing is planned, and an empty lab has an empty strip', () => {
  expect(stripOf([], null, 0)).toMatchObject({ marks: [], nextX: null, nowX: 1 })
})

test('folders come first, and each has a way back', () => {
  const entry = (name: string, type: 'file' | 'folder') => ({ name, exact: true, type, size_bytes: 0, modified: '' })
  expect(inOrder([entry('a', 'file'), entry('b', 'folder')]).map(({ name }) => name)).toEqual(['b', 'a'])
  expect(wayTo('a/b')).toEqual([
    { name: 'a', path: 'a' },
    { name: 'b', path: 'a/b' },
  ])
  expect([wayTo(''), below('', 'a'), below('a', 'b')]).toEqual([[], 'a', 'a/b'])
  expect(openable(['admin', 'shared', 'users/a'])).toEqual(['shared', 'users/a'])
})

test('an administrator asks for any folder, and a person for their own', () => {
  const calls = (folder: string, isAdmin: boolean) => callsFor('b 1', { folder, isAdmin, userId: 'me@lab' })
  expect(calls('users/a@b', true).files).toEqual({ path: 'admin/backups/b%201/files', query: { user_id: 'a@b' } })
  expect(calls('shared', true).restore).toEqual({ path: 'admin/backups/b%201/restore', body: { shared: true } })
  expect(calls('users/a@b', true).content).toEqual({ path: 'admin/backups/b%201/content', query: { user_id: 'a@b' } })
  expect(calls('shared', false).content).toEqual({ path: 'shared/backups/b%201/content', query: {} })
  expect(calls('users/me@lab', false).restore).toEqual({ path: 'users/me%40lab/backups/b%201/restore', body: {} })
})

test('a person cannot reach another folder by the address of the page', () => {
  const { files } = callsFor('b', { folder: 'users/other', isAdmin: false, userId: 'me' })
  expect(files.path).toBe('users/me/backups/b/files')
})

test('restores under way are shown, and the last one for ten minutes after its end', () => {
  const ended = (id: string, at: string) => aJob({ id, kind: 'restore', status: 'done', ended: at })
  const jobs = [
    aJob({ id: 'running', kind: 'restore' }),
    aJob({ id: 'copy', kind: 'copy' }),
    ended('last', '2026-11-26T10:00:00Z'),
    ended('before', '2026-11-26T09:59:00Z'),
  ]
  const ids = (now: string) => shownRestores(jobs, Date.parse(now)).map(({ id }) => id)
  expect(ids('2026-11-26T10:05:00Z')).toEqual(['running', 'last'])
  expect(ids('2026-11-26T11:00:00Z')).toEqual(['running'])
})

test('a zip file of the earlier platform is offered only to people whose name it can have', () => {
  const ids = ['demo@ailab.com', 'demo_at_ailab_com', 'other']
  expect(ownersOf('demo_at_ailab_com', ids)).toEqual(['demo@ailab.com', 'demo_at_ailab_com'])
  expect(ownersOf('nobody', ids)).toEqual([])
})

test('an address shows people only their own folder and the shared one, and administrators each', () => {
  const folders = ['users/ann', 'users/me', 'shared']
  const shown = (wanted: string | null, isAdmin: boolean, of = folders) =>
    folderShown(wanted, { isAdmin, userId: 'me', folders: of })
  expect(['users/bob', 'shared', 'admin', null].map((wanted) => shown(wanted, false, []))).toEqual([
    'users/me',
    'shared',
    'users/me',
    'users/me',
  ])
  expect([shown('users/ann', true), shown(null, true)]).toEqual(['users/ann', 'users/me'])
  expect([shown(null, true, ['users/ann']), shown(null, true, [])]).toEqual(['users/ann', null])
})

test('an address gives back the names that were put into it', () => {
  const path = 'a%41b/c&d=e+f #g'
  const address = withQuery('/console/backups/b', { path })
  expect(new URL(address, 'http://localhost').searchParams.get('path')).toBe(path)
  expect(withQuery('/console/usage', {})).toBe('/console/usage')
})
