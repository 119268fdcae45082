// Real nginx on this machine with proxy_pass and nothing else: every request seems to come from the machine itself.
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { assembleWaiting } from '../../src/assembly/waiting-service.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'
import { plainNginx, startReverseProxy } from '../support/reverse-proxy.ts'

// Trouble (metrics): a plain reverse proxy on this machine sends no header of its own
test('through a plain nginx, only an administrator reads the metrics and the paths of the host', async () => {
  await using lab = await openLab()
  await lab.service.app.listen({ host: '127.0.0.1', port: 0 })
  const port = await portOf(lab.service.app)
  await using proxy = await startReverseProxy(plainNginx, { service: port, gateway: port })
  for (const headers of [{}, { host: 'localhost' }, { 'x-forwarded-for': '127.0.0.1' }])
    expect((await proxy.ask('lab.example.org', '/metrics', { headers })).status).toBe(401)
  expect((await proxy.ask('lab.example.org', '/metrics', { token: lab.adminToken })).status).toBe(200)
  const { status, body } = await proxy.ask('lab.example.org', '/api/health')
  expect([status, body]).toEqual([200, expect.not.stringContaining(lab.dataDir)])
})

// Trouble (authority): everybody reads paths of the host while the service cannot start
test('through a plain nginx, a service that cannot start shows no path of the host, and no metrics', async () => {
  const path = `/srv/${randomUUID()}`
  const config = loadConfig(process.cwd(), { DATA_DIR: path, DOCKER_HOST: `unix://${path}/docker.sock` })
  const places = { environmentId: null, backendPath: path, hostPath: path }
  const finding = { code: 'cannot-start', severity: 'error', ...places, detail: path, remedy: `chown ${path}` } as const
  const said: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void said.push(line) })
  await using waiting = await assembleWaiting(config, { logger, version: '0' }, { finding, cause: null })
  await waiting.app.listen({ host: '127.0.0.1', port: 0 })
  const port = await portOf(waiting.app)
  await using proxy = await startReverseProxy(plainNginx, { service: port, gateway: port })
  for (const asked of ['/', '/api/environments', '/api/health', '/api/health/ready', '/metrics']) {
    const { status, body } = await proxy.ask('lab.example.org', asked)
    expect([asked, status, body]).toEqual([asked, 503, expect.not.stringContaining(path)])
  }
  expect(said.join('')).toContain(`chown ${path}`)
})
