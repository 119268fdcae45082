/** The gateway in front of real JupyterLab: what a program with an API token does through it. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverUrl } from '../support/server-url.ts'
import { startKernel } from './support/kernel.ts'
import { createNotebook, type Notebook, notebookAt } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'

const gibibyte = 2 ** 30
const growthAtMost = 100 * 2 ** 20

let service: RunningService
let notebook: Notebook
let base: string
let headers: { authorization: string }

beforeAll(async () => {
  service = await startService()
  const { id } = await createNotebook(service)
  headers = { authorization: `Bearer ${service.adminToken}` }
  base = `${service.gatewayUrl}/env/${id}`
  notebook = notebookAt({ origin: service.gatewayUrl, id, token: service.adminToken })
})
afterAll(() => service?.[Symbol.asyncDispose]())

test('a program starts a kernel and runs code through the gateway, with its API token alone', async () => {
  const kernel = await startKernel(notebook)
  expect(await kernel.run('print(6 * 7)')).toBe('42\n')
  expect(await kernel.run('import os; print(os.environ["AI_LAB_USER"])')).toBe('admin\n')
  kernel.leave()
})

test('files go in and out through the gateway, and lie in the data root', async () => {
  const body = { type: 'file', format: 'text', content: 'week,churned\n' }
  expect((await notebook.jupyter('PUT', 'contents/data/table.csv', body)).status).toBe(201)
  expect(await readFile(join(service.dataDir, 'users/admin/table.csv'), 'utf8')).toBe('week,churned\n')
  expect((await notebook.jupyter('GET', 'contents/data/table.csv')).body.content).toBe('week,churned\n')
})

// Trouble (cost): a download of a gigabyte is kept in the memory of the gateway
test('a gigabyte goes through the gateway whole, and hardly any of it stays in its memory', async () => {
  const kernel = await startKernel(notebook)
  const write =
    'import os; f = open("/home/jovyan/data/big", "wb"); [f.write(os.urandom(2**20)) for _ in range(1024)]; f.close()'
  await kernel.run(`${write}; print("done")`)
  kernel.leave()
  expect((await stat(join(service.dataDir, 'users/admin/big'))).size).toBe(gibibyte)
  const before = await residentBytes()
  const answer = await fetch(`${base}/files/data/big`, { headers })
  const [hash, onDisk] = [createHash('sha256'), createHash('sha256')]
  let octets = 0
  for await (const chunk of answer.body ?? []) {
    hash.update(chunk)
    octets += chunk.length
  }
  const growth = (await residentBytes()) - before
  onDisk.update(await readFile(join(service.dataDir, 'users/admin/big')))
  expect([answer.status, octets, hash.digest('hex')]).toEqual([200, gibibyte, onDisk.digest('hex')])
  expect(growth).toBeLessThan(growthAtMost)
})

test("the environment's own secret is in no answer of the gateway", async () => {
  const secret = new URL(await serverUrl(notebook.id)).searchParams.get('token') ?? ''
  expect(secret.length).toBeGreaterThan(20)
  for (const path of ['/lab', '/tree', '/api/status', '/api/me', '/static/x']) {
    const answer = await fetch(`${base}${path}`, { headers, redirect: 'manual' })
    expect(`${JSON.stringify([...answer.headers])}${await answer.text()}`).not.toContain(secret)
  }
})

async function residentBytes(): Promise<number> {
  const { body } = await service.call('GET', '/metrics')
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(body)?.[1])
}
