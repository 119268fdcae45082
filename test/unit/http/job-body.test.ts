import { expect, test } from 'vitest'
import type { Job } from '../../../src/domain/jobs/job.ts'
import { toJobBody } from '../../../src/http/schemas/job.ts'

// Trouble (authority): a token for files alone reads the result of a backup
test('why a backup left out a folder is told only to those who may see paths of the host', () => {
  const reason = 'The person’s folder /srv/lab/users/ada cannot be used.'
  const job = {
    ...{ status: 'done', createdAt: 0, startedAt: null, endedAt: null, progress: null, failure: null },
    result: { files: 1, left_out: [{ folder: 'users/ada', reason }], old_ones_stay: reason },
  } as unknown as Job
  expect(toJobBody(job, true).result).toEqual(job.result)
  expect(toJobBody(job, false).result).toEqual({
    files: 1,
    left_out: [{ folder: 'users/ada', reason: 'The reason is for administrators with all rights.' }],
    old_ones_stay: 'The reason is for administrators with all rights.',
  })
  const zip = { ...job, result: { left_out: 2, examples: [] } } as unknown as Job
  expect(toJobBody(zip, false).result).toEqual(zip.result)
})
