/** An environment is its user's: what runs in it may write and answer anything. */
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }

test('whatever an environment wrote before it ended, the reason is short, and steers no terminal', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  await expect.poll(async () => (await lab.engine.inspect(id))?.state).toBe('running')
  for (let lines = 0; lines < 10; lines += 1) lab.engine.say(id, 'stdout', `${'\x1b[2J'.repeat(100_000)}why`)
  lab.engine.exit(id, 3)
  const found = async () => (await admin.get(`/api/environments/${id}`)).body
  await expect.poll(async () => (await found()).status).toBe('failed')
  const { status_reason: reason } = await found()
  expect(reason).toMatch(/\(exit code 3\)\. Its last words:\n….*why$/s)
  expect(reason.length).toBeLessThan(2_200)
  expect(reason).not.toContain('\x1b')
})
