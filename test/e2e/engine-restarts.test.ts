/** An engine that stands still or restarts: the service waits, and then the same containers go on. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, test } from 'vitest'
import { serverUrl } from '../support/server-url.ts'
import { untilStatus } from './support/notebook.ts'
import { type OwnEngine, startOwnEngine } from './support/own-engine.ts'
import { startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf, type TinyFolder } from './support/tiny.ts'

let tiny: TinyFolder
let folder: string
let catalog: TinyFolder['catalog']
beforeAll(async () => {
  tiny = await createTinyFolder('engines')
  folder = tiny.folder
  catalog = tiny.catalog
})
afterAll(() => tiny[Symbol.asyncDispose]())

const addressOf = async (...of: Parameters<typeof serverUrl>) => new URL(await serverUrl(...of)).origin

/** An engine for one test alone. */
async function engineIn(name: string): Promise<OwnEngine> {
  const place = join(folder, name)
  await mkdir(place)
  return startOwnEngine(place, 'debian:trixie-slim')
}

// These two at once: each mostly waits for an engine of its own.

// Trouble (desired): the engine stands still for 30 s
test.concurrent('while the engine stands still for 30 s, environments are unknown, never exited; afterwards the same containers go on', async ({
  expect,
}) => {
  await using engine = await engineIn('frozen')
  const env = { ...catalog, DOCKER_HOST: engine.socket, PROOF_INTERVAL: '1s' }
  await using service = await startService({ env, through: engine.inItsNetwork })
  const { id, status } = await createTiny(service)
  expect(status).toBe('running')
  const before = await engine.docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id)
  const seen = new Set<string>()
  engine.pause()
  for (const until = Date.now() + 30_000; Date.now() < until; await sleep(50))
    seen.add((await environmentOf(service, id)).status)
  engine.goOn()
  expect(seen.has('unknown')).toBe(true)
  expect([...seen].filter((each) => each !== 'running' && each !== 'unknown')).toEqual([])
  await untilStatus(service, id, 'running')
  expect(await engine.docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id)).toBe(before)
  await service.end()
})

// Trouble (desired): the engine restarts, with or without its containers
// Trouble (desired): the engine shuts down, and one container takes long to end
test.concurrent('after the engine restarts, with or without its containers, the same containers run', async ({
  expect,
}) => {
  await using engine = await engineIn('restarted')
  const env = { ...catalog, DOCKER_HOST: engine.socket }
  await using service = await startService({ env, through: engine.inItsNetwork })
  const [{ id }, stopped] = [await createTiny(service), await createTiny(service)]
  // The engine answers until this container has ended: containers that ended before it must not look stopped by hand.
  const lingering = await createTiny(service, { template: 'lingering' })
  await service.call('POST', `/api/environments/${stopped.id}/stop`)
  await untilStatus(service, stopped.id, 'exited')
  const inspect = (format: string) => engine.docker('inspect', '--format', format, id)
  const container = await inspect('{{.Id}}')
  const before = await inspect('{{.State.StartedAt}}')
  const address = await addressOf(id, engine.docker)

  await engine.end()
  await untilStatus(service, id, 'unknown')
  await engine.start(['--live-restore'])
  await untilStatus(service, lingering.id, 'running')
  await untilStatus(service, id, 'running')
  expect(await addressOf(id, engine.docker)).toBe(address)
  expect(await inspect('{{.Id}}')).toBe(container)
  const after = await inspect('{{.State.StartedAt}}')
  expect(after).not.toBe(before)

  await engine.end()
  await untilStatus(service, id, 'unknown')
  await engine.start(['--live-restore'])
  await untilStatus(service, id, 'running')
  expect(await addressOf(id, engine.docker)).toBe(address)
  expect(await inspect('{{.Id}} {{.State.StartedAt}}')).toBe(`${container} ${after}`)
  expect((await environmentOf(service, stopped.id)).status).toBe('exited')
  await service.end()
})
