import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { witnessesAt } from './support/docker.ts'
import { createNotebook } from './support/notebook.ts'
import { runToEnd, startService } from './support/service.ts'

// Trouble (input): the port is taken
// Trouble (first-hour): a start on a busy port leaves a data root and a witness behind
test('a service whose port is taken names the command that finds the other program, and leaves nothing behind', async () => {
  const server = createServer().listen(await freePort(), '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  const { code, output } = await runToEnd({ PORT: String(port), DATA_DIR: join(folder, 'data') })
  expect(code).toBe(1)
  expect(output).toContain('listens there (ss -ltnp')
  server.close()
  expect(await readdir(folder)).toEqual([])
  expect(await witnessesAt(folder)).toEqual([])
  await rm(folder, { recursive: true })
})

test('a service that cannot know where to listen ends, and names all mistakes of its configuration at once', async () => {
  const { code, output } = await runToEnd({ PORT: '99999', SHARED_MODE: 'maybe', NB_UID: 'me' })
  expect(code).toBe(1)
  for (const name of ['PORT:', 'SHARED_MODE:', 'NB_UID:']) expect(output).toContain(name)
})

test('a service starts at once on a data root that a killed service had locked', async () => {
  await using service = await startService()
  await service.end('SIGKILL')
  await service.startAgain()
  expect((await service.call('GET', '/api/environments')).status).toBe(200)
})

const noEngine = 'unix:///nonexistent/docker.sock'

test('a first start waits for the engine, because only the engine knows whether there was a data root', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  await using service = await startService({ folder, env: { DOCKER_HOST: noEngine } })
  const health = await service.call('GET', '/api/health', { token: null })
  expect([health.status, health.body.checks.data_root.status]).toEqual([503, 'unhealthy'])
  expect((await service.call('GET', '/api/environments')).status).toBe(503)
  expect(service.output()).toContain('Only the engine could tell whether it should be one')
  expect(await readdir(folder)).toEqual([])
  await rm(folder, { recursive: true })
})

// Trouble (input): the engine is absent
test('a later start without an engine succeeds, says so, and answers what it can', async () => {
  await using service = await startService()
  await service.end()
  await service.startAgain({ DOCKER_HOST: noEngine })
  const health = await service.call('GET', '/api/health', { token: null })
  expect([health.status, health.body.checks.engine.status]).toEqual([503, 'unhealthy'])
  expect((await service.call('GET', '/api/templates')).status).toBe(200)
  const refused = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab' } })
  expect([refused.status, refused.body.type]).toEqual([503, '/problems/engine-unavailable'])
  expect(refused.headers.get('retry-after')).toBe('5')
})

test('the service makes the data root with the right owners and modes', async () => {
  await using service = await startService()
  const of = async (path: string) => {
    const { uid, gid, mode } = await stat(join(service.dataDir, path))
    return `${uid}:${gid} ${(mode & 0o777).toString(8)}`
  }
  expect(await of('shared')).toBe('1000:100 775')
  expect(await of('shared/datasets')).toBe('1000:100 775')
  expect(await of('shared/notebooks/welcome.ipynb')).toMatch(/^1000:100/)
  expect(await of('users')).toBe('0:0 711')
  expect(await of('admin')).toBe('0:0 700')
  expect(await of('admin/first-admin-token')).toBe('0:0 600')
  for (const folder of ['.', 'shared', 'users']) {
    expect((await readFile(join(service.dataDir, folder, '.ai-lab-root'), 'utf8')).trim()).toBe(service.rootId)
  }
  await createNotebook(service)
  expect(await of('users/admin')).toBe('1000:100 700')
})
