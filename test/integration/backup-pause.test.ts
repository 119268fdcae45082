import { expect, test } from 'vitest'
import { ended, labWithFiles, person } from '../support/backed-up-lab.ts'
import { become } from '../support/become.ts'

/** A lab whose person has a running environment; `during` runs while restic reads their folder. */
async function labWithNotebook(during: (id: string) => Promise<unknown>) {
  const all = await labWithFiles()
  const { lab, client } = all
  const { body } = await client.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  await become(client, body.id, 'running')
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    const isOfPerson = errand.command.includes('backup') && errand.command.includes(`users/${person}`)
    if (isOfPerson) await during(body.id)
    return await duringErrand(errand, onLine, signal)
  }
  return { ...all, id: body.id as string }
}

const stateIn = async ({ engine }: Awaited<ReturnType<typeof labWithNotebook>>['lab'], id: string) =>
  (await engine.inspect(id))?.state

test("with pause, a person's environment stands still while its folder is read, says why, and goes on afterwards", async () => {
  const seen: unknown[] = []
  const { lab, admin, client, id } = await labWithNotebook(async (environment) => {
    seen.push(await stateIn(lab, environment))
    const { body } = await client.get(`/api/environments/${environment}`)
    seen.push(body.status, body.status_reason)
  })
  await using _lab = lab
  const { result } = await ended(admin.post('/api/admin/backups', { pause: true }))
  expect(result).toMatchObject({ paused_environments: 1, from_snapshots: 0, left_out: [] })
  expect(seen).toEqual(['paused', 'paused', expect.stringContaining('stands still while its folder is backed up')])
  expect(await stateIn(lab, id)).toBe('running')
  await become(client, id, 'running')
})

test('without pause, nothing stands still', async () => {
  const seen: unknown[] = []
  const { lab, admin } = await labWithNotebook(async (id) => seen.push(await stateIn(lab, id)))
  await using _lab = lab
  await ended(admin.post('/api/admin/backups'))
  expect(seen).toEqual(['running'])
})

test('an environment that its person stops meanwhile is stopped, and stays so', async () => {
  const { lab, admin, client, id } = await labWithNotebook((environment) =>
    client.post(`/api/environments/${environment}/stop`).set('prefer', 'wait=10').expect(202),
  )
  await using _lab = lab
  await ended(admin.post('/api/admin/backups', { pause: true }))
  expect(await stateIn(lab, id)).toBe('exited')
})

// Trouble (files): a backup that pauses environments fails, is cancelled, or ends with its service
test('environments go on when such a backup fails, is cancelled, or its service closes', async () => {
  const held = Promise.withResolvers<void>()
  const { lab, admin, client, id } = await labWithNotebook(async () => {
    throw new Error('the disk is gone')
  })
  await using _lab = lab
  await ended(admin.post('/api/admin/backups', { pause: true }), 'failed')
  expect(await stateIn(lab, id)).toBe('running')

  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (!errand.command.includes('backup')) return await duringErrand(errand, onLine, signal)
    held.resolve()
    return await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const { body: job } = await admin.post('/api/admin/backups', { pause: true }).expect(202)
  await held.promise
  expect(await stateIn(lab, id)).toBe('paused')
  await lab.restart(async () => {
    expect(await stateIn(lab, id)).toBe('running')
    lab.engine.duringErrand = (_errand, _onLine, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  await admin.post(`/api/jobs/${job.id}/cancel`).expect(200, /"cancelled"/)
  await become(client, id, 'running')
})
