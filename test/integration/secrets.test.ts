/** Each container has a secret of its own, and the record has the secret of the present container. */
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }
const wait = { prefer: 'wait=30' }

// Trouble (authority): a secret that leaked from one container opens the next container too
test('a new container after recreate or docker rm has a new secret, which the gateway knows, and never in its label', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body: made } = await admin.post('/api/environments', body).set(wait)
  const secrets = new Set([null, await lab.recordedSecret(made.id)])
  const path = `/api/environments/${made.id}`
  const containerId = async () => (await lab.engine.inspect(made.id))?.containerId
  const secretOf = () => lab.recordedSecret(made.id)
  const means = [() => admin.post(`${path}/recreate`).expect(202), async () => lab.engine.vanish(made.id)]

  for (const [at, removeIt] of means.entries()) {
    const before = await containerId()
    await removeIt()
    await expect.poll(containerId).not.toBe(before)
    await expect.poll(async () => secrets.has(await secretOf())).toBe(false)
    const token = await secretOf()
    expect(lab.engine.specOf(made.id)?.env.JUPYTER_TOKEN).toBe(token)
    expect(lab.engine.specOf(made.id)?.labels['ai-lab.record']).not.toContain(token)
    expect(secrets.add(token).size).toBe(at + 3)
  }

  const last = await secretOf()
  await admin.post(`${path}/stop`).expect(202)
  await expect.poll(async () => (await admin.get(path)).body.status).toBe('exited')
  await admin.post(`${path}/start`).expect(202)
  await expect.poll(secretOf).toBe(last) // the same container
})

// Trouble (worst): the service is killed between making a container and learning that it was made
test("the service starts a container whose creation it did not see, and opens it with the container's own secret", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body: made } = await admin.post('/api/environments', body).set(wait)
  const spec = lab.engine.specOf(made.id)
  if (!spec) throw new Error('no container was made')

  await lab.restart(async () => {
    await lab.engine.remove(made.id)
    await lab.engine.create({ ...spec, env: { ...spec.env, JUPYTER_TOKEN: 'of-the-lost-answer' } })
  })
  await expect.poll(() => lab.recordedSecret(made.id)).toBe('of-the-lost-answer')
})

// Trouble (mounts): records are restored from a backup, and have the secret of an earlier container
test('the gateway uses the secret of the running container, whatever a restored record says', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body: made } = await admin.post('/api/environments', body).set(wait)
  await lab.restart(() =>
    lab.withRecords(async (store) => void (await store.change(made.id, { token: 'of-an-earlier-one' }))),
  )
  const own = lab.engine.specOf(made.id)?.env.JUPYTER_TOKEN
  await expect.poll(() => lab.recordedSecret(made.id)).toBe(own)
})

// Trouble (known): a container with an empty JUPYTER_TOKEN was adopted with an empty secret, and could not be rebuilt
test('a container with an empty secret gets a secret at adoption, another at recreate, and can be adopted again', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body: made } = await admin.post('/api/environments', body).set(wait)
  const spec = lab.engine.specOf(made.id)
  if (!spec) throw new Error('no container was made')
  const name = 'jupyter-demo'
  await lab.engine.create({ ...spec, name, labels: {}, mounts: [], env: { JUPYTER_TOKEN: '' } })
  await lab.withRecords((store) => store.recordLegacyOwners(new Map([[name, made.user_id]])))

  await admin.post(`/api/data/orphans/${name}/adopt`, body).expect(201)
  await lab.withRecords(async (store) => expect((await store.get(name))?.token).toHaveLength(43))
  await admin.post(`/api/environments/${name}/start`).expect(202)
  await admin.post(`/api/environments/${name}/recreate`).expect(202)
  await expect.poll(async () => lab.engine.specOf(name)?.env.JUPYTER_TOKEN).toHaveLength(43)
  await expect.poll(() => lab.recordedSecret(name)).toBe(lab.engine.specOf(name)?.env.JUPYTER_TOKEN)

  await lab.withRecords((store) => store.forget(name))
  await expect.poll(async () => (await admin.get(`/api/environments/${name}`)).status).toBe(404)
  await admin.post(`/api/data/orphans/${name}/adopt`).expect(201) // without the template being told again
  await expect.poll(() => lab.recordedSecret(name)).toBe(lab.engine.specOf(name)?.env.JUPYTER_TOKEN)
})
