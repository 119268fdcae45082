/** The doctor keeps its limits of time: nothing runs beside these tests. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startLab } from './support/doctor.ts'
import { mountThatHangs } from './support/hanging-mount.ts'

const execute = promisify(execFile)

// Trouble (doctor): a marker is a pipe, a link or a huge file
test.each([
  ['a pipe', (file: string) => execute('mkfifo', [file])],
  ['a link to an endless file', (file: string) => symlink('/dev/zero', file)],
  ['a huge file', (file: string) => execute('truncate', ['--size', '8G', file])],
])('the doctor names a marker that is %s, without waiting for it', async (_, make) => {
  await using lab = await startLab()
  await lab.settings({})
  const marker = join(lab.service.dataDir, 'shared/.ai-lab-root')
  await rm(marker)
  await make(marker)
  const { code, of, tookMs } = await lab.examine()
  expect(code).toBe(3)
  expect(of('data-root')[0].detail).toContain(marker)
  expect(of('proof')[0].status).toBe('not-checked')
  expect(tookMs).toBeLessThan(5_000)
})

// These three at once: each mostly waits.

// Trouble (doctor): there is no engine, or it never answers
test.concurrent('the doctor says within seconds that an engine does not answer', async ({ expect }) => {
  await using lab = await startLab()
  const socket = join(lab.folder, 'engine.sock')
  const server = createServer(() => {}).listen(socket)
  await lab.settings({ DOCKER_HOST: `unix://${socket}` })
  const { code, of, tookMs } = await lab.examine()
  expect(code).toBe(3)
  expect(of('engine')[0].status).toBe('problem')
  expect(tookMs).toBeLessThan(10_000)
  server.close()
})

test.concurrent('the doctor recognises a silent program and a foreign one on the port of the service', async ({
  expect,
}) => {
  await using lab = await startLab()
  await lab.service.end()
  await lab.settings({})
  const port = Number(new URL(lab.service.url).port)
  const silent = createServer(() => {}).listen(port, '127.0.0.1')
  const { code, of } = await lab.examine()
  expect([code, of('service')[0].status]).toEqual([2, 'warning'])
  expect(of('service')[0].detail).toContain('does not answer within 2 s')
  silent.close()

  const other = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'))
  await once(other.listen(port, '127.0.0.1'), 'listening')
  expect((await lab.examine()).of('service')).toMatchObject([
    { status: 'note', detail: expect.stringContaining('Another program') },
  ])
  other.close()
})

// Trouble (doctor): a file system hangs
test.concurrent('the doctor says within seconds that a file system hangs, and ends', async ({ expect }) => {
  await using lab = await startLab()
  await lab.service.end()
  await using hung = await mountThatHangs(join(lab.folder, 'hung'))
  await lab.settings({ DATA_DIR: hung.path, HOST_DATA_PATH: hung.path })
  const { code, of, tookMs } = await lab.examine()
  expect(code).toBe(3)
  expect(of('data-root')[0]).toMatchObject({ status: 'problem', summary: 'Its file system does not answer.' })
  expect(tookMs).toBeLessThan(10_000)

  await lab.settings({ LEGACY_DATA_PATHS: hung.path })
  const legacy = await lab.examine()
  expect(legacy.of('legacy')[0].detail).toContain('does not answer within')
  expect(legacy.of('proof')[0].status).toBe('ok')
})
