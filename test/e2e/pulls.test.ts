import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { type EventStream, openEvents } from '../support/event-stream.ts'
import { type Registry, startRegistry } from '../support/registry.ts'
import { startSlowProxy } from '../support/slow-proxy.ts'
import { type RunningService, startService } from './support/service.ts'

const mebibyte = 2 ** 20
const aMinute = { timeout: 60_000 }

let registry: Registry
let catalogues: string
beforeAll(async () => {
  catalogues = await mkdtemp(join(tmpdir(), 'ai-lab-catalogues-'))
  registry = await startRegistry()
})
afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await rm(catalogues, { recursive: true })
})

/** A service whose catalogue has a template for each of these images. */
async function serviceWith(images: Record<string, string>): Promise<RunningService> {
  const lab = {
    description: 'A test',
    type: 'jupyter',
    port: 8888,
    open_path: '/',
    ready_path: '{base_path}api/status',
  }
  const templates = Object.entries(images).map(([name, image]) => [
    name,
    { ...lab, image, memory: '512MiB', cpu_cores: 0.5 },
  ])
  const tiers = { default: { memory: '1GiB', cpu_cores: 2, gpus: 0, max_environments: 10 } }
  const file = join(await mkdtemp(join(catalogues, 'of-')), 'catalog.yaml')
  await writeFile(file, JSON.stringify({ tiers, templates: Object.fromEntries(templates) }))
  return startService({ env: { CATALOG_FILE: file } })
}

async function create(service: RunningService, template: string): Promise<string> {
  const { status, body } = await service.call('POST', '/api/environments', { body: { template } })
  if (status !== 202) throw new Error(JSON.stringify(body))
  return body.id
}

function follow(service: RunningService, id: string): Promise<EventStream> {
  return openEvents(`${service.url}/api/environments/${id}/events`, { token: service.adminToken })
}

// All three at once: they mostly wait, for slow layers and for the engine, which tries a layer again after 5, 10, 15, 20 and 25 s.

// Trouble (progress): a slow registry
test.concurrent('three environments that wait for the same image share one pull, and each follows its layers, percentage and rate', async ({
  expect,
}) => {
  await using proxy = await startSlowProxy(registry.port, 2 * mebibyte)
  registry.pulledFrom(proxy.port)
  const image = `127.0.0.1:${proxy.port}/${await registry.push(3, 2 * mebibyte)}`
  await using service = await serviceWith({ slow: image })
  const [one, two] = [await create(service, 'slow'), await create(service, 'slow')]
  using first = await follow(service, one)
  using second = await follow(service, two)
  await expect.poll(() => first.of('pulling').at(-1)?.percent, aMinute).toBeGreaterThan(20)
  using third = await follow(service, await create(service, 'slow'))
  // A follower that joins late learns at once how far the pull is.
  await expect.poll(() => third.of('pulling')[0]?.percent, aMinute).toBeGreaterThan(20)
  await Promise.all([first.ended, second.ended, third.ended])

  for (const stream of [first, second, third]) {
    expect(stream.of('ended')).toEqual([{ status: 'running' }])
    const whole = stream.of('pulling').at(-1)
    expect(whole).toMatchObject({ image, percent: 100 })
    expect(whole.total_bytes).toBeGreaterThan(6 * mebibyte)
    expect(whole.current_bytes).toBe(whole.total_bytes)
    const done = whole.layers.filter(({ phase }: { phase: string }) => phase === 'done')
    expect(done.length).toBeGreaterThanOrEqual(3)
    // The base of the image is on this engine already.
    expect(whole.layers.length).toBeGreaterThan(done.length)
  }
  const rates = first.of('pulling').flatMap(({ bytes_per_second: rate }) => rate ?? [])
  expect(Math.max(...rates)).toBeGreaterThan(0.5 * mebibyte)
  expect(Math.max(...rates)).toBeLessThan(4 * mebibyte)
  expect(first.of('ready')[0].phases.pulling_ms).toBeGreaterThan(2_000)
  expect(proxy.asked.filter((line) => line.endsWith('/manifests/1'))).toHaveLength(1)
})

// Trouble (progress): a slow registry
test.concurrent('a slow pull blocks neither another pull nor a start, and ends when the last environment that waits for it is deleted', async ({
  expect,
}) => {
  await using proxy = await startSlowProxy(registry.port, 100 * 1024)
  registry.pulledFrom(proxy.port)
  const [slow, quick] = [await registry.push(1, 8 * mebibyte), await registry.push(1, mebibyte)]
  const images = { slow: `127.0.0.1:${proxy.port}/${slow}`, quick: `127.0.0.1:${registry.port}/${quick}` }
  await using service = await serviceWith({ ...images, ready: 'ai-lab/jupyterlab:latest' })
  const [one, two] = [await create(service, 'slow'), await create(service, 'slow')]
  using first = await follow(service, one)
  using second = await follow(service, two)
  await expect.poll(() => first.of('pulling').at(-1)?.current_bytes, aMinute).toBeGreaterThan(0)

  const [other, none] = [await create(service, 'quick'), await create(service, 'ready')]
  for (const id of [other, none]) {
    using stream = await follow(service, id)
    await stream.ended
    expect(stream.of('ended')).toEqual([{ status: 'running' }])
  }
  expect((await service.call('GET', `/api/environments/${one}`)).body.status).toBe('pulling')

  await service.call('DELETE', `/api/environments/${one}`)
  await first.ended
  expect(first.of('ended')).toEqual([{ status: 'gone' }])
  const before = second.of('pulling').at(-1).current_bytes
  await expect.poll(() => second.of('pulling').at(-1).current_bytes, aMinute).toBeGreaterThan(before)
  expect(proxy.open).toBeGreaterThan(0)

  await service.call('DELETE', `/api/environments/${two}`)
  await second.ended
  await expect.poll(() => proxy.open, { timeout: 5_000 }).toBe(0)
  expect(service.output()).not.toContain('"level":50')
})

// Trouble (progress): a registry goes down in mid-pull
test.concurrent('when a registry goes down in mid-pull, the environment shows retries, then fails; a later start pulls again', async ({
  expect,
}) => {
  await using proxy = await startSlowProxy(registry.port, 500 * 1024)
  registry.pulledFrom(proxy.port)
  const image = `127.0.0.1:${proxy.port}/${await registry.push(1, 4 * mebibyte)}`
  await using service = await serviceWith({ slow: image })
  const id = await create(service, 'slow')
  using stream = await follow(service, id)
  await expect.poll(() => stream.of('pulling').at(-1)?.percent, aMinute).toBeGreaterThan(10)
  proxy.goDown()
  const phases = () => JSON.stringify(stream.of('pulling').at(-1).layers)
  await expect.poll(phases, aMinute).toContain('"phase":"retrying"')
  await stream.ended
  const { code, reason } = stream.of('failed')[0]
  expect(code).toBe('image-unavailable')
  expect(reason).toMatch(new RegExp(`^The image ${image} could not be pulled: .+`))
  expect(stream.of('ended')).toEqual([{ status: 'failed' }])

  proxy.comeBack()
  proxy.bytesPerSecond = 8 * mebibyte
  await service.call('POST', `/api/environments/${id}/start`)
  using again = await follow(service, id)
  await again.ended
  expect(again.of('failed')).toEqual([])
  expect(again.of('ended')).toEqual([{ status: 'running' }])
})
