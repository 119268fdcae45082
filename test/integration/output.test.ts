/** The log and the stats of an environment that is not running, or ends at that instant. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { become, running } from '../support/become.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

async function opened(): Promise<{ lab: Lab; admin: Client; id: string }> {
  const lab = await openLab()
  onTestFinished(() => lab[Symbol.asyncDispose]())
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.say(id, 'stdout', 'up')
  return { lab, admin, id }
}

const statsOf = (client: Client, id: string) => client.get(`/api/environments/${id}/stats`)
const logOf = (client: Client, id: string) => client.get(`/api/environments/${id}/logs`)

// Trouble (cost): the stats of an environment that does not run are reported as an outage of the engine
describe('The stats and the log:', () => {
  test('a paused environment has stats and a log', async () => {
    const { admin, id } = await opened()
    await admin.post(`/api/environments/${id}/pause`).expect(202)
    await become(admin, id, 'paused')
    await statsOf(admin, id).expect(200)
    expect((await logOf(admin, id).expect(200)).text).toBe('up\n')
  })

  test('a stopped environment has its old log, and a conflict for the stats', async () => {
    const { admin, id } = await opened()
    await admin.post(`/api/environments/${id}/stop`).expect(202)
    await become(admin, id, 'exited')
    const { body } = await statsOf(admin, id).expect(409)
    expect(body).toMatchObject({ type: '/problems/wrong-state', detail: 'It is exited: there is nothing to measure.' })
    expect((await logOf(admin, id).expect(200)).text).toBe('up\n')
  })

  test('an environment without a container has an empty log, and a conflict for the stats', async () => {
    const { lab, admin } = await opened()
    const { promise, resolve } = Promise.withResolvers<void>()
    lab.engine.beforeCall = ({ name }) => (name === 'create' ? promise : undefined)
    const { id } = (await admin.post('/api/environments', { template: 'jupyterlab' }).expect(202)).body
    const { body } = await statsOf(admin, id).expect(409)
    expect(body.detail).toMatch(/^It is (pending|creating): there is nothing to measure\.$/)
    expect((await logOf(admin, id).expect(200)).text).toBe('')
    resolve()
    await become(admin, id, 'running')
  })

  test('an environment that is being deleted refuses both with a sentence, and later with 404', async () => {
    const { lab, admin, id } = await opened()
    const { promise, resolve } = Promise.withResolvers<void>()
    lab.engine.beforeCall = ({ name }) => (name === 'remove' ? promise : undefined)
    await admin.delete(`/api/environments/${id}`).expect(202)
    const deleted = { type: '/problems/wrong-state', detail: 'It is being deleted: its log goes with it.' }
    for (const query of ['', '?follow=true']) {
      expect((await admin.get(`/api/environments/${id}/logs${query}`).expect(409)).body).toMatchObject(deleted)
    }
    lab.engine.vanish(id)
    const { body } = await statsOf(admin, id).expect(409)
    expect(body.detail).toBe('It is stopping: there is nothing to measure.')
    resolve()
    await expect.poll(async () => (await statsOf(admin, id)).status).toBe(404)
    await logOf(admin, id).expect(404)
  })

  test('an environment that ends just before the call gives a conflict, not an error of the engine', async () => {
    const { lab, admin, id } = await opened()
    lab.engine.beforeCall = ({ name }) => {
      if (name === 'stats') lab.engine.exit(id, 0)
    }
    const { body } = await statsOf(admin, id).expect(409)
    expect(body.detail).toMatch(/^It (has just ended|is \w+): there is nothing to measure\.$/)
  })

  test('an environment that is deleted just before the call gives a conflict that says so', async () => {
    const { lab, admin, id } = await opened()
    lab.engine.beforeCall = async ({ name }) => {
      if (name !== 'logs') return
      lab.engine.beforeCall = ({ name }) => (name === 'remove' ? removing.promise : undefined)
      await admin.delete(`/api/environments/${id}`).expect(202)
      lab.engine.vanish(id)
    }
    const removing = Promise.withResolvers<void>()
    const { body } = await logOf(admin, id).expect(409)
    removing.resolve()
    expect(body.detail).toBe('It is being deleted: its log goes with it.')
  })
})
