import { expect, test } from 'vitest'
import { become, running } from '../support/become.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

/** Asks for it, and waits until the environment runs in another container. */
async function start(lab: Lab, admin: Client, id: string, body?: object): Promise<void> {
  const before = await lab.engine.inspect(id)
  await admin.post(`/api/environments/${id}/start`, body).expect(202)
  await expect
    .poll(async () => (await lab.engine.inspect(id))?.containerId ?? before?.containerId)
    .not.toBe(before?.containerId)
  await become(admin, id, 'running')
}

const modeOf = async (lab: Lab, admin: Client, id: string) => {
  const { body } = await admin.get(`/api/environments/${id}`).expect(200)
  return [body.safe, lab.engine.specOf(id)?.env.AI_LAB_SAFE]
}

// Trouble (known): a package that a person installed breaks JupyterLab
test('a safe start makes the container anew from the same image, and lasts until a start that is not safe', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const { imageId } = (await lab.engine.inspect(id)) ?? {}
  expect(await modeOf(lab, admin, id)).toEqual([false, undefined])

  lab.engine.imageStore.move('ai-lab/jupyterlab:latest')
  await start(lab, admin, id, { safe: true })
  expect(await modeOf(lab, admin, id)).toEqual([true, '1'])
  expect((await lab.engine.inspect(id))?.imageId).toBe(imageId)

  const { containerId } = (await lab.engine.inspect(id)) ?? {}
  for (const [action, status, body] of [
    ['start', 'running', { safe: true }],
    ['pause', 'paused', undefined],
    ['resume', 'running', undefined],
    ['stop', 'exited', undefined],
    ['start', 'running', { safe: true }],
    ['restart', 'running', undefined],
  ] as const) {
    await admin.post(`/api/environments/${id}/${action}`, body).expect(202)
    await become(admin, id, status)
  }
  expect((await lab.engine.inspect(id))?.containerId).toBe(containerId)
  lab.engine.vanish(id)
  await expect.poll(async () => lab.engine.specOf(id)?.env.AI_LAB_SAFE).toBe('1')
  await become(admin, id, 'running')

  await start(lab, admin, id)
  expect(await modeOf(lab, admin, id)).toEqual([false, undefined])
})

// Trouble (known): somebody thinks better of a safe start that waits, and the service replaces the container that is right
test('without an image for a safe start, an ordinary start goes on with the container as it was', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const container = await lab.engine.inspect(id)
  lab.engine.imageStore.wipe()
  await admin.post(`/api/environments/${id}/start`, { safe: true }).expect(202)
  await become(admin, id, 'failed')
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'running')
  expect(await lab.engine.inspect(id)).toEqual(container)
})

test('a failed environment gets another chance by a safe start', async () => {
  await using lab = await openLab({ answers: 503 })
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  await expect.poll(async () => (await lab.engine.inspect(body.id))?.state).toBe('running')
  lab.engine.exit(body.id, 3)
  await become(admin, body.id, 'failed')
  lab.notebookAnswers(200)
  await start(lab, admin, body.id, { safe: true })
  expect(await modeOf(lab, admin, body.id)).toEqual([true, '1'])
})

// Trouble (worst): a safe start is asked for while the container is being made
test('a container that is being made while somebody asks for a safe start is replaced', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const creating = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => (name === 'create' ? creating.promise : undefined)
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  await expect.poll(() => lab.engine.calls.some(({ name }) => name === 'create')).toBe(true)
  await admin.post(`/api/environments/${body.id}/start`, { safe: true }).expect(202)
  creating.resolve()
  lab.engine.beforeCall = () => undefined
  await expect.poll(() => modeOf(lab, admin, body.id)).toEqual([true, '1'])
  await become(admin, body.id, 'running')
})
