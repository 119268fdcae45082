import { expect, test } from 'vitest'
import { knownOf, newsOf } from '../src/jobs/news.ts'
import { aJob } from './support/a-job.ts'

const copy = (status: 'queued' | 'running' | 'done' | 'failed', percent: number | null = null) =>
  aJob({ id: 'copy', kind: 'copy', status, progress: percent === null ? null : ({ percent } as never) })

test('the begin and the end of a job are news, and its progress is none', () => {
  expect(newsOf(knownOf([]), [copy('running')])).toHaveLength(1)
  expect(newsOf(knownOf([copy('queued')]), [copy('running')])).toEqual([])
  expect(newsOf(knownOf([copy('running', 10)]), [copy('running', 11)])).toEqual([])
  expect(newsOf(knownOf([copy('running')]), [copy('failed')])).toMatchObject([{ status: 'failed' }])
  expect(newsOf(knownOf([copy('done')]), [copy('done')])).toEqual([])
})

test('nothing is news at the first look', () => {
  expect(newsOf(null, [copy('running'), aJob({ id: 'old', kind: 'copy', status: 'done' })])).toEqual([])
})
