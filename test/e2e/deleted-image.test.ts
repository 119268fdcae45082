/** Somebody deletes the image of an environment, as `docker system prune --all` does. */
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startRegistry } from '../support/registry.ts'
import { docker } from './support/docker.ts'
import { untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf } from './support/tiny.ts'

const keep = (id: string) => docker('exec', id, 'sh', '-c', 'echo kept > /home/jovyan/data/kept.txt')
const kept = (id: string) => docker('exec', id, 'cat', '/home/jovyan/data/kept.txt')
const imageOfContainer = (id: string) => docker('inspect', '--format', '{{.Image}}', id)
const idOf = (image: string) => docker('image', 'inspect', '--format', '{{.Id}}', image)

async function untilGone(id: string): Promise<void> {
  await expect.poll(() => imageOfContainer(id).catch(() => 'gone')).toBe('gone')
}

async function createOn(service: RunningService): Promise<string> {
  const { id, status } = await createTiny(service)
  expect(status).toBe('running')
  await keep(id)
  return id
}

// Trouble (known): a deleted image is pulled again by its name, which may mean another image by now
test('the service pulls a deleted image again by its digest, and the environment returns on the same files', async () => {
  await using registry = await startRegistry()
  const image = `127.0.0.1:${registry.port}/${await registry.push(1, 1024)}`
  await using tiny = await createTinyFolder('deleted-image', image)
  await using service = await startService({ env: tiny.catalog })
  const id = await createOn(service)
  const { image_id: imageId, image_digest: digest } = await environmentOf(service, id)
  expect([imageId, digest]).toEqual([
    await idOf(image),
    expect.stringMatching(/^127\.0\.0\.1:\d+\/.+@sha256:[0-9a-f]{64}$/),
  ])

  for (const isAway of [false, true]) {
    await service.call('POST', `/api/environments/${id}/stop`)
    await untilStatus(service, id, 'exited')
    if (isAway) await service.end('SIGKILL')
    await docker('rm', '--force', id)
    await docker('rmi', '--force', imageId)
    if (isAway) await service.startAgain()
    await service.call('POST', `/api/environments/${id}/start`)
    await untilStatus(service, id, 'running')
    expect([await imageOfContainer(id), await kept(id)]).toEqual([imageId, 'kept'])
    expect(await environmentOf(service, id)).toMatchObject({ image, image_id: imageId, image_digest: digest })
  }
  await service.call('DELETE', `/api/environments/${id}`)
  await untilGone(id)
  await docker('rmi', '--force', imageId)
})

// Trouble (known): a locally made image is sought in a registry, or silently replaced by a newer one of the same name
test('an environment keeps its locally made image; once that is deleted, it fails with the cure, and recreate takes the latest', async () => {
  const image = `127.0.0.1:${await freePort()}/ai-lab-test-made-here:1`
  const make = async () => {
    const container = await docker('create', '--label', `made=${Date.now()}`, 'debian:trixie-slim', 'true')
    await docker('commit', container, image)
    await docker('rm', container)
    return idOf(image)
  }
  const first = await make()
  await using stack = new AsyncDisposableStack()
  const made = new Set([first])
  stack.defer(async () => {
    for (const each of made) await docker('rmi', '--force', each).catch(() => {})
  })
  const tiny = stack.use(await createTinyFolder('deleted-image', image))
  const service = stack.use(await startService({ env: tiny.catalog }))
  const id = await createOn(service)
  expect(await environmentOf(service, id)).toMatchObject({ image, image_id: first, image_digest: null })

  await make()
  await docker('rmi', image)
  const container = await docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id)
  await service.call('POST', `/api/environments/${id}/recreate`, { body: { image: 'latest' } })
  expect((await untilStatus(service, id, 'failed')).status_reason).toContain('Its container stays as it was')
  await service.call('POST', `/api/environments/${id}/start`)
  await untilStatus(service, id, 'running')
  expect(await docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id)).toBe(container)
  expect(await environmentOf(service, id)).toMatchObject({ image_id: first, image_digest: null })

  const second = await make()
  made.add(second)
  await docker('rm', '--force', id)
  await expect.poll(() => imageOfContainer(id).catch(() => null)).toBe(first)
  await untilStatus(service, id, 'running')

  await service.call('POST', `/api/environments/${id}/stop`)
  await untilStatus(service, id, 'exited')
  await docker('rm', '--force', id)
  await docker('rmi', '--force', first)
  await service.call('POST', `/api/environments/${id}/start`)
  const { status_reason: reason } = await untilStatus(service, id, 'failed')
  expect(reason).toContain('was made on this machine and is gone from the engine')
  expect(reason).toContain('recreate the environment with {"image": "latest"}')

  await service.call('POST', `/api/environments/${id}/recreate`, { body: { image: 'latest' } })
  await untilStatus(service, id, 'running')
  expect([await imageOfContainer(id), await kept(id)]).toEqual([second, 'kept'])
  expect(await environmentOf(service, id)).toMatchObject({ image_id: second, status_reason: null })
})
