/** The doctor waits for no other program without a limit: not for an engine, a service or a file system. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'vitest'
import { startLab } from './support/doctor.ts'
import { mountThatHangs } from './support/hanging-mount.ts'

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
