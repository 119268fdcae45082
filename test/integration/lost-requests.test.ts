/** Requests and manual actions at the worst instant: none is lost, and none happens twice. */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { become, running } from '../support/become.ts'
import { type Lab, openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }
const unavailable = () => new Problem('engine-unavailable', 'The container engine is busy.')

async function stateOf(lab: Lab, id: string): Promise<string | undefined> {
  return (await lab.engine.inspect(id))?.state
}

function startsIn(lab: Lab): number {
  return lab.engine.calls.filter(({ name }) => name === 'start').length
}

// Trouble (desired): the engine goes away in the middle of a restart
test('a restart completes although the engine seemed away in the middle and the service was restarted', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  await admin.post(`/api/environments/${id}/pause`).expect(202)
  await become(admin, id, 'paused')
  const unpaused = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => {
    if (name === 'start' || name === 'info') throw unavailable()
    return name === 'unpause' ? unpaused.promise : undefined
  }
  await admin.post(`/api/environments/${id}/restart`).expect(202)
  await become(admin, id, 'unknown')
  unpaused.resolve()
  await expect.poll(() => stateOf(lab, id)).toBe('exited')
  await lab.restart(async () => {
    lab.engine.beforeCall = () => {}
  })
  await become(admin, id, 'running')
})

// Trouble (desired): somebody asks for something else while a recreation proves the data root
test.each([
  ['running', 'stop', 'exited'],
  ['exited', 'start', 'running'],
] as const)(
  'a recreation of an environment that is %s does not overrule a %s that is asked for meanwhile',
  async (before, action, after) => {
    await using lab = await openLab()
    const admin = lab.as(lab.adminToken)
    const id = await running(admin)
    if (before === 'exited') await admin.post(`/api/environments/${id}/stop`).expect(202)
    await become(admin, id, before)
    const looking = Promise.withResolvers<void>()
    const looked = Promise.withResolvers<void>()
    lab.engine.beforeCall = ({ name }) => {
      if (name !== 'look') return
      looking.resolve()
      return looked.promise
    }
    const recreated = Promise.all([admin.post(`/api/environments/${id}/recreate`).expect(202)])
    await looking.promise
    await admin.post(`/api/environments/${id}/${action}`).expect(202)
    looked.resolve()
    await recreated
    await become(admin, id, after)
  },
)

// Trouble (desired): somebody asks for a restart during a start
test('a restart that is asked for during a start is exactly one more start', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await become(admin, id, 'exited')
  lab.notebookAnswers(503)
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await expect.poll(() => stateOf(lab, id)).toBe('running')
  await admin.post(`/api/environments/${id}/restart`).expect(202)
  await expect.poll(() => startsIn(lab)).toBe(3)
  lab.notebookAnswers(200)
  await become(admin, id, 'running')
  expect(startsIn(lab)).toBe(3)
})

// Trouble (desired): the clock is set back before a recreation
test('a recreation is exactly one start, although the clock of the engine was set back', async () => {
  let aheadMs = 3_600_000
  await using lab = await openLab({ now: () => Date.now() + aheadMs })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  aheadMs = 0
  await admin.post(`/api/environments/${id}/recreate`).expect(202)
  await expect.poll(() => startsIn(lab)).toBe(2)
  await become(admin, id, 'running')
  expect(startsIn(lab)).toBe(2)
})

// Trouble (desired): somebody starts an environment right after a docker stop
test('a start right after a docker stop wins, although the service had not seen the stop yet', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  await lab.engine.stop(id, 0)
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await expect.poll(() => startsIn(lab)).toBe(2)
  await become(admin, id, 'running')
})

// Trouble (desired): somebody runs docker stop on an environment that is not ready
test('the service respects a stop by hand of an environment that is not ready yet, without a failure', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).expect(202)).body
  await expect.poll(() => stateOf(lab, id)).toBe('running')
  await lab.engine.stop(id, 0)
  await become(admin, id, 'exited')
  expect((await admin.get(`/api/environments/${id}`)).body).toMatchObject({
    desired_state: 'stopped',
    status_reason: null,
  })
  lab.notebookAnswers(200)
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'running')
})

// Trouble (desired): a docker stop cannot be recorded at once
test('the service respects a stop by hand even if it could not record the stop at once', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const database = new SQLite(join(lab.dataDir, 'admin/ai-lab.db'))
  database.exec("create trigger full before update on environments begin select raise(abort, 'disk is full'); end")
  await lab.engine.stop(id, 0)
  const reason = async () => (await admin.get(`/api/environments/${id}`)).body.status_reason
  await expect.poll(reason).toBe('Something went wrong in the service; it tries again.')
  database.exec('drop trigger full')
  database.close()
  lab.engine.reachable = false // ends the stream of events; when it begins again, the service looks at all environments
  lab.engine.reachable = true
  await become(admin, id, 'exited')
  expect(startsIn(lab)).toBe(1)
})

// Trouble (desired): the engine refuses a pause
test.each(['pause', 'resume'] as const)(
  'an environment whose pause the engine refused is failed until somebody asks for a %s',
  async (action) => {
    await using lab = await openLab()
    const admin = lab.as(lab.adminToken)
    const id = await running(admin)
    let refusals = 0
    lab.engine.beforeCall = ({ name }) => {
      if (name !== 'pause' || refusals > 0) return
      refusals += 1
      throw new Problem('engine-refused', `Could not pause ${id}: OCI runtime pause failed: unable to freeze.`)
    }
    await admin.post(`/api/environments/${id}/pause`).expect(202)
    await become(admin, id, 'failed')
    expect(await stateOf(lab, id)).toBe('running')
    await admin.post(`/api/environments/${id}/${action}`).expect(202)
    await become(admin, id, action === 'pause' ? 'paused' : 'running')
  },
)

// Trouble (desired): somebody asks for something else while an environment waits for the data root
test('a stop happens although a recreation waits for the data root', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const marker = join(lab.dataDir, 'shared/.ai-lab-root')
  lab.engine.beforeCall = async ({ name }) => {
    if (name !== 'stop') return
    lab.engine.beforeCall = () => {}
    throw unavailable()
  }
  await admin.post(`/api/environments/${id}/recreate`).expect(202)
  await become(admin, id, 'unknown')
  await rename(marker, `${marker}-away`)
  await admin.post('/api/data/consistency').expect(200)
  await admin.post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(() => stateOf(lab, id)).toBe('exited')
})
