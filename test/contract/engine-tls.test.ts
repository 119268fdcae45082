import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ping } from '../../scripts/lib/ping-engine.ts'
import { ConfigError, loadConfig } from '../../src/settings/config.ts'
import { docker, realEngine } from '../support/engine-real.ts'
import { type TlsFront, tlsFront } from '../support/tls-front.ts'

const never = new AbortController().signal
let front: TlsFront
beforeAll(async () => {
  front = await tlsFront('/var/run/docker.sock')
})
afterAll(() => front[Symbol.asyncDispose]())

const root = { uid: 0, gid: 0 }
const settings = (path: string, host = front.host) => {
  return { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: path }
}
const engineOf = (env: Record<string, string>) => realEngine(loadConfig(front.folder, env, root).engine)
const refusalOf = (env: Record<string, string>) =>
  engineOf(env)
    .info()
    .then(
      () => 'it answered',
      (error) => `${error.code}: ${error.adminDetail}`,
    )

// Trouble (known): an engine over TLS is asked in plain text
test('the service uses an engine over TLS, and follows its events', async () => {
  const env = settings(await front.keys('good', { ca: 'lab', client: 'lab' }))
  using engine = engineOf(env)
  expect((await engine.info()).version).toBe((await docker.version()).Version)
  expect(engine.sameMachine).toBe(false)
  expect(await ping(env.DOCKER_HOST, never, env)).toEqual({ kind: 'answers' })

  const ending = new AbortController()
  const events = engine.events({ signal: ending.signal })
  const first = events[Symbol.asyncIterator]().next()
  const id = `ai-lab-contract-tls-${process.pid}`
  const Labels = { 'ai-lab.environment': id }
  const container = await docker.createContainer({ name: id, Image: 'debian:trixie-slim', Labels })
  try {
    expect((await first).value).toMatchObject({ environmentId: id, action: 'create' })
  } finally {
    await container.remove()
    ending.abort()
  }
})

test('a sentence says that ca.pem is of another authority', async () => {
  const env = settings(await front.keys('misled', { ca: 'stranger', client: 'lab' }))
  expect(await refusalOf(env)).toContain(
    'The certificate that the engine shows is not signed by the authority in ca.pem.',
  )
  expect(await ping(env.DOCKER_HOST, never, env)).toMatchObject({ kind: 'absent' })
})

test("a sentence says that the engine may refuse the client's certificate", async () => {
  const env = settings(await front.keys('intruder', { ca: 'lab', client: 'stranger' }))
  expect(await refusalOf(env)).toContain('if it refuses the certificate of the service: put a cert.pem and key.pem')
})

test("a sentence says that the engine's certificate is for another name", async () => {
  const path = await front.keys('elsewhere', { ca: 'lab', client: 'lab' })
  expect(await refusalOf(settings(path, `tcp://localhost:${front.port}`))).toContain(
    'The certificate that the engine shows is for another name.',
  )
})

test('a sentence says that key.pem does not belong to cert.pem', async () => {
  const path = await front.keys('mixed', { ca: 'lab', client: 'lab' })
  await rm(join(path, 'key.pem'))
  await copyFile(join(front.folder, 'stranger.key'), join(path, 'key.pem'))
  expect(await refusalOf(settings(path))).toContain('cert.pem and key.pem have to be a certificate and its key')
})

test.each(['ca.pem', 'cert.pem', 'key.pem'])('a sentence says that %s is missing', async (file) => {
  const path = await front.keys(`without-${file}`, { ca: 'lab', client: 'lab' })
  await rm(join(path, file))
  expect(() => loadConfig(front.folder, settings(path), root)).toThrow(ConfigError)
  expect(() => loadConfig(front.folder, settings(path), root)).toThrow(
    `DOCKER_CERT_PATH: ${path}/${file} cannot be read (ENOENT). With DOCKER_TLS_VERIFY it names the folder of ca.pem, cert.pem and key.pem.`,
  )
})
