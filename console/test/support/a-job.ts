import type { Job } from '../../src/api/bodies.ts'

export function aJob(more: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    kind: 'copy',
    user_id: 'alice',
    title: 'A job',
    input: {},
    status: 'running',
    progress: null,
    result: null,
    failure: null,
    created: '2026-11-26T09:00:00.000Z',
    started: '2026-11-26T09:00:01.000Z',
    ended: null,
    ...more,
  }
}
