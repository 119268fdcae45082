/** Somebody deletes the image of an environment, as `docker system prune --all` does. */
import { expect, test } from 'vitest'
import { startRegistry } from '../support/registry.ts'
import { docker } from './support/docker.ts'
import { untilStatus } from './support/notebook.ts'
import { freePort, type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf } from './support/tiny.ts'

const keep = (id: string) => docker('exec', id, 'sh', '-c', 'echo kept > /home/jovyan/data/kept.txt')
const kept = (id: string) => docker('exec', id, 'cat', '/home/jovyan/data/kept.txt')
const containerId = (id: string) => docker('inspect', '--format', '{{.Id}}', id)
const isThere = (image: string) =>
  docker('image', 'inspect', image).then(
    () => true,
    () => false,
  )

async function createOn(service: RunningService): Promise<string> {
  const { id, status } = await createTiny(service)
  expect(status).toBe('running')
  await keep(id)
  return id
}

// Trouble (desired): a deleted image
test('a deleted image is pulled again, and the environment comes back on the same files', async () => {
  await using registry = await startRegistry()
  const image = `127.0.0.1:${registry.port}/${await registry.push(1, 1024)}`
  await using tiny = await createTinyFolder('deleted-image', image)
  await using service = await startService({ env: tiny.catalog })
  const id = await createOn(service)

  for (const isAway of [false, true]) {
    const before = await containerId(id)
    if (isAway) await service.end('SIGKILL')
    await docker('rmi', '--force', image)
    await docker('rm', '--force', id)
    if (isAway) await service.startAgain()
    await expect.poll(() => containerId(id).catch(() => before)).not.toBe(before)
    await untilStatus(service, id, 'running')
    expect([await isThere(image), await kept(id)]).toEqual([true, 'kept'])
  }
})

// Trouble (desired): a deleted image that cannot be had
test('a deleted image that cannot be had is named; the container that is there is used, and start works once it is back', async () => {
  const image = `127.0.0.1:${await freePort()}/ai-lab-test-deleted:1`
  const bringBack = () => docker('tag', 'debian:trixie-slim', image)
  await bringBack()
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => void (await docker('rmi', '--force', image)))
  const tiny = stack.use(await createTinyFolder('deleted-image', image))
  const service = stack.use(await startService({ env: tiny.catalog }))
  const id = await createOn(service)

  await service.call('POST', `/api/environments/${id}/stop`)
  await untilStatus(service, id, 'exited')
  await docker('rmi', '--force', image)
  await service.call('POST', `/api/environments/${id}/start`)
  await untilStatus(service, id, 'running')

  await docker('rm', '--force', id)
  const { status_reason: reason } = await untilStatus(service, id, 'failed')
  expect(reason).toMatch(new RegExp(`^The image ${image} could not be pulled: .+`))
  expect((await createTiny(service)).status_reason).toBe(reason)

  await bringBack()
  await service.call('POST', `/api/environments/${id}/start`)
  await untilStatus(service, id, 'running')
  expect([await kept(id), (await environmentOf(service, id)).status_reason]).toEqual(['kept', null])
})
