/** Offload with real JupyterLab: nginx, with the file of deploy/, carries its files, and the gateway decides about each. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AnswerOfOctets,
  behindProxy,
  gatewayHost,
  nginx,
  type ReverseProxy,
  startReverseProxy,
} from '../support/reverse-proxy.ts'
import { serverUrl } from '../support/server-url.ts'
import { createNotebook } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'

const content = randomBytes(64 * 2 ** 20)

let service: RunningService
let proxy: ReverseProxy
let base: string

beforeAll(async () => {
  service = await startService({ env: { ...behindProxy, OFFLOAD: 'nginx' } })
  const [ofService, ofGateway] = [new URL(service.url), new URL(service.gatewayUrl)]
  proxy = await startReverseProxy(nginx, { service: Number(ofService.port), gateway: Number(ofGateway.port) })
  const { id } = await createNotebook(service)
  base = `/env/${id}`
  await writeFile(join(service.dataDir, 'users/admin/large.bin'), content)
})
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
})

function ask(path: string, headers: Record<string, string> = {}): Promise<AnswerOfOctets> {
  return proxy.askHttp2(gatewayHost, base + path, { token: service.adminToken, headers })
}

test("Jupyter's files arrive whole and in part", async () => {
  expect((await ask('/files/data/large.bin?download=1')).octets.equals(content)).toBe(true)
  const { status, octets } = await ask('/files/data/large.bin', { range: 'bytes=1000-1999' })
  expect([status, octets.equals(content.subarray(1000, 2000))]).toEqual([206, true])
})

// Trouble (authority): the page of an error shows the environment's secret to a browser
test("Jupyter's own pages of errors hold no secret", async () => {
  const secret = new URL(await serverUrl(base.slice('/env/'.length))).searchParams.get('token') ?? ''
  expect(secret.length).toBeGreaterThan(20)
  for (const path of ['/files/data/missing.bin', '/files/data', '/files/..%2fx', '/files/%2e%2e/lab', '/lab']) {
    const { body, rawHeaders } = await ask(path)
    expect(body).toContain('<html')
    expect(body + rawHeaders.join()).not.toContain(secret)
  }
})

// Trouble (known): a restart of the platform breaks downloads off
test('a download that has begun goes on while the platform is restarted', async () => {
  const socket = connect({
    host: '127.0.0.1',
    port: proxy.httpsPort,
    servername: gatewayHost,
    ca: proxy.ca,
    ALPNProtocols: ['h2'],
  })
  const client = connectHttp2(`https://${gatewayHost}`, { createConnection: () => socket })
  const authorization = `Bearer ${service.adminToken}`
  const download = client.request({ ':path': `${base}/files/data/large.bin`, ':authority': gatewayHost, authorization })
  await once(download, 'response') // most of it still waits: nobody reads
  await service.end('SIGKILL')
  expect(Buffer.concat(await download.toArray()).equals(content)).toBe(true)
  client.close()
  await service.startAgain()
})
