/** `ailab drill` on the real engine: the living lab must not notice that its backup came to life beside it. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { docker, witnessesAt } from './support/docker.ts'
import { ailab } from './support/doctor.ts'
import { project, type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder } from './support/tiny.ts'

const person = 'demo@ailab.com'

type Mount = { Source: string }

/** Everything that the engine has of this lab: a container that was touched has another state, or another start. */
async function engineSees({ rootId, dataDir }: RunningService): Promise<unknown> {
  const ids = await docker('ps', '--all', '--quiet', '--filter', `label=ai-lab.root=${rootId}`)
  const form = '[{{json .Id}}, {{json .Name}}, {{json .State.Status}}, {{json .State.StartedAt}}, {{json .Mounts}}]'
  const lines = await docker('inspect', '--format', form, ...ids.split('\n').filter(Boolean))
  const containers = lines.split('\n').map((line) => {
    const [id, name, status, startedAt, mounts] = JSON.parse(line) as [string, string, string, string, Mount[]]
    // The engine tells them in any order.
    return {
      id,
      name,
      status,
      startedAt,
      mounts: mounts.toSorted((one, other) => (one.Source < other.Source ? -1 : 1)),
    }
  })
  return { containers, witnesses: await witnessesAt(dataDir) }
}

async function inAdmin({ dataDir }: RunningService): Promise<string[]> {
  return await readdir(join(dataDir, 'admin'))
}

async function drillOf(service: RunningService) {
  return (await service.call('GET', '/api/admin/backups')).body.drill
}

async function backUp(service: RunningService): Promise<string> {
  const answer = await service.call('POST', '/api/admin/backups', { headers: { prefer: 'wait=55' } })
  expect(answer.body, JSON.stringify(answer.body.failure ?? answer.body)).toMatchObject({ status: 'done' })
  return answer.body.result.backup_id
}

/** A person's files that are hard to restore, to read and to remove. */
async function hostileFiles(folder: string): Promise<void> {
  await mkdir(join(folder, 'closed/deep'), { recursive: true })
  await writeFile(join(folder, 'closed/deep/file'), 'work'.repeat(100_000))
  await writeFile(join(folder, 'for nobody'), 'secret', { mode: 0 })
  const all = ['closed/deep/file', 'closed/deep', 'closed', 'for nobody']
  for (const name of all) await chown(join(folder, name), 1000, 100)
  await chmod(join(folder, 'closed/deep'), 0o000)
  await chmod(join(folder, 'closed'), 0o555)
  await chmod(folder, 0o555)
}

/** The processes whose command line names a program. */
async function processesOf(program: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args', '--no-headers'])
  return stdout.split('\n').filter((line) => line.includes(program) && line.includes(project))
}

test('a service without rights, as in Compose, practises a restore: no container is touched, and nothing is left', async () => {
  await using tiny = await createTinyFolder('drill')
  await chown(tiny.folder, 1000, 100)
  const home = await mkdtemp(join(tiny.folder, 'lab-'))
  await chown(home, 1000, 100)
  const env = { ...tiny.catalog, AS_USER: '1000:100', BACKUP_KEY_FILE: join(home, 'backup.key') }
  await using service = await startService({ env, folder: home })
  await service.call('POST', '/api/users', { body: { id: person } })
  expect((await createTiny(service, { user_id: person })).status).toBe('running')
  await hostileFiles(join(service.dataDir, 'users', person))
  const backup = await backUp(service)
  const before = await engineSees(service)
  const told = await ailab(['drill', '--url', service.url], { env: { DATA_DIR: service.dataDir } })
  expect(told).toMatchObject({ code: 0, output: expect.stringContaining(`The backup ${backup} of `) })
  expect(told.output).toContain('A service on it has the same 2 people and 1 environment.')
  expect(await inAdmin(service)).not.toContain('drill')
  expect(await engineSees(service)).toEqual(before)
  expect(await drillOf(service)).toMatchObject({ practised: expect.any(String), backup_id: backup, failure: null })
  expect(await processesOf('src/trial-service.ts')).toEqual([])
  await chmod(join(service.dataDir, 'users', person), 0o755)
})

// Trouble (files): Ctrl-C in the middle of a drill
// Trouble (files): kill -9 of the service in the middle of a drill
test('after Ctrl-C, and after kill -9 and a new start, nothing of a drill is left, and it can be repeated', async () => {
  await using tiny = await createTinyFolder('drill')
  await using service = await startService({
    env: { ...tiny.catalog, BACKUP_KEY_FILE: join(tiny.folder, 'backup.key') },
  })
  const { dataDir } = service
  expect((await createTiny(service)).status).toBe('running')
  await writeFile(join(dataDir, 'shared/large'), Buffer.alloc(150 * 2 ** 20, 'work'))
  await backUp(service)
  const before = await engineSees(service)
  const isThere = async () => (await inAdmin(service)).includes('drill')
  const jobs = async () => (await service.call('GET', '/api/jobs?kind=drill')).body.items
  const left = async () => [await isThere(), await processesOf('src/trial-service.ts')]

  const child = spawn(join(project, 'bin/ailab'), ['drill', '--url', service.url], {
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '', DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (text) => (words += text))
  await expect.poll(isThere, { timeout: 20_000 }).toBe(true)
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect([code, words]).toEqual([1, 'Interrupted.\n'])
  expect(await left()).toEqual([false, []])
  expect(await jobs()).toMatchObject([{ status: 'cancelled' }])

  await service.call('POST', '/api/admin/backups/drill')
  await expect.poll(isThere, { timeout: 20_000 }).toBe(true)
  const { mode } = await stat(join(dataDir, 'admin/drill'))
  expect(mode & 0o777).toBe(0o700)
  await service.end('SIGKILL')
  expect(await isThere()).toBe(true)
  await service.startAgain()
  await expect.poll(async () => (await jobs())[0], { timeout: 60_000 }).toMatchObject({ status: 'done' })
  expect(await left()).toEqual([false, []])
  expect(await drillOf(service)).toMatchObject({ failure: null })
  expect(await engineSees(service)).toEqual(before)
})
