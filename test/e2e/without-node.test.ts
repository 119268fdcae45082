/** `bin/ailab` on a host that has Docker and not Node, in a fresh clone, with the backend in Compose. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type OwnName, takeName } from './support/backend-image.ts'
import { cloneInto } from './support/clone.ts'
import { composeIn } from './support/compose.ts'
import { containersWith, docker, probesOf, removeAllOf, witnessesOf } from './support/docker.ts'
import type { Json } from './support/service.ts'

let own: OwnName
let parent: string
let folder: string
let data: string
let port: number
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'ai-lab-without-node-'))
  folder = join(parent, 'the "clone", of Müller')
  data = join(parent, "the lab's data")
  port = await freePort()
  await cloneInto(folder)
  await mkdir(data)
  await chown(data, 1000, 100)
  await writeFile(join(data, '.ai-lab-begin'), '')
  await writeFile(join(parent, 'backup.key'), 'the key of the backups of a test\n', { mode: 0o600 })
  await chown(join(parent, 'backup.key'), 1000, 100)
  own = await takeName('without-node')
  const lines = {
    ...own.settings,
    HOST: '127.0.0.1',
    PORT: String(port),
    GATEWAY_PORT: String(await freePort()),
    HOST_DATA_PATH: `"${data}" # the lab`,
    DOCKER_GID: String((await stat('/var/run/docker.sock')).gid),
    LEGACY_DATA_PATHS: join(parent, 'legacy'),
    HOST_BACKUP_KEY: join(parent, 'backup.key'),
  }
  const text = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(join(folder, 'production.env'), text.join(''), { mode: 0o600 })
  await mkdir(join(parent, 'bin'))
  for (const program of ['docker', 'sh', 'sed', 'tr', 'tail', 'dirname', 'readlink', 'env', 'cat', 'printf', 'mkdir']) {
    await symlink(await pathOf(program), join(parent, 'bin', program))
  }
  await composeIn(folder, ['--env-file', 'production.env', 'up', '--detach'])
  await vi.waitFor(async () => expect(await health()).toBe('healthy'), { timeout: 60_000, interval: 200 })
}, 600_000)
afterAll(async () => {
  await composeIn(folder, ['--env-file', 'production.env', 'down']).catch(() => {})
  await removeAllOf(await readFile(join(data, '.ai-lab-root'), 'utf8').then((text) => text.trim()), data)
  await own?.[Symbol.asyncDispose]()
  await rm(parent, { recursive: true, force: true })
})

async function pathOf(program: string): Promise<string> {
  const which = spawn('sh', ['-c', `command -v ${program}`], { stdio: ['ignore', 'pipe', 'ignore'] })
  const path = (await which.stdout.toArray()).join('').trim()
  return path.startsWith('/') ? path : `/bin/${program}`
}

function health(): Promise<string> {
  return fetch(`http://127.0.0.1:${port}/api/health`).then(
    async (response) => ((await response.json()) as Json).status,
    () => 'not there',
  )
}

/** Runs a command of the clone as cron does: no terminal, few variables, another folder, and no Node on the PATH. */
async function ailab(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(join(folder, 'bin/ailab'), args, {
    cwd: parent,
    env: { PATH: join(parent, 'bin'), HOME: parent },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()])
  const [code] = (await ended) as [number | null]
  return { code, stdout: stdout.join(''), stderr: stderr.join('') }
}

async function doctor(): Promise<{ text: string; of(id: string): Json }> {
  const { stdout } = await ailab('doctor', '--json')
  const { checks } = JSON.parse(stdout)
  return { text: stdout, of: (id) => checks.find((check: Json) => check.id === id) }
}

async function isAdministrator(token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`http://127.0.0.1:${port}/api/users`, { headers })).status === 200
}

// Trouble (first-hour): an administrator of Compose has no Node, and the README says `bin/ailab doctor`
test('the doctor sees the host from a container, and names paths and commands of the host', async () => {
  const seen = await doctor()
  expect(seen.text).not.toContain('/app/ai-lab-data')
  expect(seen.of('data-root')).toMatchObject({ status: 'ok', detail: expect.stringContaining(data) })
  for (const id of ['settings', 'host-data-path', 'proof', 'compose-mount', 'backend-container', 'owners', 'service']) {
    expect(seen.of(id)).toMatchObject({ id, status: 'ok' })
  }
  expect(seen.of('engine-socket').status).toBe('ok')
  expect(seen.of('legacy').status).toBe('ok')
  expect(seen.of('backups')).toMatchObject({ status: 'note', summary: expect.stringContaining('on the disk of') })
  expect(await containersWith('ai-lab.command')).toEqual([])
})

test('doctor --fix changes production.env and an owner on the host', async () => {
  const settings = await readFile(join(folder, 'production.env'), 'utf8')
  await writeFile(join(folder, 'production.env'), settings.replace(/DOCKER_GID=\d+/, 'DOCKER_GID=54321'))
  await chown(join(data, 'users'), 0, 0)
  const { stdout } = await ailab('doctor', '--fix', '--yes')
  expect(stdout).toContain('Done: change DOCKER_GID')
  expect(await readFile(join(folder, 'production.env'), 'utf8')).toBe(settings)
  expect((await stat(join(data, 'users'))).uid).toBe(1000)
})

test('token, user and open work, and only the token goes to the standard output', async () => {
  const { code, stdout, stderr } = await ailab('token', '--admin')
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ailab_[\w-]{43}\n$/)])
  expect(stderr).toContain(data)
  expect(await isAdministrator(stdout.trim())).toBe(true)
  expect((await ailab('user', 'add', 'demo@ailab.com')).code).toBe(0)
  expect((await ailab('user', 'invite', 'demo@ailab.com')).stdout).toMatch(/\/sign-in\/link\//)
  expect(await ailab('open', 'ai-lab-jupyterlab-aaaaaa')).toMatchObject({ code: 1, stdout: '' })
})

// Trouble (first-hour): a download ends in the container of the command, and is gone with it
test('files go up from the host and come down to it, by relative and by absolute paths', async () => {
  await mkdir(join(parent, 'here/below'), { recursive: true })
  await writeFile(join(parent, 'here/my notes.txt'), 'hello')
  expect(await ailab('files', 'put', 'here/my notes.txt', 'users/admin/')).toMatchObject({ code: 0 })
  const down = async (file: string) => {
    const { code, stdout } = await ailab('files', 'get', 'users/admin/my notes.txt', file)
    expect([code, stdout]).toEqual([0, `${file}\n`])
    return await readFile(resolve(parent, file), 'utf8')
  }
  expect(await down('one.txt')).toBe('hello')
  expect(await down('one.txt')).toBe('hello') // in the place of the file that is there now
  expect(await down('here/below/two.txt')).toBe('hello')
  expect(await down(join(parent, 'here/three.txt'))).toBe('hello')
  const url = `http://127.0.0.1:${port}`
  expect((await ailab('files', 'get', '--url', url, 'users/admin/my notes.txt')).code).toBe(0)
  expect(await readFile(join(parent, 'my notes.txt'), 'utf8')).toBe('hello')
  expect(await ailab('files', 'get', 'users/admin/my notes.txt', '/usr/notes.txt')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('/usr is a folder of the image too'),
  })
  const token = join(parent, 'here/token')
  await writeFile(token, await readFile(join(data, 'admin/first-admin-token')), { mode: 0o600 })
  expect((await ailab('files', 'ls', 'users/admin', '--token-file', 'here/token')).stdout).toContain('my notes.txt')
})

// Trouble (first-hour): a file of a backup is downloaded into the container of the command, and is gone with it
test('a file of a backup comes down to the host, and its restore stays in the lab', async () => {
  expect(await ailab('backup', 'now')).toMatchObject({ code: 0 })
  const path = 'users/admin/my notes.txt'
  for (const file of ['here/of backup.txt', join(parent, 'here/of backup too.txt')]) {
    expect(await ailab('backup', 'get', 'newest', path, file)).toMatchObject({ code: 0, stdout: `${file}\n` })
    expect(await readFile(resolve(parent, file), 'utf8')).toBe('hello')
  }
  await rm(join(parent, 'my notes.txt'), { force: true })
  expect(await ailab('backup', 'get', 'newest', path)).toMatchObject({ code: 0, stdout: 'my notes.txt\n' })
  expect(await readFile(join(parent, 'my notes.txt'), 'utf8')).toBe('hello')
  expect(await ailab('backup', 'get', 'newest', path, '/usr/notes.txt')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('/usr is a folder of the image too'),
  })
  expect(await ailab('backup', 'restore', 'newest', path, '--in-place')).toMatchObject({ code: 0 })
})

// Trouble (first-hour): a whole lab is restored into the container of the command, and is gone with it
test('a backup is restored into a folder of the host that is not there yet', async () => {
  expect(await ailab('backup', 'now')).toMatchObject({ code: 0 })
  const restored = await ailab(
    'restore',
    '--to',
    'new/lab',
    '--key',
    'backup.key',
    '--from',
    join(data, 'admin/backups'),
  )
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('is restored') })
  expect(await readFile(join(parent, 'new/lab/users/admin/my notes.txt'), 'utf8')).toBe('hello')
})

test('migrate takes a relative path of the host with a blank', async () => {
  await mkdir(join(parent, 'old data/shared'), { recursive: true })
  await writeFile(join(parent, 'old data/shared/weather.csv'), 'day,rain\n')
  const planned = await ailab('migrate', '--from', 'old data')
  expect(planned.stdout).toContain(`From ${parent}/old data to ${data}`)
  expect(planned.stdout).not.toContain('Containers that still use')
  expect((await ailab('migrate', '--from=old data', '--apply')).code).toBe(0)
  expect(await readFile(join(data, 'shared/weather.csv'), 'utf8')).toBe('day,rain\n')
})

// Trouble (worst): the backend's container restarts without end, so `docker exec` into it fails
test('rebuild makes the database again while the container of the backend cannot run', async () => {
  await docker('stop', own.backend, own.gateway)
  await rm(join(data, 'admin'), { recursive: true })
  const missing = await doctor()
  expect(missing.of('data-root')).toMatchObject({ status: 'problem' })
  expect(missing.of('data-root').detail + missing.of('data-root').remedy).toContain('bin/ailab rebuild')
  const { code, stdout } = await ailab('rebuild')
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${data}/admin/first-admin-token`)])
  await docker('start', own.backend, own.gateway)
  await expect.poll(health, { timeout: 60_000 }).toBe('healthy')
  const token = await readFile(join(data, 'admin/first-admin-token'), 'utf8')
  expect(await isAdministrator(token.trim())).toBe(true)
})

test('forget-root refuses while the data root is there', async () => {
  const { code, stderr } = await ailab('forget-root', '--yes')
  expect([code, stderr]).toEqual([1, expect.stringContaining(data)])
})

test('uninstall refuses while the backend runs, and removes its containers afterwards', async () => {
  const rootId = (await readFile(join(data, '.ai-lab-root'), 'utf8')).trim()
  const refused = await ailab('uninstall', '--yes')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('A service works on this data root')])
  const down = await composeIn(folder, ['--env-file', 'production.env', 'down'])
  expect(down).toContain(own.gateway)
  expect(await probesOf(rootId)).toEqual([])
  expect(await witnessesOf(rootId)).toHaveLength(1)
  const { code, stdout } = await ailab('uninstall', '--yes')
  expect([code, stdout]).toEqual([0, expect.stringContaining(`the data root ${data} with all its files`)])
  expect(await witnessesOf(rootId)).toEqual([])
})
