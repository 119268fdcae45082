/** The two containers of Compose behind real nginx, with the file of deploy/: calls that wait, streams, files and a WebSocket. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { behindProxy, gatewayHost, nginx, platform, startReverseProxy } from '../support/reverse-proxy.ts'
import { startComposeLab } from './support/compose-lab.ts'

// Trouble (first-hour): an administrator puts nginx in front of the containers, and streams break off or come late
test('behind nginx, calls wait and streams arrive as they happen, also from the containers of Compose', async () => {
  await using lab = await startComposeLab('behind-nginx', behindProxy)
  const [ofService, ofGateway] = [new URL(lab.url), new URL(lab.gatewayUrl)]
  const ports = { service: Number(ofService.port), gateway: Number(ofGateway.port) }
  await using proxy = await startReverseProxy(nginx, ports)
  const token = await lab.token()
  const call = async (method: string, path: string, body?: object) => {
    const headers = { prefer: 'wait=60', 'content-type': 'application/json' }
    const answer = await proxy.ask(platform, path, {
      method,
      token,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    return JSON.parse(answer.body)
  }
  const created = await call('POST', '/api/environments', { template: 'jupyterlab' })
  expect(created).toMatchObject({ status: 'running', access_url: expect.stringMatching(`^https://${platform}/open/`) })
  const path = `/api/environments/${created.id}`

  const events = await proxy.open(
    platform,
    `GET ${path}/events?follow=true HTTP/1.1\r\nhost: ${platform}\r\nauthorization: Bearer ${token}\r\n\r\n`,
  )
  await expect.poll(events.received).toContain('"status":"running"')
  expect(events.received()).not.toContain('"status":"exited"')
  expect(await call('POST', `${path}/stop`)).toMatchObject({ status: 'exited' })
  await expect.poll(events.received).toContain('"status":"exited"')
  expect(await call('POST', `${path}/start`)).toMatchObject({ status: 'running' })

  const octets = randomBytes(30 * 2 ** 20)
  const file = { type: 'file', format: 'base64', content: octets.toString('base64') }
  const put = { method: 'PUT', token, body: JSON.stringify(file) }
  expect((await proxy.ask(gatewayHost, `/env/${created.id}/api/contents/data/large.bin`, put)).status).toBe(201)
  const got = await proxy.ask(gatewayHost, `/env/${created.id}/files/data/large.bin`, { token })
  expect(got.octets.equals(octets)).toBe(true)

  const upgrade = {
    host: gatewayHost,
    authorization: `Bearer ${token}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  }
  const lines = Object.entries(upgrade).map(([name, value]) => `${name}: ${value}\r\n`)
  const { name } = JSON.parse(
    (await proxy.ask(gatewayHost, `/env/${created.id}/api/terminals`, { method: 'POST', token, body: '{}' })).body,
  )
  const terminal = await proxy.open(
    gatewayHost,
    `GET /env/${created.id}/terminals/websocket/${name} HTTP/1.1\r\n${lines.join('')}\r\n`,
  )
  await expect.poll(terminal.received).toMatch(/^HTTP\/1\.1 101 [\s\S]*"setup"/)
  for (const { socket } of [events, terminal]) socket.destroy()
  expect(await call('DELETE', path).catch(() => null)).toBeNull()
})
