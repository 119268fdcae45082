import { expect, test } from 'vitest'
import { allOf, followJob } from '../../../src/commands/on-service.ts'
import type { ServiceClient } from '../../../src/ports/service-client.ts'

const begun = { id: 'j1', status: 'running', title: 'Copy a to b', progress: null, result: null, failure: null }

/** Follows a job whose first look ends as `look` says. */
async function follow(look: (interruption: AbortController) => Promise<unknown>): Promise<unknown> {
  const interruption = new AbortController()
  const service = { ask: () => look(interruption) } as unknown as ServiceClient
  const line = { update: () => {}, end: () => {} }
  return await followJob({ service, line, signal: interruption.signal }, begun).catch((error: Error) => error.message)
}

test('Ctrl-C leaves the job to the service, and says how to end it', async () => {
  const words = await follow(async (interruption) => {
    interruption.abort(new Error('Interrupted.'))
    throw interruption.signal.reason
  })
  expect(words).toBe(
    "Interrupted. The service goes on: Copy a to b. To cancel it, use the console's page Jobs, or POST /api/jobs/j1/cancel.",
  )
})

test('a job that failed or was cancelled says so', async () => {
  const failure = { detail: 'The disk is full.' }
  expect(await follow(async () => ({ ...begun, status: 'failed', failure }))).toBe('The disk is full.')
  expect(await follow(async () => ({ ...begun, status: 'cancelled' }))).toBe('The job was cancelled: Copy a to b.')
})

test('a list is read to its last page', async () => {
  const pages: Record<string, object> = {
    '/api/trash?shared=true&limit=200': { items: [1, 2], next_cursor: 'a b' },
    '/api/trash?shared=true&limit=200&cursor=a%20b': { items: [3], next_cursor: null },
    '/api/shared/datasets?limit=200': { items: [], next_cursor: null },
  }
  const service = { ask: async (_: string, path: string) => pages[path] } as unknown as ServiceClient
  const on = { service, line: { update: () => {}, end: () => {} }, signal: new AbortController().signal }
  expect(await allOf(on, '/api/trash?shared=true')).toEqual([1, 2, 3])
  expect(await allOf(on, '/api/shared/datasets')).toEqual([])
})
