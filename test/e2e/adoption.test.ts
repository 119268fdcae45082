/** The service restores the desired state after anything that somebody does to the engine: same files, id and URL. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverUrl } from '../support/server-url.ts'
import { containersWith, docker, probesOf, witnessesOf } from './support/docker.ts'
import { untilStatus } from './support/notebook.ts'
import { project, startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf, type TinyFolder } from './support/tiny.ts'

const execute = promisify(execFile)
let tiny: TinyFolder
let catalog: TinyFolder['catalog']
beforeAll(async () => {
  tiny = await createTinyFolder('adoption')
  catalog = tiny.catalog
})
afterAll(() => tiny[Symbol.asyncDispose]())

const addressOf = async (...of: Parameters<typeof serverUrl>) => new URL(await serverUrl(...of)).origin
const containerId = (id: string) => docker('inspect', '--format', '{{.Id}}', id)

// Trouble (desired): somebody runs `docker stop`, `docker kill`, `docker rm -f` or a prune by hand
test('the service respects docker stop by hand, even one it did not see, and recovers from docker kill, docker rm and a prune', async () => {
  await using service = await startService({ env: catalog })
  const { id } = await createTiny(service)
  const url = await addressOf(id)
  const isBack = async () => {
    await untilStatus(service, id, 'running')
    expect(await addressOf(id)).toBe(url)
  }

  for (const isAway of [false, true]) {
    if (isAway) await service.end('SIGKILL')
    await docker('stop', id)
    if (isAway) await service.startAgain()
    await untilStatus(service, id, 'exited')
    expect((await environmentOf(service, id)).desired_state).toBe('stopped')
    await service.call('POST', `/api/environments/${id}/start`)
    await isBack()
  }

  // The same holds for an environment that is not ready yet.
  const { body: late } = await service.call('POST', '/api/environments', { body: { template: 'late' } })
  const isRunning = () => docker('inspect', '--format', '{{.State.Running}}', late.id)
  await expect.poll(isRunning, { timeout: 10_000 }).toBe('true')
  await docker('stop', '-t', '0', late.id)
  expect(await untilStatus(service, late.id, 'exited')).toMatchObject({ desired_state: 'stopped' })

  const first = await containerId(id)
  await docker('kill', id)
  await expect.poll(async () => (await environmentOf(service, id)).status).not.toBe('running')
  await isBack()
  expect(await containerId(id)).toBe(first)

  await docker('rm', '--force', id)
  await expect.poll(() => containerId(id).catch(() => first)).not.toBe(first)
  await isBack()

  await service.call('POST', `/api/environments/${id}/stop`)
  await untilStatus(service, id, 'exited')
  await docker('container', 'prune', '--force', '--filter', `label=ai-lab.root=${service.rootId}`)
  expect(await containersWith(`ai-lab.environment=${id}`)).toEqual([])
  await service.call('POST', `/api/environments/${id}/start`)
  await isBack()
})

// Trouble (desired): another program takes the port of a stopped environment
test('a start names the port that another program took; recreate gives the environment a new port, which it keeps', async () => {
  await using service = await startService({ env: catalog })
  const { id } = await createTiny(service)
  const url = await addressOf(id)
  const made = await containerId(id)
  const ask = (action: string) => service.call('POST', `/api/environments/${id}/${action}`)
  await ask('stop')
  await untilStatus(service, id, 'exited')

  const { hostname, port } = new URL(url)
  const other = createServer().listen(Number(port), hostname)
  await once(other, 'listening')
  await ask('start')
  expect(await untilStatus(service, id, 'failed')).toMatchObject({
    status_reason: expect.stringContaining(`its port ${port} is taken by something else on the machine`),
  })
  expect(await containerId(id)).toBe(made)
  await ask('recreate')
  await untilStatus(service, id, 'running')
  const elsewhere = await addressOf(id)
  expect(new URL(elsewhere).port).not.toBe(port)

  other.close()
  await once(other, 'close')
  await ask('stop')
  await untilStatus(service, id, 'exited')
  await ask('start')
  await untilStatus(service, id, 'running')
  expect(await addressOf(id)).toBe(elsewhere)
})

// Trouble (desired): somebody freezes the containers for a backup, or kills them for a restore
test('containers that were frozen for a backup or killed for a restore while the service was away run again', async () => {
  await using service = await startService({ env: catalog })
  const [{ id }, paused] = [await createTiny(service), await createTiny(service)]
  await service.call('POST', `/api/environments/${paused.id}/pause`)
  await untilStatus(service, paused.id, 'paused')
  const run = () => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id)
  const before = await run()

  await service.end()
  await docker('pause', id)
  await service.startAgain()
  await untilStatus(service, id, 'running')
  expect(await run()).toBe(before)
  await untilStatus(service, paused.id, 'paused')

  await service.end()
  await docker('kill', id)
  await service.startAgain()
  await untilStatus(service, id, 'running')
  expect(await containerId(id)).toBe(before.split(' ')[0])
})

// Trouble (desired): a wiped engine
test('after the engine was wiped, the service makes every environment again from its record', async () => {
  await using service = await startService({ env: catalog })
  const ids = [(await createTiny(service)).id, (await createTiny(service)).id]
  const addresses = await Promise.all(ids.map((id) => addressOf(id)))
  await service.end()
  await docker('rm', '--force', ...ids, ...(await probesOf(service.rootId)))
  const witnesses = await witnessesOf(service.rootId)
  if (witnesses.length > 0) await docker('volume', 'rm', ...witnesses)
  await service.startAgain()
  for (const id of ids) await untilStatus(service, id, 'running')
  expect(await Promise.all(ids.map((id) => addressOf(id)))).toEqual(addresses)
  expect((await service.call('POST', '/api/data/consistency')).body.status).toBe('proven')
})

// Trouble (desired): the database is lost, but not the engine
test('ailab rebuild restores a lost database from the labels of the containers, and starts or stops nothing', async () => {
  await using service = await startService({ env: catalog })
  await service.call('POST', '/api/users', { body: { id: 'demo@ailab.com' } })
  const running = await createTiny(service, { name: 'churn model', user_id: 'demo@ailab.com' })
  const stopped = await createTiny(service)
  await service.call('POST', `/api/environments/${stopped.id}/stop`)
  await untilStatus(service, stopped.id, 'exited')
  const [before, address] = [await containerId(running.id), await addressOf(running.id)]
  await service.end()
  await rm(join(service.dataDir, 'admin'), { recursive: true })
  await service.startAgain()
  expect((await service.call('GET', '/api/health')).body.checks.data_root.codes).toEqual(['database-missing'])

  const env = { ...process.env, ...catalog, DATA_DIR: service.dataDir, NODE_OPTIONS: '' }
  const { stdout } = await execute(join(project, 'bin/ailab'), ['rebuild'], { env })
  expect(stdout).toContain(`${running.id} of demo@ailab.com`)
  await expect
    .poll(async () => (await service.call('GET', '/api/health')).body.status, { timeout: 20_000 })
    .toBe('healthy')
  await service.learn()
  expect(await untilStatus(service, running.id, 'running')).toMatchObject({
    name: 'churn model',
    user_id: 'demo@ailab.com',
  })
  expect([await containerId(running.id), await addressOf(running.id)]).toEqual([before, address])
  await untilStatus(service, stopped.id, 'exited')
  const again = await execute(join(project, 'bin/ailab'), ['rebuild'], { env }).catch((error) => error)
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('there is nothing to rebuild')])
})

// Trouble (desired): memory runs out; a wrong entrypoint or port
test('the status reason names memory that ran out, a missing program, and a port on which nothing answers', async () => {
  await using service = await startService({ env: catalog })
  const environment = await createTiny(service)
  const reasons: unknown[] = [] // each stands for a second only
  const status = async () => {
    const { status, status_reason } = await environmentOf(service, environment.id)
    reasons.push(status_reason)
    return status
  }
  for (let time = 0; time < 2; time += 1) {
    await untilStatus(service, environment.id, 'running')
    await fetch(`${await addressOf(environment.id)}/eat`).catch(() => {})
    await expect.poll(status).not.toBe('running')
  }
  await expect.poll(status).toBe('running')
  expect(reasons).toContain('It ran out of memory. It is started again after 1 s.')

  const broken = await createTiny(service, { template: 'broken' })
  expect(broken).toMatchObject({ status: 'failed', status_reason: expect.stringContaining('/no/such/program') })
  expect(await createTiny(service, { template: 'deaf' })).toMatchObject({
    status: 'failed',
    status_reason: expect.stringContaining('nothing answered on its port 8888'),
  })
})

// Trouble (desired): 20 creations at once, and 20 deletions meanwhile
test('twenty environments created at once all run, and twenty that are deleted meanwhile leave nothing behind', async () => {
  await using service = await startService({ env: catalog })
  const createAll = () => Promise.all(Array.from({ length: 20 }, () => createTiny(service)))
  const first = await createAll()
  expect(first.map(({ status }) => status)).toEqual(Array(20).fill('running'))
  const second = createAll()
  await Promise.all(first.map(({ id }) => service.call('DELETE', `/api/environments/${id}`)))
  const left = await second
  expect(left.map(({ status }) => status)).toEqual(Array(20).fill('running'))
  const names = () => containersWith(`ai-lab.root=${service.rootId}`)
  await expect.poll(async () => (await names()).length, { timeout: 60_000 }).toBe(20)
  expect(new Set(await names())).toEqual(new Set(left.map(({ id }) => id)))
})
