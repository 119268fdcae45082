import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { enterPath } from '../../src/domain/gateway/enter-path.ts'
import { openGatewayLab, openSocket, upgradeRequest } from '../support/gateway.ts'

/** Brings all records from SQLite's log into its file, and makes each program that has it open read them from there. */
function readAnew(file: string): void {
  const beside = new SQLite(file)
  beside.exec('create table beside (id); drop table beside')
  beside.pragma('wal_checkpoint(truncate)')
  beside.close()
}

// Trouble (worst): the disk of the records fails, and the gateway calls it a fault of its own and fills the log
test('while the records cannot be read, the gateway says to all that the lab is not ready, and to the log once', async () => {
  const lines: Record<string, unknown>[] = []
  await using open = await openGatewayLab({ logLevel: 'error', log: (line) => lines.push(line) })
  const [path, host] = [`/env/${open.id}`, `${open.id}.localhost:5556`]
  const page = { host, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  expect((await open.ask(path)).status).toBe(200)
  const file = join(open.lab.dataDir, 'admin/ai-lab.db')
  readAnew(file)
  const content = await readFile(file)
  await writeFile(file, Buffer.alloc(content.length, 0xff), { flag: 'r+' })

  const told = await open.ask(path)
  expect([told.status, told.headers['retry-after'], JSON.parse(told.body).type]).toEqual([
    503,
    '5',
    '/problems/lab-not-ready',
  ])
  const shown = await open.ask(`${enterPath('/')}?code=any`, { token: null, headers: page })
  expect([shown.status, shown.headers.refresh]).toEqual([503, '5'])
  expect(shown.body).toContain('The lab is not ready')
  const { socket, received } = await openSocket(open.port, upgradeRequest(`${path}/ws`, open.owner.token))
  await expect.poll(received).toMatch(/^HTTP\/1\.1 503 .*lab-not-ready/s)
  socket.destroy()
  expect(lines.filter(({ msg }) => String(msg).includes('gateway'))).toMatchObject([
    { msg: 'the gateway cannot read the records', err: { message: 'file is not a database' } },
  ])

  await writeFile(file, content, { flag: 'r+' })
  readAnew(file)
  expect((await open.ask(path)).status).toBe(200)
})
