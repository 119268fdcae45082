/** The commands of docs/upgrade.md with Compose: from the version of today to one with newer tables, and back. */
import { execFile } from 'node:child_process'
import { chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { tablesOf } from '../support/kept-database.ts'
import { backendImage, buildBackendImage } from './support/backend-image.ts'
import { composeCommand } from './support/compose.ts'
import { docker, removeAllOf } from './support/docker.ts'
import { type Json, project } from './support/service.ts'

const execute = promisify(execFile)
const lab = `ai-lab-upgrade-${process.pid}`
const image = `${lab}/backend:latest`
const composeFile = 'docker-compose.production.yml'

let folder: string
let origin: string
let clone: string
let data: string
let port: number
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab upgrade-'))
  ;[origin, clone, data] = [join(folder, 'origin'), join(folder, 'clone'), join(folder, 'ai-lab-data')]
  port = await freePort()
  await buildBackendImage()
  await mkdir(data)
  await writeFile(join(data, '.ai-lab-begin'), '')
  await chown(data, 1000, 100)
  await commitVersions()
}, 600_000)
afterAll(async () => {
  await shell(`docker-compose --env-file production.env -f ${composeFile} down`).catch(() => {})
  await docker('image', 'rm', '--force', image).catch(() => {})
  await rm(folder, { recursive: true, force: true })
})

/** An origin with two versions: that of today, and one that makes another table and another column. The clone has the first. */
async function commitVersions(): Promise<void> {
  await mkdir(origin)
  const git = (...args: string[]) =>
    execute('git', ['-C', origin, '-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args])
  const commit = async () => {
    await git('add', '.')
    await git('commit', '-qm', 'A version')
  }
  await git('init', '-q', '-b', 'main')
  await copyFile(join(project, composeFile), join(origin, composeFile))
  await writeFile(join(origin, 'Dockerfile'), `FROM ${backendImage}\n`)
  await commit()
  await execute('git', ['clone', '-q', origin, clone])
  const today = await readFile(join(project, 'src/database/migrations.ts'), 'utf8')
  const newer = today.replace(
    /^\}\n\n\/\*\* In order\. \*\/$/m,
    `  '9999-of-tomorrow': {
    async up(db: Kysely<unknown>) {
      await db.schema.createTable('of_tomorrow').addColumn('id', 'text').execute()
      await db.schema.alterTable('environments').addColumn('of_tomorrow', 'text').execute()
    },
  },
$&`,
  )
  expect(newer).not.toBe(today)
  await writeFile(join(origin, 'migrations.ts'), newer)
  await writeFile(join(origin, 'Dockerfile'), `FROM ${backendImage}\nCOPY migrations.ts src/database/migrations.ts\n`)
  await commit()

  const { gid } = await stat('/var/run/docker.sock')
  const settings = {
    HOST_DATA_PATH: data,
    DOCKER_GID: String(gid),
    HOST: '127.0.0.1',
    PORT: String(port),
    GATEWAY_PORT: String(await freePort()),
    LAB_NAME: lab,
    COMPOSE_PROJECT_NAME: lab,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
  await writeFile(join(clone, 'production.env'), lines.join(''))
}

/** The commands of each block below a heading of docs/upgrade.md, without those that make images of this very machine. */
async function blocksOf(heading: string): Promise<string[]> {
  const text = await readFile(join(project, 'docs/upgrade.md'), 'utf8')
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? ''
  return Array.from(section.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm), ([, block = '']) =>
    block.replace(/^ +/gm, '').replace(/^bin\/ailab.*$/gm, ''),
  )
}

async function shell(script: string, env: Record<string, string> = {}): Promise<string> {
  const command = (await composeCommand()).join(' ')
  const typed = script.replace(/^docker-compose /gm, `${command} `).replaceAll('localhost:5555', `127.0.0.1:${port}`)
  const { stdout } = await execute('bash', ['-euc', typed], {
    cwd: clone,
    env: { ...process.env, DATA: data, ...env },
    maxBuffer: 2 ** 24,
  })
  return stdout
}

async function call(method: string, path: string, token: string | null, body?: object): Promise<Json> {
  const headers = {
    prefer: 'wait=50',
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json' }),
  }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
  return await response.json()
}

const log = () => docker('logs', `${lab}-backend`)
const stateOf = (id: string) => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}} {{.State.Running}}', id)
const tables = () => tablesOf(join(data, 'admin/ai-lab.db'))
const usersOf = async (token: string) => (await call('GET', '/api/users', token)).items.map(({ id }: Json) => id)
// It is `starting` until the new backend has looked whether it answers.
const statusOf = async (id: string, token: string) => (await call('GET', `/api/environments/${id}`, token)).status

async function untilReady(): Promise<void> {
  await shell(
    `curl -sf -o /dev/null --retry 60 --retry-delay 1 --retry-all-errors http://localhost:5555/api/health/ready`,
  )
}

// Trouble (worst): an upgrade changes the tables, and the lab wants to go back
test('the commands of docs/upgrade.md upgrade a lab in Compose and bring it back, and its environments go on', async () => {
  const [note = '', upgrade = '', look = ''] = await blocksOf('Upgrade')
  const [, putBack = '', startEarlier = ''] = await blocksOf('Roll back')
  await shell(`docker-compose --env-file production.env -f ${composeFile} up -d --build`)
  await untilReady()
  const rootId = (await readFile(join(data, '.ai-lab-root'), 'utf8')).trim()
  try {
    const token = (await readFile(join(data, 'admin/first-admin-token'), 'utf8')).trim()
    const { id, status } = await call('POST', '/api/environments', token, { template: 'jupyterlab' })
    expect(status).toBe('running')
    await call('POST', '/api/users', token, { id: 'before@ailab.com' })
    const running = await stateOf(id)
    const ofToday = String(tables())

    const commit = (await shell(note)).trim()
    await shell(upgrade)
    await shell(look)
    expect(tables()).toBe('9999-of-tomorrow')
    expect(await log()).toContain('a copy of the database was kept')
    const copies = await readdir(join(data, 'admin/database-copies'))
    expect(copies).toEqual([expect.stringMatching(`^ai-lab-${ofToday}-`)])
    expect(await usersOf(token)).toContain('before@ailab.com')
    await expect.poll(() => statusOf(id, token)).toBe('running')
    await call('POST', '/api/users', token, { id: 'after@ailab.com' })

    const env = { COMMIT: commit, COPY: join(data, 'admin/database-copies', copies[0] ?? '') }
    await shell(startEarlier, env)
    const detail = async () => (await call('GET', '/api/health', null)).checks.data_root.detail
    await expect
      .poll(() => detail().catch(() => ''), { timeout: 30_000 })
      .toContain('its tables are of 9999-of-tomorrow')
    expect(tables()).toBe('9999-of-tomorrow')

    await shell(putBack, env)
    await shell(startEarlier, env)
    await untilReady()
    expect(tables()).toBe(ofToday)
    const users = await usersOf(token)
    expect([users.includes('before@ailab.com'), users.includes('after@ailab.com')]).toEqual([true, false])
    await expect.poll(() => statusOf(id, token)).toBe('running')
    expect(await stateOf(id)).toBe(running)
    const { uid, gid, mode } = await stat(join(data, 'admin/ai-lab.db'))
    expect([uid, gid, mode & 0o777]).toEqual([1000, 100, 0o600])
  } finally {
    await shell(`docker-compose --env-file production.env -f ${composeFile} down`)
    await removeAllOf(rootId, data)
  }
})
