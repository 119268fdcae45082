/** A restore that was practised: the data root and the engine are wiped, and the lab comes back from its last backup. */
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { printedBlocks } from '../support/printed.ts'
import { ailab } from './support/doctor.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { project, type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf } from './support/tiny.ts'

const person = 'demo@ailab.com'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-restore-'))
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a job of the service to its end, and gives its result. */
async function ended(service: RunningService, path: string, body: object = {}) {
  const answer = await service.call('POST', path, { body, headers: { prefer: 'wait=55' } })
  expect(answer.body, JSON.stringify(answer.body.failure ?? answer.body)).toMatchObject({ status: 'done' })
  return answer.body.result
}

/** The database was copied during its own backup, so a restored service first ends that job. */
async function untilBackupEnded(service: RunningService): Promise<void> {
  const backups = async () => (await service.call('GET', '/api/jobs?kind=backup')).body.items
  await expect.poll(backups, { timeout: 60_000 }).toMatchObject([{ status: 'done' }])
}

async function peopleOf(service: RunningService): Promise<string[]> {
  return (await service.call('GET', '/api/users')).body.items.map(({ id }: { id: string }) => id)
}

// Trouble (files): the disk of the data root is lost
test('after the data root and the engine are wiped, the last backup gives the same people, environments and files, and the proof holds', async () => {
  await using engine = await startOwnEngine(folder, 'debian:trixie-slim')
  await using tiny = await createTinyFolder('restore')
  const repository = join(folder, 'another-disk')
  await mkdir(repository)
  const key = join(folder, 'backup.key')
  const common = { ...tiny.catalog, DOCKER_HOST: engine.socket, BACKUP_REPOSITORY: repository, BACKUP_KEY_FILE: key }
  const home = join(folder, 'lab')
  await mkdir(home)
  await using service = await startService({ env: common, folder: home, through: engine.inItsNetwork })
  const { dataDir, rootId, adminToken } = service
  await service.call('POST', '/api/users', { body: { id: person } })
  const environment = await createTiny(service, { user_id: person })
  expect(environment.status).toBe('running')
  const own = join(dataDir, 'users', person)
  await mkdir(join(own, 'notebooks'))
  await writeFile(join(own, 'notebooks/thesis.ipynb'), 'the work of a year')
  await writeFile(join(own, 'closed'), 'for nobody', { mode: 0 })
  await symlink('/etc/passwd', join(own, 'a link'))
  for (const name of ['notebooks', 'notebooks/thesis.ipynb', 'closed']) await chown(join(own, name), 1000, 100)
  await writeFile(join(dataDir, 'shared/datasets/one.csv'), 'a,b\n1,2\n')
  const result = await ended(service, '/api/admin/backups')
  expect(result).toMatchObject({ left_out: [], unread_files: 0 })
  const people = await peopleOf(service)

  await service.end()
  for (const id of (await engine.docker('ps', '--all', '--quiet')).split('\n').filter(Boolean)) {
    await engine.docker('rm', '--force', '--volumes', id)
  }
  for (const name of (await engine.docker('volume', 'ls', '--quiet')).split('\n').filter(Boolean)) {
    await engine.docker('volume', 'rm', name)
  }
  await rm(dataDir, { recursive: true })

  const env = { ...common, DATA_DIR: dataDir }
  const listed = await ailab(['restore', '--list'], { env })
  expect(listed).toMatchObject({ code: 0, output: expect.stringContaining(`${result.backup_id}  1 person`) })
  const restored = await ailab(['restore'], { env })
  expect(restored).toMatchObject({ code: 0, output: expect.stringContaining(result.backup_id) })
  const again = await ailab(['restore'], { env })
  expect(again).toMatchObject({ code: 1, output: expect.stringContaining('is not empty') })

  await service.startAgain()
  expect(await peopleOf(service)).toEqual(people)
  await service.learn()
  expect([service.rootId, service.adminToken]).toEqual([rootId, adminToken])
  const status = async () => (await environmentOf(service, environment.id)).status
  await expect.poll(status, { timeout: 60_000 }).toBe('running')
  expect(await readFile(join(own, 'notebooks/thesis.ipynb'), 'utf8')).toBe('the work of a year')
  expect(await stat(join(own, 'closed'))).toMatchObject({ uid: 1000, gid: 100, size: 10 })
  expect((await stat(own)).uid).toBe(1000)
  expect(await readFile(join(dataDir, 'shared/datasets/one.csv'), 'utf8')).toBe('a,b\n1,2\n')
  const proof = async () => (await service.call('POST', '/api/data/consistency')).body.status
  await expect.poll(proof, { timeout: 30_000 }).toBe('proven')

  await untilBackupEnded(service)
  // The restored lab is a whole lab: it is backed up again, in the same repository.
  await ended(service, '/api/admin/backups')
  const restore = { user_id: person, path: 'notebooks/thesis.ipynb', in_place: true }
  await writeFile(join(own, 'notebooks/thesis.ipynb'), 'spoilt')
  await ended(service, `/api/admin/backups/${result.backup_id}/restore`, restore)
  expect(await readFile(join(own, 'notebooks/thesis.ipynb'), 'utf8')).toBe('the work of a year')
})

/** The commands below a heading of docs/backups.md. */
async function printedBelow(heading: string): Promise<string> {
  const text = await readFile(join(project, 'docs/backups.md'), 'utf8')
  const block = printedBlocks(text.slice(text.indexOf(`\n### ${heading}\n`))).at(0)
  return block ? block.lines.join('\n') : ''
}

// Trouble (files): somebody spoils everybody's files, and the whole lab has to go back to its last backup
test('a lab that was spoilt goes back to its last backup in place, and what was there stays aside', async () => {
  await using engine = await startOwnEngine(folder, 'debian:trixie-slim')
  await using tiny = await createTinyFolder('restore-in-place')
  const home = join(folder, 'spoilt lab')
  await mkdir(home)
  const common = { ...tiny.catalog, DOCKER_HOST: engine.socket, BACKUP_KEY_FILE: join(home, 'backup.key') }
  await using service = await startService({ env: common, folder: home, through: engine.inItsNetwork })
  const { dataDir } = service
  const environment = await createTiny(service)
  const owned = join(dataDir, 'users/admin')
  await writeFile(join(owned, 'thesis'), 'the work of a year')
  await ended(service, '/api/admin/backups')
  await writeFile(join(owned, 'thesis'), 'spoilt')
  await service.call('POST', '/api/users', { body: { id: person } })

  await service.end()
  // The settings name another folder, as those of a lab in Compose do on its host.
  const env = {
    ...process.env,
    ...common,
    DATA_DIR: join(home, 'elsewhere'),
    DATA: dataDir,
    NODE_OPTIONS: '',
    VITEST: '',
  }
  const goBack = async () =>
    await promisify(execFile)('bash', ['-euc', await printedBelow('Go back in place')], { cwd: project, env })
  await goBack()
  await goBack() // a second time, to another backup for example
  await service.startAgain()
  expect(await readFile(join(owned, 'thesis'), 'utf8')).toBe('the work of a year')
  const aside = (await readdir(dataDir)).filter((name) => name.startsWith('before-')).sort()
  const put = await Promise.all(aside.map((name) => readFile(join(dataDir, name, 'users/admin/thesis'), 'utf8')))
  expect(put).toEqual(['spoilt', 'the work of a year'])
  expect(await peopleOf(service)).not.toContain(person)
  const status = async () => (await environmentOf(service, environment.id)).status
  await expect.poll(status, { timeout: 60_000 }).toBe('exited')
  await service.call('POST', `/api/environments/${environment.id}/start`)
  await expect.poll(status, { timeout: 60_000 }).toBe('running')
  const seen = await engine.docker('exec', environment.id, 'cat', '/home/jovyan/data/thesis')
  expect(seen).toBe('the work of a year')
  const proof = async () => (await service.call('POST', '/api/data/consistency')).body.status
  await expect.poll(proof, { timeout: 30_000 }).toBe('proven')
  // The repository goes on with the lab.
  await untilBackupEnded(service)
  await ended(service, '/api/admin/backups')
  expect((await service.call('GET', '/api/admin/backups')).body.items).toHaveLength(2)
})
