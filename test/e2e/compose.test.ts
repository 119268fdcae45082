import { chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type OwnName, takeName } from './support/backend-image.ts'
import { composeIn } from './support/compose.ts'
import { createDisk } from './support/disk.ts'
import { containersWith, docker, removeAllOf, witnessesOf } from './support/docker.ts'
import { ailab } from './support/doctor.ts'
import { startKernel } from './support/kernel.ts'
import { notebookAt, notebookOf } from './support/notebook.ts'
import { type Json, project } from './support/service.ts'

// The tests use the compose file unchanged, in a folder of its own, as an administrator would.
let own: OwnName
let folder: string
let port: number
let gatewayPort: number
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-compose-'))
  port = await freePort()
  gatewayPort = await freePort()
  await cp(join(project, 'docker-compose.production.yml'), join(folder, 'docker-compose.production.yml'))
  await writeFile(join(folder, 'backup.key'), 'the key of the backups of a test\n', { mode: 0o600 })
  await chown(join(folder, 'backup.key'), 1000, 100)
  own = await takeName('compose')
}, 600_000)
afterAll(async () => {
  await compose('down').catch(() => {})
  await own?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

function compose(...args: string[]): Promise<string> {
  return composeWith({}, '--env-file', 'production.env', ...args)
}

function composeWith(env: Record<string, string>, ...args: string[]): Promise<string> {
  return composeIn(folder, args, env)
}

/** Makes a folder in which a new data root may begin, whatever other roots this engine knows. */
async function dataFolder(name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  await toBegin(path)
  return path
}

async function toBegin(path: string): Promise<void> {
  await chown(path, 1000, 100)
  await writeFile(join(path, '.ai-lab-begin'), '')
}

async function configure(settings: Record<string, string>): Promise<void> {
  const { gid } = await stat('/var/run/docker.sock')
  const all = {
    ...own.settings,
    PORT: String(port),
    GATEWAY_PORT: String(gatewayPort),
    HOST: '127.0.0.1',
    DOCKER_GID: String(gid),
    LEGACY_DATA_PATHS: '/nonexistent',
    HOST_BACKUP_KEY: './backup.key',
    ...settings,
  }
  const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(join(folder, 'production.env'), lines.join(''))
}

async function call(method: string, path: string, token: string | null, body?: object): Promise<Json> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      prefer: 'wait=60',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return await response.json()
}

async function healthy(): Promise<void> {
  const faults = () =>
    call('GET', '/api/health', null).then(
      ({ checks }) => Object.entries<Json>(checks).filter(([, { status }]) => status !== 'healthy'),
      () => 'not there',
    )
  await expect.poll(faults, { timeout: 30_000 }).toEqual([])
}

/** The doctor is content in the container and on the host, until production.env names another folder than the mount. */
async function expectDoctorAgrees(data: string): Promise<void> {
  const text = await docker('exec', own.backend, 'ailab', 'doctor', '--json')
  const inside = JSON.parse(text)
  const statuses = Object.fromEntries(inside.checks.map(({ id, status }: Json) => [id, status]))
  expect(inside.status).toBe('ok')
  expect(statuses).toMatchObject({ proof: 'ok', 'host-data-path': 'ok', service: 'ok', 'compose-mount': 'not-checked' })

  const onHost = async () => {
    const { code, output } = await ailab(['--folder', folder, 'doctor', '--json'])
    const { checks } = JSON.parse(output)
    const wrong = checks.filter(({ status }: Json) => status === 'warning' || status === 'problem')
    return { code, wrong, of: (id: string) => checks.filter((check: Json) => check.id === id) }
  }
  const agreeing = await onHost()
  // Without root the service makes no firewall rules: root on the host is warned, unless another service made them.
  expect(agreeing.wrong.filter(({ id }: Json) => id !== 'network')).toEqual([])
  expect(agreeing.of('backend-container')).toMatchObject([{ status: 'ok', detail: expect.stringContaining(data) }])
  expect(agreeing.of('compose-mount')).toMatchObject([{ status: 'ok' }])

  const other = await dataFolder('other-data')
  await configure({ HOST_DATA_PATH: other })
  const differing = await onHost()
  expect(differing.code).toBe(3)
  const [check] = differing.of('backend-container')
  expect(check).toMatchObject({
    status: 'problem',
    command: expect.stringMatching(/--env-file production.env .* up -d$/),
  })
  for (const path of [data, other]) expect(check.detail).toContain(path)
  await configure({ HOST_DATA_PATH: data })
}

/** The service makes a backup without rights of its own, and practises its restore, while the environment goes on. */
async function expectDrill(data: string): Promise<void> {
  const rootId = (await readFile(join(data, '.ai-lab-root'), 'utf8')).trim()
  const containers = async () => JSON.stringify(await containersWith(`ai-lab.root=${rootId}`))
  const before = await containers()
  await docker('exec', own.backend, 'ailab', 'backup', 'now')
  const said = await docker('exec', own.backend, 'ailab', 'drill')
  expect(said).toContain('A service on it has the same 1 person and 1 environment.')
  expect(await containers()).toBe(before)
  expect(await readdir(join(data, 'admin'))).not.toContain('drill')
}

async function expectWayBack(): Promise<void> {
  const made = (await docker('exec', own.backend, 'ailab', 'token', '--admin')).trim()
  expect(await call('GET', '/api/users', made)).toMatchObject({ items: [{ id: 'admin', role: 'admin' }] })
  await expect
    .poll(() => docker('logs', own.backend))
    .toMatch(/"name":"ailab token --admin".*a token is used for the first time/)
  // On the host, as root, beside the database that the container has open.
  const { output } = await ailab(['--folder', folder, 'token', '--admin'])
  const [secret = ''] = output.match(/ailab_[\w-]{43}/) ?? []
  expect(await call('GET', '/api/users', secret)).toMatchObject({ items: [{ id: 'admin' }] })
}

/** The gateway is a container of its own: a backend that is killed or restarted cuts no connection, and locks nobody out. */
async function expectGatewayGoesOn(id: string, token: string): Promise<void> {
  const notebook = notebookAt({ origin: `http://127.0.0.1:${gatewayPort}`, id, token })
  await expect.poll(async () => (await notebook.jupyter('GET', 'status')).status, { timeout: 40_000 }).toBe(200)
  const kernel = await startKernel(notebook)
  const running = kernel.run('import time\nfor at in range(40): print(at, flush=True); time.sleep(0.25)')
  await docker('kill', own.backend)
  expect((await notebook.jupyter('GET', 'status')).status).toBe(200)
  await docker('start', own.backend)
  await healthy()
  await docker('restart', own.backend)
  expect(await running).toBe(Array.from({ length: 40 }, (_, at) => `${at}\n`).join(''))
  kernel.leave()
}

test('in a container, ailab forget-root names the folder of the host whose root it forgets', async () => {
  const gone = await dataFolder('gone')
  const witness = 'ai-lab-root-forgotten-in-a-container'
  await docker('volume', 'create', '--label', 'ai-lab.root=gone', '--label', `ai-lab.host-path=${gone}`, witness)
  const { gid } = await stat('/var/run/docker.sock')
  const mounts = ['/var/run/docker.sock:/var/run/docker.sock', `${gone}:/app/ai-lab-data`]
  const options = ['--rm', '--network', 'host', '--group-add', String(gid), ...mounts.flatMap((each) => ['-v', each])]
  try {
    const said = await docker('run', ...options, own.image, 'ailab', 'forget-root', '--yes')
    expect(said).toContain(`The engine remembers at ${gone}:`)
    expect(await witnessesOf('gone')).toEqual([])
  } finally {
    await docker('volume', 'rm', '--force', witness)
  }
})

// Trouble (doctor): somebody changes `production.env` after the container was made
// Trouble (authority): the tokens of all administrators are lost, in Compose
test('the backend in a container and its environments see the same files', async () => {
  const data = await dataFolder('ai-lab-data')
  await configure({ HOST_DATA_PATH: data })
  await compose('up', '--detach')
  await healthy()
  const rootId = (await readFile(join(data, '.ai-lab-root'), 'utf8')).trim()
  try {
    const token = (await docker('exec', own.backend, 'cat', '/app/ai-lab-data/admin/first-admin-token')).trim()
    const environment = await call('POST', '/api/environments', token, { template: 'jupyterlab' })
    expect(environment).toMatchObject({
      status: 'running',
      mounts: [{ source: join(data, 'shared') }, { source: join(data, 'users/admin') }],
    })
    const notebook = await notebookOf(environment)
    await notebook.jupyter('PUT', 'contents/data/hello.txt', { type: 'file', format: 'text', content: 'hello' })
    expect(await readFile(join(data, 'users/admin/hello.txt'), 'utf8')).toBe('hello')
    expect(await docker('exec', own.backend, 'cat', '/app/ai-lab-data/users/admin/hello.txt')).toBe('hello')

    expect(await call('POST', '/api/data/consistency', token)).toMatchObject({
      status: 'proven',
      environments: [{ id: environment.id, status: 'proven' }],
      findings: [],
    })

    const page = await fetch(`http://127.0.0.1:${port}/problems/no-room`, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('<h1>no-room</h1>')

    const listing = await docker('exec', own.backend, 'ls', '/app/ai-lab-data/shared/')
    expect(await docker('exec', environment.id, 'ls', '/home/jovyan/shared/')).toBe(listing)
    expect(await docker('exec', own.backend, 'id', '-u')).toBe('1000')

    await expectDrill(data)
    await expectDoctorAgrees(data)
    await expectWayBack()

    await expectGatewayGoesOn(environment.id, token)
    await healthy()
    await expect
      .poll(async () => (await call('GET', `/api/environments/${environment.id}`, token)).status)
      .toBe('running')
    const health = (name: string) => docker('inspect', '--format', '{{.State.Health.Status}}', name)
    for (const name of [own.backend, own.gateway]) {
      await expect.poll(() => health(name), { timeout: 40_000 }).toBe('healthy')
    }
  } finally {
    await compose('down')
    await removeAllOf(rootId)
  }
})

// Trouble (mounts): no `HOST_DATA_PATH` at all
test('without HOST_DATA_PATH the backend finds its own mount', async () => {
  await configure({})
  await rm(join(folder, 'ai-lab-data'), { recursive: true, force: true })
  await dataFolder('ai-lab-data')
  await compose('up', '--detach')
  await healthy()
  const rootId = (await readFile(join(folder, 'ai-lab-data/.ai-lab-root'), 'utf8')).trim()
  try {
    const token = (await readFile(join(folder, 'ai-lab-data/admin/first-admin-token'), 'utf8')).trim()
    const environment = await call('POST', '/api/environments', token, { template: 'jupyterlab' })
    expect(environment).toMatchObject({
      status: 'running',
      mounts: [{ source: join(folder, 'ai-lab-data/shared') }, {}],
    })
  } finally {
    await compose('down')
    await removeAllOf(rootId)
  }
})

// Trouble (worst): in Compose a fault at the start is an endless loop of restarts, and a path that the host does not have
test('a fault at the start is answered with the paths and commands of the host, and the container that is mended goes on', async () => {
  const data = await dataFolder('of another user')
  await chown(data, 0, 0)
  await configure({ HOST_DATA_PATH: data })
  try {
    await compose('up', '-d')
    const rootDetail = async () => (await call('GET', '/api/health', null)).checks.data_root.detail
    const command = `chown 1000:100 '${data}'`
    await expect.poll(() => rootDetail().catch(() => ''), { timeout: 30_000 }).toContain(command)
    await chown(data, 1000, 100)
    await healthy()
    expect(await docker('inspect', '--format', '{{.RestartCount}}', own.backend)).toMatch(/^0$/m)

    const token = (await readFile(join(data, 'admin/first-admin-token'), 'utf8')).trim()
    const { gid } = await stat('/var/run/docker.sock')
    await configure({ HOST_DATA_PATH: data, DOCKER_GID: '54321' })
    await compose('up', '-d')
    const engineDetail = async () => (await call('GET', '/api/health', token)).checks.engine.detail
    await expect
      .poll(() => engineDetail().catch(() => ''), { timeout: 30_000 })
      .toContain(`write DOCKER_GID=${gid} into`)
    await configure({ HOST_DATA_PATH: data })
    await compose('up', '-d')
    await healthy()
  } finally {
    await compose('down')
    await removeAllOf((await readFile(join(data, '.ai-lab-root'), 'utf8').catch(() => '')).trim(), data)
  }
})

test('the backend starts by itself once its late disk is mounted', async () => {
  const data = join(folder, 'late-disk')
  await using disk = await createDisk(data)
  await toBegin(data)
  await configure({ HOST_DATA_PATH: data })
  await compose('up', '--detach')
  await healthy()
  const rootId = (await readFile(join(data, '.ai-lab-root'), 'utf8')).trim()
  try {
    await docker('stop', own.backend)
    await disk.unplug()
    await docker('start', own.backend)
    const dataRoot = () =>
      call('GET', '/api/health', null).then(
        ({ checks }) => checks.data_root.codes,
        () => 'not there',
      )
    await expect.poll(dataRoot, { timeout: 30_000 }).toEqual(['data-root-missing'])
    expect(await readdir(data)).toEqual([])
    await disk.mount()
    await healthy()
  } finally {
    await compose('down')
    await removeAllOf(rootId)
  }
})

// Trouble (mounts): the backend's own mount is not `HOST_DATA_PATH`
test('the backend refuses a HOST_DATA_PATH that is not the source of its own mount, and names both folders', async () => {
  const other = await dataFolder('opt-ai-lab-data')
  await rm(join(folder, 'ai-lab-data'), { recursive: true, force: true })
  const mounted = await dataFolder('ai-lab-data')
  await configure({ HOST_DATA_PATH: other })
  // Without --env-file Compose mounts the folder beside the file, while the backend's HOST_DATA_PATH names the other one.
  await composeWith({ ...own.settings, DOCKER_GID: String((await stat('/var/run/docker.sock')).gid) }, 'up', '--detach')
  const status = () =>
    call('GET', '/api/health', null).then(
      ({ status }) => status,
      () => 'not there',
    )
  await expect.poll(status, { timeout: 30_000 }).toBe('unhealthy')
  const rootId = (await readFile(join(mounted, '.ai-lab-root'), 'utf8')).trim()
  try {
    const token = (await readFile(join(mounted, 'admin/first-admin-token'), 'utf8')).trim()
    const refused = await call('POST', '/api/environments', token, { template: 'jupyterlab' })
    expect(refused.type).toBe('/problems/data-root-not-proven')
    expect(refused.detail).toContain(
      `HOST_DATA_PATH is ${other}, but the engine mounted ${mounted} into the backend's container as /app/ai-lab-data`,
    )
    const { findings } = await call('POST', '/api/data/consistency', token)
    expect(findings.map(({ code }: Json) => code)).toContain('declared-otherwise')
    expect(await readdir(other)).toEqual(['.ai-lab-begin'])
    expect(await containersWith(`ai-lab.root=${rootId}`)).toEqual([])
  } finally {
    await compose('down')
    await removeAllOf(rootId)
  }
})

test('the backend begins no second lab when HOST_DATA_PATH changes to an empty folder', async () => {
  const data = await dataFolder('with-the-data')
  await configure({ HOST_DATA_PATH: data })
  await compose('up', '--detach')
  await healthy()
  const rootId = (await readFile(join(data, '.ai-lab-root'), 'utf8')).trim()
  try {
    await expect.poll(() => witnessesOf(rootId)).toHaveLength(1)
    const other = join(folder, 'wrong-folder')
    await mkdir(other)
    await chown(other, 1000, 100)
    await configure({ HOST_DATA_PATH: other })
    await compose('up', '--detach')
    const codes = () =>
      call('GET', '/api/health', null).then(
        ({ checks }) => checks.data_root.codes,
        () => 'not there',
      )
    await expect.poll(codes, { timeout: 30_000 }).toEqual(['data-root-missing'])
    expect(await readdir(other)).toEqual([])
    expect(await docker('logs', own.backend)).toContain(`root ${rootId} at ${data}`)
    await configure({ HOST_DATA_PATH: data })
    await compose('up', '--detach')
    await healthy()
  } finally {
    await compose('down')
    await removeAllOf(rootId)
  }
})
