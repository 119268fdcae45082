/** `docker commit` keeps the labels of a container, and `docker run` of that image makes another one with them. */
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }
const wait = { prefer: 'wait=10' }

// Trouble (mounts): two containers have the label of one environment
test('a copy of a container does not disturb the environment, and is listed as a copy', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  lab.engine.copy(id, 'my-copy')
  await lab.restart() // a sweep looks at all environments

  const found = (await admin.post('/api/data/consistency')).body
  expect(found.environments).toMatchObject([{ id, status: 'proven' }])
  expect(found.findings).toMatchObject([
    { code: 'orphan-container', severity: 'note', detail: expect.stringContaining(`my-copy has the label of ${id}`) },
  ])
  expect((await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
  const { items } = (await admin.get('/api/data/orphans')).body
  expect(items).toMatchObject([
    { id: 'my-copy', adoptable: false, reason: expect.stringContaining(`whose container is ${id}`) },
  ])
  await admin.post('/api/data/orphans/my-copy/adopt').expect(409)
})

// Trouble (mounts): two containers have the label of one environment, and its record is lost
test('when the record is lost, the container with the right name can be adopted, and its copy cannot', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { id } = (await admin.post('/api/environments', body).set(wait)).body
  lab.engine.copy(id, 'my-copy')
  await lab.restart(() => lab.withRecords((store) => store.forget(id).then(() => {})))

  const { items } = (await admin.get('/api/data/orphans')).body
  expect(items).toMatchObject([
    { id, adoptable: true },
    { id: 'my-copy', adoptable: false },
  ])
  await admin.post(`/api/data/orphans/${id}/adopt`).expect(201)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).body.status).toBe('running')
})
