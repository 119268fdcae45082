/** Two labs on one machine, each in Compose, from clones in folders of one name. */
import { chown, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { backendImage, buildBackendImage } from './support/backend-image.ts'
import { composeIn } from './support/compose.ts'
import { docker, removeAllOf } from './support/docker.ts'
import { ailab } from './support/doctor.ts'
import { type Json, project } from './support/service.ts'

const names = ['ai-lab-one', 'ai-lab-two'] as const
type Name = (typeof names)[number]

let parent: string
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'ai-lab-two-labs-'))
  await buildBackendImage()
  for (const name of names) await docker('tag', backendImage, `${name}/backend:latest`)
}, 600_000)
afterAll(async () => {
  for (const name of names) {
    await compose(name, 'down').catch(() => {})
    const data = join(folderOf(name), 'ai-lab-data')
    await removeAllOf((await readFile(join(data, '.ai-lab-root'), 'utf8').catch(() => 'none')).trim(), data)
    await docker('image', 'rm', `${name}/backend:latest`)
  }
  await rm(parent, { recursive: true, force: true })
})

function folderOf(name: Name): string {
  return join(parent, name, 'clone')
}

function compose(name: Name, ...args: string[]): Promise<string> {
  return composeIn(folderOf(name), ['--env-file', 'production.env', ...args])
}

/** Starts a lab; gives a function that asks for its health. */
async function startLab(name: Name): Promise<() => Promise<string>> {
  const folder = folderOf(name)
  const data = join(folder, 'ai-lab-data')
  await mkdir(data, { recursive: true })
  await chown(data, 1000, 100)
  await writeFile(join(data, '.ai-lab-begin'), '')
  await copyFile(join(project, 'docker-compose.production.yml'), join(folder, 'docker-compose.production.yml'))
  const port = await freePort()
  const settings = {
    LAB_NAME: name,
    COMPOSE_PROJECT_NAME: name,
    HOST: '127.0.0.1',
    PORT: String(port),
    GATEWAY_PORT: String(await freePort()),
    HOST_DATA_PATH: data,
    DOCKER_GID: String((await stat('/var/run/docker.sock')).gid),
    LEGACY_DATA_PATHS: '/nonexistent',
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(join(folder, 'production.env'), lines.join(''))
  await compose(name, 'up', '--detach')
  return () =>
    fetch(`http://127.0.0.1:${port}/api/health`).then(
      async (response) => ((await response.json()) as Json).status,
      () => 'not there',
    )
}

// Trouble (input): a second lab in a folder of the same name replaces the containers of the first
test('two clones in folders of one name run beside each other, and the end of one leaves the other alone', async () => {
  const first = await startLab('ai-lab-one')
  await expect.poll(first, { timeout: 60_000 }).toBe('healthy')
  const idOf = () => docker('inspect', '--format', '{{.Id}}', 'ai-lab-one-backend')
  const before = await idOf()
  const second = await startLab('ai-lab-two')
  await expect.poll(second, { timeout: 60_000 }).toBe('healthy')
  expect([await first(), await idOf()]).toEqual(['healthy', before])

  const { output } = await ailab(['--folder', folderOf('ai-lab-one'), 'doctor', '--json'])
  const checks = JSON.parse(output.slice(output.indexOf('{'))).checks
  const of = (id: string) => checks.find((check: Json) => check.id === id)
  expect(of('settings')).toMatchObject({ status: 'ok' })
  expect(of('backend-container')).toMatchObject({ status: 'ok', summary: expect.stringContaining('It runs') })

  await compose('ai-lab-two', 'down')
  expect([await first(), await second(), await idOf()]).toEqual(['healthy', 'not there', before])
})
