import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { become, running } from '../support/become.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

const name = 'ai-lab/jupyterlab:latest'

/** Removes the container by hand, and waits until another one runs in its place. */
async function madeAnew(lab: Lab, admin: Client, id: string): Promise<void> {
  const before = await lab.engine.inspect(id)
  lab.engine.vanish(id)
  await expect
    .poll(async () => (await lab.engine.inspect(id))?.containerId ?? before?.containerId)
    .not.toBe(before?.containerId)
  await become(admin, id, 'running')
}

const imageOf = async (client: Client, id: string) => {
  const { body } = await client.get(`/api/environments/${id}`).expect(200)
  return { image: body.image, id: body.image_id, digest: body.image_digest }
}

const pulls = (lab: Lab) => lab.engine.calls.filter((call) => call.name === 'pull').map(({ id }) => id)

// Trouble (known): the name of an image moves to another image, and environments change silently
test('an environment keeps the image that it was made from, until somebody asks for the latest', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const first = await imageOf(admin, id)
  expect(first).toEqual({ image: name, id: 'sha256:ai-lab-jupyterlab-latest-0', digest: null })

  lab.engine.imageStore.move(name)
  await madeAnew(lab, admin, id)
  await admin.post(`/api/environments/${id}/recreate`).expect(202)
  await expect.poll(() => lab.engine.calls.filter((call) => call.name === 'create').length).toBe(3)
  await become(admin, id, 'running')
  expect(await imageOf(admin, id)).toEqual(first)
  expect((await lab.engine.inspect(id))?.imageId).toBe(first.id)

  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  await expect.poll(async () => (await imageOf(admin, id)).id).toBe('sha256:ai-lab-jupyterlab-latest-1')
  await become(admin, id, 'running')
  expect((await lab.engine.inspect(id))?.imageId).toBe('sha256:ai-lab-jupyterlab-latest-1')
  expect(pulls(lab)).toEqual([])
})

// Trouble (known): the latest image cannot be had, and the working container is gone already
test('without the latest image a recreate fails, and a start goes on with the container as it was', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const [container, image] = [await lab.engine.inspect(id), await imageOf(admin, id)]
  lab.engine.imageStore.move(name)
  lab.engine.images.delete(name)
  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  await become(admin, id, 'failed')
  const { body } = await admin.get(`/api/environments/${id}`)
  expect(body.failure_code).toBe('image-unavailable')
  expect(body.status_reason).toMatch(/could not be pulled: .* Its container stays as it was/)
  await expect.poll(() => imageOf(admin, id)).toEqual(image)
  expect(pulls(lab)).toEqual([name])

  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'running')
  expect(await lab.engine.inspect(id)).toEqual(container)
  expect(pulls(lab)).toEqual([name])
})

// Trouble (known): the engine has no room for the latest image, and nobody gets back to the container that runs
test('if the engine has no room for the latest image, a start goes on with the container as it was', async () => {
  await using lab = await openLab({ images: [name], registry: [name] })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const container = await lab.engine.inspect(id)
  lab.engine.imageStore.move(name)
  lab.engine.images.delete(name)
  lab.engine.duringPull = () => {
    throw new Problem('no-room', `The image ${name} could not be pulled: no space left on device.`)
  }
  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  await become(admin, id, 'failed')
  const { body } = await admin.get(`/api/environments/${id}`)
  expect(body.failure_code).toBe('image-unavailable')
  expect(body.status_reason).toMatch(/no space left on device\. Its container stays as it was/)
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'running')
  expect(await lab.engine.inspect(id)).toEqual(container)
})

// Trouble (known): somebody removes the name of an image by force, and with it the digest by which it could be pulled again
test('after a recreate without the latest image, the record has the digest that the engine no longer has', async () => {
  await using lab = await openLab({ images: [], registry: [name] })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const image = await imageOf(admin, id)
  expect(image.digest).toContain('@sha256:')
  lab.engine.imageStore.untag(name)
  lab.engine.registry.clear()
  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  await become(admin, id, 'failed')
  await admin.post(`/api/environments/${id}/start`).expect(202)
  await become(admin, id, 'running')
  await expect.poll(() => imageOf(admin, id)).toEqual(image)
})

test('the old container runs until the latest image is there', async () => {
  await using lab = await openLab({ images: [name], registry: [name] })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const container = await lab.engine.inspect(id)
  lab.engine.imageStore.move(name)
  lab.engine.images.delete(name)
  const pull = Promise.withResolvers<void>()
  lab.engine.duringPull = () => pull.promise
  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  await become(admin, id, 'pulling')
  expect(await lab.engine.inspect(id)).toEqual(container)
  pull.resolve()
  await become(admin, id, 'running')
  expect((await lab.engine.inspect(id))?.imageId).toBe('sha256:ai-lab-jupyterlab-latest-1')
})

// Trouble (known): somebody calls off a recreate by a stop, and the container is gone without an image for another one
test('a stop during the pull of a recreate keeps the container, and so does a recreate of a stopped environment', async () => {
  await using lab = await openLab({ images: [name], registry: [name] })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const act = (action: string, body?: object) => admin.post(`/api/environments/${id}/${action}`, body).expect(202)
  const containerId = async () => (await lab.engine.inspect(id))?.containerId
  const before = await containerId()
  lab.engine.imageStore.move(name)
  lab.engine.images.delete(name)
  lab.engine.duringPull = () => new Promise(() => {})
  await act('recreate', { image: 'latest' })
  await become(admin, id, 'pulling')
  await act('stop')
  await become(admin, id, 'exited')
  expect(await containerId()).toBe(before)
  await act('recreate', { image: 'latest' })
  await become(admin, id, 'exited')
  expect(await containerId()).toBe(before)

  lab.engine.duringPull = () => {
    throw new Problem('image-unavailable', `The image ${name} could not be pulled: the registry is away.`)
  }
  await act('start')
  await become(admin, id, 'failed')
  await act('start')
  await become(admin, id, 'running')
  expect(await containerId()).toBe(before)
})

test('a new environment gets the image that the name stands for today', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await running(admin)
  lab.engine.imageStore.move(name)
  expect((await imageOf(admin, await running(admin))).id).toBe('sha256:ai-lab-jupyterlab-latest-1')
})

test('recreate refuses any image but "latest"', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  for (const body of [{ image: 'debian:12' }, { image: null }, { imgae: 'latest' }]) {
    await admin.post(`/api/environments/${id}/recreate`, body).expect(400)
  }
})

// Trouble (known): after the engine was wiped, another image comes under the same name
test('after the engine was wiped, the service pulls the same image again by its digest', async () => {
  await using lab = await openLab({ images: [], registry: [name] })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  const first = await imageOf(admin, id)
  expect(first.digest).toBe('ai-lab/jupyterlab@sha256:ai-lab-jupyterlab-latest-0')
  lab.engine.imageStore.move(name)
  lab.engine.imageStore.wipe()
  await madeAnew(lab, admin, id)
  expect(await imageOf(admin, id)).toEqual(first)
  expect(pulls(lab)).toEqual([name, first.digest])
})

// Trouble (known): a locally made image is sought in a registry, where another image may have its name
test('an environment whose locally made image is gone fails with a cure, and no registry is asked', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.imageStore.wipe()
  lab.engine.registry.add(name)
  lab.engine.vanish(id)
  await become(admin, id, 'failed')
  const { status_reason: reason } = (await admin.get(`/api/environments/${id}`)).body
  expect(reason).toContain(
    `The image that it was made from (${name}, ai-lab-jupyt) was made on this machine and is gone from the engine. Put the image back`,
  )
  expect(reason).toContain('{"image": "latest"}')
  expect(pulls(lab)).toEqual([])

  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  await become(admin, id, 'running')
  expect(pulls(lab)).toEqual([name])
})

test('an environment whose image no registry has any more fails with a cure', async () => {
  await using lab = await openLab({ images: [], registry: [name] })
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.imageStore.wipe()
  lab.engine.registry.clear()
  lab.engine.vanish(id)
  await become(admin, id, 'failed')
  expect((await admin.get(`/api/environments/${id}`)).body.status_reason).toMatch(
    /is gone from the engine\. The image \S+@sha256:\S+ could not be pulled: .*recreate the environment with/,
  )
})

test('an old record without an image gets the image of its container before a new container is made', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  await lab.restart(async () => {
    const sqlite = new SQLite(`${lab.dataDir}/admin/ai-lab.db`)
    sqlite.exec('update environments set made_from = null')
    sqlite.close()
    lab.engine.imageStore.move(name)
  })
  await expect.poll(async () => (await imageOf(admin2(), id)).id).toBe('sha256:ai-lab-jupyterlab-latest-0')
  await madeAnew(lab, admin2(), id)
  expect((await lab.engine.inspect(id))?.imageId).toBe('sha256:ai-lab-jupyterlab-latest-0')

  function admin2(): Client {
    return lab.as(lab.adminToken)
  }
})

test('adoption restores the image of a lost record from the label of the container', async () => {
  await using lab = await openLab()
  const id = await running(lab.as(lab.adminToken))
  await lab.restart(async () => {
    const sqlite = new SQLite(`${lab.dataDir}/admin/ai-lab.db`)
    sqlite.exec('delete from environments')
    sqlite.close()
    lab.engine.imageStore.move(name)
  })
  const admin = lab.as(lab.adminToken)
  await admin.post(`/api/data/orphans/${id}/adopt`).expect((answer) => expect(answer.status).toBeLessThan(300))
  expect((await imageOf(admin, id)).id).toBe('sha256:ai-lab-jupyterlab-latest-0')
})

// Trouble (worst): somebody asks for the latest image at the instant at which the container is made
test('a recreate with the latest image wins over a container that is being made', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const id = await running(admin)
  lab.engine.imageStore.move(name)
  const { promise: asked, resolve: go } = Promise.withResolvers<void>()
  const { promise: creating, resolve: begun } = Promise.withResolvers<void>()
  lab.engine.beforeCall = (call) => {
    if (call.name !== 'create') return
    begun()
    return asked
  }
  lab.engine.vanish(id)
  await creating
  await admin.post(`/api/environments/${id}/recreate`, { image: 'latest' }).expect(202)
  lab.engine.beforeCall = () => {}
  go()
  await expect.poll(async () => (await lab.engine.inspect(id))?.imageId).toBe('sha256:ai-lab-jupyterlab-latest-1')
  await become(admin, id, 'running')
  expect((await imageOf(admin, id)).id).toBe('sha256:ai-lab-jupyterlab-latest-1')
})
