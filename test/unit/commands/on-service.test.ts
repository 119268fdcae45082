import { expect, test } from 'vitest'
import { followJob } from '../../../src/commands/on-service.ts'
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
