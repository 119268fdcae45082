import { expect, test } from 'vitest'
import type { Dataset, Job } from '../src/api/bodies.ts'
import { stateOf, webAddress } from '../src/datasets/dataset-state.ts'
import { aboutOf, isUnderWay, leftAt, placeMade, resultsOf, signOf, trashedOf } from '../src/jobs/job-words.ts'
import { aJob } from './support/a-job.ts'

const bytes = (amount: number) => `${amount} B`
const copyInput = (path: string) => ({ from: { user_id: null, path }, to: { user_id: 'alice', path: 'x' } })

test('a job is under way while it is queued or running, and only then it moves', () => {
  const all = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
  expect(all.filter((status) => isUnderWay({ status }))).toEqual(['queued', 'running'])
  expect(all.filter((status) => signOf({ status }).moves)).toEqual(['queued', 'running'])
})

test('what a job is about is said in words of the catalogue', () => {
  const key = (kind: string, input: Job['input'] = {}) => aboutOf({ kind, input })
  expect(key('copy', copyInput('datasets/rain'))).toEqual({
    key: 'jobs.about.copy',
    values: { from: 'shared/datasets/rain', to: 'users/alice/x' },
  })
  expect(key('restore', { folder: 'shared', path: '' })).toMatchObject({ key: 'jobs.about.restoreAll' })
  expect(key('restore', { folder: 'users/a', path: 'b/c' })).toMatchObject({ values: { what: 'users/a/b/c' } })
})

test('a kind that the console does not know, or an input of another form, keeps the title of the service', () => {
  expect(aboutOf({ kind: 'checksum', input: {} })).toBeNull()
  expect(aboutOf({ kind: 'copy', input: { from: 'shared' } })).toBeNull()
})

test('what came of a backup says what it added, and what it lacks only if it lacks something', () => {
  const result = { files: 2, bytes: 10, added_bytes: 3, left_out: [], unread_files: 0 }
  const keys = (job: Partial<Job>) => resultsOf(aJob(job), bytes).map((each) => each.key)
  expect(keys({ kind: 'backup', result })).toEqual(['jobs.result.saved', 'jobs.result.added'])
  const poor = { ...result, left_out: [{ folder: 'users/a', reason: 'x' }], unread_files: 1 }
  expect(keys({ kind: 'backup', result: poor })).toEqual([
    'jobs.result.saved',
    'jobs.result.added',
    'jobs.result.leftOut',
    'jobs.result.unread',
  ])
  expect(keys({ kind: 'backup', result: null })).toEqual([])
  expect(keys({ kind: 'of a later version', result: { any: 1 } })).toEqual([])
})

test('what was restored is back where it was, or in the new folder', () => {
  const said = (in_place: boolean, to: string) =>
    resultsOf(aJob({ kind: 'restore', input: { in_place }, result: { folder: 'users/a', to, entries: 1 } }), bytes)
  expect(said(true, 'letters')).toEqual([{ key: 'jobs.result.restored', values: { count: 1, to: 'users/a/letters' } }])
  expect(said(false, 'restored-b')).toMatchObject([{ key: 'jobs.result.restoredTo' }])
})

test('results of another form than expected are said as nothing, not as an error', () => {
  expect(resultsOf(aJob({ kind: 'verify-dataset', result: { verified: '1', differ: 7 } }), bytes)).toEqual([
    { key: 'jobs.result.verified', values: { count: 0 } },
  ])
})

test('the files that a verification does not list count as well', () => {
  const result = { verified: 1, differ: ['a'], unlisted_differ: 2, missing: ['b'] }
  expect(resultsOf(aJob({ kind: 'verify-dataset', result }), bytes).map(({ values }) => values)).toEqual([
    { count: 1 },
    { count: 3 },
    { count: 1 },
  ])
})

const rain = { name: 'rain', path: 'datasets/rain', checksums: 2, last_verified: null }
const verify = (more: Partial<Job>) => aJob({ kind: 'verify-dataset', input: { name: 'rain' }, ...more })

test('a dataset is verified as the service says, whoever asked for it', () => {
  const at = '2026-11-26T10:00:00Z'
  const said = (last_verified: Dataset['last_verified']) => stateOf({ ...rain, last_verified }, []).verified
  const fine = { verified: 2, differ: 0, missing: 0, examples: [] }
  expect(said(null)).toEqual({ kind: 'never' })
  expect(said({ at, found: fine })).toEqual({ kind: 'verified', at, files: 2 })
  expect(said({ at, found: null })).toEqual({ kind: 'changed-since', at })
  const bad = { verified: 0, differ: 1, missing: 1, examples: ['a', 'b'] }
  expect(said({ at, found: bad })).toEqual({ kind: 'otherwise', at, differ: 1, missing: 1, examples: ['a', 'b'] })
})

test('nobody is offered to verify a dataset without checksums, or one that is being verified', () => {
  const may = (checksums: number, jobs: Job[]) => stateOf({ ...rain, checksums }, jobs).mayVerify
  expect([may(0, []), may(2, []), may(2, [verify({ status: 'running' })])]).toEqual([false, true, false])
  expect(stateOf({ ...rain, checksums: 0 }, []).verified).toEqual({ kind: 'no-checksums' })
})

test('only a copy of the shared dataset counts as its copy', () => {
  const copy = (path: string, user_id: string | null, status: Job['status']) =>
    aJob({
      kind: 'copy',
      status,
      input: { from: { user_id, path }, to: {} },
      result: { copied: 'users/a/r' },
      ended: 'now',
    })
  expect(stateOf(rain, [copy('datasets/rain', null, 'running')]).copying).not.toBeNull()
  expect(stateOf(rain, [copy('datasets/rain', 'alice', 'running')]).copying).toBeNull()
  expect(stateOf(rain, [copy('datasets/rain', null, 'done')]).copied).toEqual({ path: 'users/a/r', at: 'now' })
  expect(stateOf(rain, [copy('datasets/rain', null, 'cancelled')]).copied).toBeNull()
})

test('a source is a link only if it is a page of the web', () => {
  expect(webAddress('https://example.org/rain')).toBe('https://example.org/rain')
  expect(
    ['javascript:alert(1)', 'data:text/html,x', 'Imaging group', '', 'file:///etc/passwd'].map(webAddress),
  ).toEqual(Array(5).fill(null))
})

test('a removal says what went with the person, and leads to the trash; a cancelled one says what is done', () => {
  const removal = (more: Partial<Job>) => aJob({ kind: 'remove-person', input: { user_id: 'anna' }, ...more })
  const done = removal({ status: 'done', result: { environments: ['a', 'b'], trashed: true, removed: true } })
  expect(aboutOf(done)).toEqual({ key: 'jobs.about.removePerson', values: { who: 'anna' } })
  expect(resultsOf(done, bytes).map(({ key, values }) => [key, values])).toEqual([
    ['jobs.result.environmentsGone', { count: 2 }],
    ['jobs.result.folderTrashed', {}],
  ])
  expect([trashedOf(done), leftAt(done)]).toEqual(['anna', null])
  const kept = removal({ status: 'done', result: { environments: [], trashed: false, removed: true } })
  expect([resultsOf(kept, bytes), trashedOf(kept)]).toEqual([[], null])
  const doing = 'So far: anna still has an account'
  const progress = { doing, percent: null, done_bytes: 0, total_bytes: null, done_files: 0, total_files: null }
  expect(leftAt(removal({ status: 'cancelled', progress }))).toBe(doing)
  expect(leftAt(aJob({ kind: 'copy', status: 'cancelled', progress }))).toBeNull()
})

test('the way to what a job made leads to its place, once it is done', () => {
  const made = (kind: string, result: Job['result'], status: Job['status'] = 'done') =>
    placeMade({ kind, status, result })
  expect(made('copy', { copied: 'users/a/rain' })).toBe('users/a/rain')
  expect(made('restore', { folder: 'users/a', to: 'restored-b' })).toBe('users/a/restored-b')
  expect(made('restore', { folder: 'users/a', to: '' })).toBe('users/a')
  expect(made('restore', { folder: 'users/a', to: '' }, 'failed')).toBeNull()
  expect([made('backup', { folder: 'x' }), made('copy', null)]).toEqual([null, null])
})

test('a card says why the newest copy or verification failed, and forgets it with the next', () => {
  const failure = { code: 'storage-full', detail: 'The copy is refused.' }
  const copy = (more: Partial<Job>) => aJob({ input: copyInput('datasets/rain'), ...more })
  const failed = copy({ status: 'failed', failure })
  expect(stateOf(rain, [failed]).failures).toEqual([failure])
  expect(stateOf(rain, [copy({ status: 'running' }), failed]).failures).toEqual([])
})
