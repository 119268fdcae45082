import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ailab } from './support/doctor.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { startService } from './support/service.ts'
import { createTiny, createTinyFolder } from './support/tiny.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-uninstall-'))
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

// Trouble (first-hour): somebody wants to be rid of the platform, and nothing says what it left in the engine
test('ailab uninstall removes all that one data root has in the engine, keeps its files, and leaves another root alone', async () => {
  await using engine = await startOwnEngine(folder, 'debian:trixie-slim')
  await using tiny = await createTinyFolder('uninstall')
  const common = { ...tiny.catalog, DOCKER_HOST: engine.socket }
  const start = (name: string) =>
    startService({
      env: { ...common, DATA_DIR: join(folder, name) },
      folder: join(folder, name),
      through: engine.inItsNetwork,
    })
  await using service = await start('lab')
  await using other = await start('other')
  const mine = await createTiny(service)
  const theirs = await createTiny(other)
  expect([mine.status, theirs.status]).toEqual(['running', 'running'])
  await writeFile(join(service.dataDir, 'users/admin/thesis.txt'), 'kept')
  const all = (of: string) => engine.docker(of, 'ls', ...(of === 'container' ? ['--all'] : []))
  const uninstall = (root: string, ...more: string[]) =>
    ailab(['uninstall', ...more], { env: { ...common, DATA_DIR: join(folder, root) } })

  const refused = await uninstall('lab', '--yes')
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('A service works on this data root') })
  expect(await all('container')).toContain(mine.id)

  await service.end()
  const unasked = await uninstall('lab')
  expect(unasked).toMatchObject({ code: 1, output: expect.stringContaining('With --yes it is done') })
  expect(await all('container')).toContain(mine.id)

  const done = await uninstall('lab', '--yes')
  expect(done.code).toBe(0)
  expect(done.output).toContain(`${mine.id} of admin (running)`)
  expect(done.output).toContain(`the data root ${service.dataDir} with all its files`)
  expect(done.output).toContain('the network ai-lab-environments, which other environments use')
  const containers = await all('container')
  expect(containers).not.toContain(mine.id)
  expect(containers).toContain(theirs.id)
  expect(await all('volume')).not.toContain(service.rootId.slice(0, 8))
  expect(await all('volume')).toContain(other.rootId.slice(0, 8))
  expect(await readFile(join(service.dataDir, 'users/admin/thesis.txt'), 'utf8')).toBe('kept')

  await other.end()
  expect(await uninstall('other', '--yes')).toMatchObject({ code: 0 })
  expect(await all('container')).not.toContain('ai-lab-')
  expect(await all('network')).not.toContain('ai-lab-')
  expect(await all('volume')).not.toContain('ai-lab-')

  // The data is a whole lab still: a service makes the environment again.
  await service.startAgain()
  const status = async () => (await service.call('GET', `/api/environments/${mine.id}`)).body.status
  await expect.poll(status, { timeout: 30_000 }).toBe('running')
})

test('ailab uninstall refuses a folder that is no data root', async () => {
  const { code, output } = await ailab(['uninstall', '--yes'], { env: { DATA_DIR: join(folder, 'nowhere') } })
  expect([code, output]).toEqual([1, expect.stringContaining('is no data root')])
})
