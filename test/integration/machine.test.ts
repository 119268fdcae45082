import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../support/lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const samples = async () => (await lab.as(lab.adminToken).get('/api/admin/machine').expect(200)).body.items

test('soon after its start the service tells how busy the machine is, with what there is', async () => {
  await expect.poll(async () => (await samples()).length, { timeout: 20_000 }).toBe(1)
  const [sample] = await samples()
  expect(Date.now() - Date.parse(sample.at)).toBeLessThan(120_000)
  for (const kind of ['memory', 'disk']) {
    expect(sample[`${kind}_used_bytes`]).toBeGreaterThan(0)
    expect(sample[`${kind}_total_bytes`]).toBeGreaterThan(sample[`${kind}_used_bytes`])
  }
  expect(sample.cpu_percent).toBeLessThanOrEqual(100)
  expect(sample).toMatchObject({ environments_running: 0, environments_waiting: 0 })
})

test('only administrators see the machine, as many hours as they ask for', async () => {
  const person = await lab.newUser('person@lab')
  await person.client.get('/api/admin/machine').expect(403)
  const admin = lab.as(lab.adminToken)
  expect((await admin.get('/api/admin/machine?hours=1').expect(200)).body.every_seconds).toBe(60)
  for (const hours of ['0', '25', 'x']) await admin.get(`/api/admin/machine?hours=${hours}`).expect(400)
})
