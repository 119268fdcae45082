// Real nginx on this machine with proxy_pass and nothing else: every request seems to come from the machine itself.
import { expect, test } from 'vitest'
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
