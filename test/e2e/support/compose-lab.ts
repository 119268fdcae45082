import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { type OwnName, takeName } from './backend-image.ts'
import { cloneInto } from './clone.ts'
import { composeIn } from './compose.ts'
import { removeAllOf } from './docker.ts'
import type { Json } from './service.ts'

/** A machine on which an administrator has started the backend with Docker Compose. All its paths have a space. */
export type ComposeLab = AsyncDisposable & {
  /** Stands for the root of the machine's file system. */
  machine: string
  /** A fresh clone, with its production.env. */
  clone: string
  own: OwnName
  /** The platform, and where environments are. */
  url: string
  gatewayUrl: string
  rootId: string
  /** The data root of this moment, and the first administrator's token in it. */
  data(): Promise<string>
  token(): Promise<string>
  call(method: string, path: string, body?: object): Promise<Json>
}

/** `kind` tells this lab from others of this engine. `more`: further settings, for production.env. */
export async function startComposeLab(kind: string, more: Record<string, string> = {}): Promise<ComposeLab> {
  await using stack = new AsyncDisposableStack()
  const own = stack.use(await takeName(kind))
  const machine = await mkdtemp(join(tmpdir(), 'ai-lab machine-'))
  stack.defer(() => rm(machine, { recursive: true }))
  await chmod(machine, 0o755)
  const [clone, data] = [join(machine, 'srv/clone'), join(machine, 'srv/lab/ai-lab-data')]
  await cloneInto(clone)
  await mkdir(data, { recursive: true })
  await chown(data, 1000, 100)
  await writeFile(join(data, '.ai-lab-begin'), '')
  await writeFile(join(clone, 'backup.key'), 'the key of the backups of a test\n', { mode: 0o600 })
  await chown(join(clone, 'backup.key'), 1000, 100)
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const settings = {
    ...own.settings,
    HOST: '127.0.0.1',
    PORT: port,
    GATEWAY_PORT: gatewayPort,
    HOST_DATA_PATH: data,
    DOCKER_GID: (await stat('/var/run/docker.sock')).gid,
    LEGACY_DATA_PATHS: '/nonexistent',
    HOST_BACKUP_KEY: './backup.key',
    ...more,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(join(clone, 'production.env'), lines.join(''))

  const compose = (...args: string[]) => composeIn(clone, ['--env-file', 'production.env', ...args])
  let rootId = ''
  stack.defer(() => removeAllOf(rootId, machine))
  stack.defer(async () => void (await compose('down').catch(() => {})))
  await compose('up', '--detach', '--build')
  const url = `http://localhost:${port}`
  await vi.waitFor(async () => (await fetch(`${url}/api/health/ready`)).ok || Promise.reject(), { timeout: 60_000 })
  rootId = (await readFile(join(data, '.ai-lab-root'), 'utf8')).trim()

  const dataNow = async () => {
    const [, path = ''] = /^HOST_DATA_PATH=(.*)$/m.exec(await readFile(join(clone, 'production.env'), 'utf8')) ?? []
    return path
  }
  const token = async () => (await readFile(join(await dataNow(), 'admin/first-admin-token'), 'utf8')).trim()
  const rest = stack.move()
  return {
    machine,
    clone,
    own,
    url,
    gatewayUrl: `http://localhost:${gatewayPort}`,
    rootId,
    data: dataNow,
    token,
    async call(method, path, body) {
      const headers = {
        authorization: `Bearer ${await token()}`,
        'content-type': 'application/json',
        prefer: 'wait=60',
      }
      const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
      const text = await response.text()
      return text === '' ? null : JSON.parse(text)
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}
