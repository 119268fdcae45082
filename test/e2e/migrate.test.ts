import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ailab, startAilab } from './support/ailab.ts'
import { docker } from './support/docker.ts'
import { untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'

const execute = promisify(execFile)

let folder: string
let legacy: string
let service: RunningService
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  legacy = join(folder, 'opt-ai-lab-data')
  service = await startService({ folder })
  for (const id of ['demo@ailab.com', 'a.b@x', 'a_b@x']) {
    expect((await service.call('POST', '/api/users', { body: { id } })).status).toBe(201)
  }
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const migrate = (...args: string[]) => ailab(['migrate', '--from', legacy, ...args], { DATA_DIR: service.dataDir })

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(legacy, path, '..'), { recursive: true })
  await writeFile(join(legacy, path), text)
}

/** The entries of a folder, to compare: kind, mode, owner, time and path of each, and the size of files. */
function listing(path: string): Promise<string> {
  const format = '%y %m %U:%G %T@ %P'
  return shell(`find '${path}' -type f -printf '${format} %s\\n' -o -printf '${format} %l\\n' | sort`)
}

describe('a legacy root of a few people:', () => {
  const container = `ai-lab-e2e-legacy-${process.pid}`
  beforeAll(async () => {
    await put('shared/readme.md', 'as it was in the legacy root')
    await put('shared/datasets/cars.csv', 'a,b')
    await put('users/demo_at_ailab_com/notebooks/first.ipynb', '{}')
    await put('users/a_b_at_x/thesis.tex', 'whose is it?')
    await put('users/gone_at_ailab_com/old.txt', 'of one who left')
    await put('admin/backups/backup_demo_1700000000.zip', 'zip')
    await put('admin/platform.db', 'not ours')
    await put('models/llm.bin', 'at no known place')
    await put(
      'resource_tracking.json',
      `{"user_environments": {"demo@ailab.com": ["${container}"]}, "allocated_ports": []}`,
    )
    await put('users/demo_at_ailab_com/\u001b[31mred', 'a name that would paint the terminal')
    await execute('chown', ['-R', '1000:100', join(legacy, 'users/demo_at_ailab_com')])
    await writeFile(join(service.dataDir, 'shared/readme.md'), 'as it is here')
    const mount = `type=bind,source=${join(legacy, 'users/demo_at_ailab_com')},target=/home/jovyan/work`
    await docker('create', '--name', container, '--mount', mount, 'debian:trixie-slim', 'true')
  })
  afterAll(async () => {
    await docker('rm', '--force', container)
    await rm(legacy, { recursive: true })
  })

  test('ailab migrate without --apply says what it would do, and changes nothing', async () => {
    const before = [
      await listing(legacy),
      await listing(join(service.dataDir, 'shared')),
      await listing(join(service.dataDir, 'users')),
    ]
    const { code, stdout, stderr } = await migrate()
    expect(stderr).toBe('')
    expect(stdout).toContain('  users/demo_at_ailab_com -> users/demo@ailab.com: 2 new')
    expect(stdout).toContain('shared/readme.md -> readme.md.from-legacy')
    expect(stdout).toContain('  # a_b_at_x = a.b@x\n  # a_b_at_x = a_b@x\n')
    expect(stdout).toContain('  gone_at_ailab_com = \n')
    expect(stdout).toContain('models: a folder at no place that the platform knows')
    expect(stdout).toContain('admin/platform.db')
    expect(stdout).toMatch(/needed for .*, .* free: it fits\./)
    expect(stdout).toContain(`/api/data/orphans/${container}/adopt`)
    expect(stdout).toContain('{"user_id":"demo@ailab.com","template":"jupyterlab"}')
    expect(stdout).toContain(`/api/environments/${container}/recreate`)
    expect(stdout).toContain(`bin/ailab migrate --from ${legacy} --apply`)
    expect(stdout).not.toContain('\u001b')
    expect(code).toBe(2)
    expect([
      await listing(legacy),
      await listing(join(service.dataDir, 'shared')),
      await listing(join(service.dataDir, 'users')),
    ]).toEqual(before)
    expect(await readdir(join(service.dataDir, 'admin'))).not.toContain('migrations')
  })

  test('ailab migrate merges the files, keeps both sides of a conflict, and writes a report', async () => {
    const before = await listing(legacy)
    const { code, stdout } = await migrate('--apply')
    expect(code).toBe(2)
    expect(stdout).toContain('The rest waits for your decision')
    const here = (path: string) => readFile(join(service.dataDir, path), 'utf8')
    expect(await here('shared/readme.md')).toBe('as it is here')
    expect(await here('shared/readme.md.from-legacy')).toBe('as it was in the legacy root')
    expect(await here('users/demo@ailab.com/notebooks/first.ipynb')).toBe('{}')
    expect(await here('admin/backups/legacy/backup_demo_1700000000.zip')).toBe('zip')
    expect((await readdir(join(service.dataDir, 'users'))).sort()).toEqual(['.ai-lab-root', 'demo@ailab.com'])
    const report = JSON.parse(await readFile(/The whole report: (.*)/.exec(stdout)?.[1] ?? '', 'utf8'))
    expect(report).toMatchObject({
      applied: true,
      exitCode: 2,
      checksum: 'sha256',
      copied: { files: 5, failed: [], cutShort: null },
      unknown: [
        { folder: 'a_b_at_x', candidates: ['a.b@x', 'a_b@x'] },
        { folder: 'gone_at_ailab_com', candidates: [] },
      ],
      containers: { owners: { [container]: 'demo@ailab.com' }, onLegacy: [{ name: container, state: 'created' }] },
    })
    expect(await listing(legacy)).toBe(before)
  })

  // Trouble (migration): nobody can tell who owns a legacy folder
  test('ailab migrate finishes with a mapping file, and then has nothing left to do', async () => {
    const map = join(folder, 'map.txt')
    await writeFile(map, '# who is who\na_b_at_x = a_b@x\ngone_at_ailab_com = gone@ailab.com\n')
    await rm(join(legacy, 'models'), { recursive: true })
    const { code, stdout } = await migrate('--map', map, '--apply')
    expect(stdout).toContain('All is migrated.')
    expect(stdout).toContain(`'{"id":"gone@ailab.com"}'`)
    expect(code).toBe(0)
    expect(await readFile(join(service.dataDir, 'users/a_b@x/thesis.tex'), 'utf8')).toBe('whose is it?')
    const again = await migrate('--map', map)
    expect(again.stdout).toContain('There is nothing left to do.')
    expect(again.code).toBe(0)
  })

  test('ailab migrate prints working commands that give the containers to their owners', async () => {
    const { stdout } = await ailab(['migrate', '--from', legacy], {
      DATA_DIR: service.dataDir,
      PUBLIC_URL: service.url,
    })
    const commands = stdout.split('\n').filter((line) => line.startsWith('    curl'))
    expect(commands).toHaveLength(2)
    for (const command of commands) {
      const asked = await execute('sh', ['-c', `${command} --silent --fail-with-body`], {
        env: { ...process.env, TOKEN: service.adminToken },
      })
      expect(JSON.parse(asked.stdout)).toMatchObject({ id: container, user_id: 'demo@ailab.com' })
    }
    expect((await migrate()).stdout).not.toContain('/adopt')
    await service.call('POST', `/api/environments/${container}/start`)
    await untilStatus(service, container, 'running')
    const mounts = await docker('inspect', '--format', '{{range .Mounts}}{{.Source}} {{end}}', container)
    expect(mounts.split(' ')).toContain(join(service.dataDir, 'users/demo@ailab.com'))
    expect(mounts).not.toContain(legacy)
    expect((await migrate()).stdout).not.toContain(container)
    await service.call('DELETE', `/api/environments/${container}`)
  })

  test('ailab migrate prints JSON when asked', async () => {
    const { stdout, stderr } = await migrate('--json')
    expect([JSON.parse(stdout).folders[0].identical.files, stderr]).toEqual([1, ''])
  })

  test('ailab migrate explains a mistake in the mapping file, an unknown folder, and a missing root', async () => {
    const map = join(folder, 'map.txt')
    await writeFile(map, 'a_b_at_x = ../x\nno_such_folder = x@y\n')
    expect(await migrate('--map', map)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('map.txt, line 1: "../x" is no user id'),
    })
    await writeFile(map, 'no_such_folder = x@y\n')
    expect((await migrate('--map', map)).stderr).toContain('no_such_folder')
    expect((await ailab(['migrate'], { DATA_DIR: service.dataDir })).stderr).toContain('--from')
    expect((await ailab(['migrate', '--from', legacy], { DATA_DIR: join(folder, 'none') })).stderr).toContain(
      'does not exist',
    )
  })

  // Trouble (migration): the engine does not answer
  test('ailab migrate works without an engine, and says what it could not check', async () => {
    const { code, stdout } = await ailab(['migrate', '--from', legacy], {
      DATA_DIR: service.dataDir,
      DOCKER_HOST: 'unix:///nonexistent/docker.sock',
    })
    expect([code, stdout]).toEqual([2, expect.stringContaining('Which containers still use')])
  })
})

describe('100,000 small files, a file in two versions and a sparse file of 10 GiB:', () => {
  const count = 100_000
  const many = () => join(legacy, 'shared/many')
  const model = 'users/demo_at_ailab_com/model.bin'
  let before: string
  beforeAll(async () => {
    // The legacy root is in memory, where making and removing so many files is quick; the copies are on the disk.
    await mkdir(legacy)
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=2g,mode=755', 'tmpfs', legacy])
    for (let i = 0; i < 100; i += 1) {
      mkdirSync(join(many(), String(i)), { recursive: true })
      for (let j = 0; j < count / 100; j += 1) writeFileSync(join(many(), `${i}/${j}.txt`), `file ${j} of ${i}`)
    }
    await put('shared/versions/two.txt', 'legacy')
    await mkdir(join(service.dataDir, 'shared/versions'))
    await writeFile(join(service.dataDir, 'shared/versions/two.txt'), 'here')
    await put(model, 'start')
    await truncate(join(legacy, model), 10 * 2 ** 30)
    await shell(`printf middle | dd of='${join(legacy, model)}' bs=1 seek=${5 * 2 ** 30} conv=notrunc`)
    await chown(join(many(), '9'), 1234, 5678)
    await chmod(join(many(), '9'), 0o750)
    // Whole seconds: Node sets times to a quarter of a microsecond.
    await shell(`find '${legacy}' -exec touch -h -d @1500000000 {} +`)
    before = await listing(legacy)
  })
  afterAll(() => execute('umount', [legacy]))

  // Trouble (migration): legacy folder with 100,000 small files and a sparse 10 GiB file, killed half-way
  // Trouble (migration): two migrations at once
  test('ailab migrate copies every file in the end, however often it is killed', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 100_000)
    console.log(`It is killed at random instants. For the same ones: SEED=${seed}`)
    const random = randomFrom(seed)
    for (let kills = 0; kills < 3; kills += 1) await killAfter(random() * 2_500)
    const copied = await copiedFiles()
    expect(copied).toBeGreaterThan(0)
    expect(copied).toBeLessThan(count)

    const { code, stdout, stderr } = await migrate('--apply')
    expect(stderr).toMatch(/^\d+ % {2}[\d,]+ of [\d,]+ files, .* left$/m)
    expect([code, stdout]).toEqual([0, expect.stringContaining('All is migrated.')])
    expect(await listing(legacy)).toBe(before)
  })

  // Trouble (migration): legacy folder with 100,000 small files and a sparse 10 GiB file, killed half-way
  test('the copies have the same checksums, owners, modes and times, and nothing else is left behind', async () => {
    const here = join(service.dataDir, 'shared/many')
    expect(await checksums(here)).toBe(await checksums(many()))
    expect(await listing(here)).toBe(await listing(many()))
    expect(await shell(`find '${service.dataDir}' -name '.ai-lab-migrate-*'`)).toBe('')
  })

  // Trouble (migration): a legacy folder has another version of the same file
  test('ailab migrate keeps both versions of a file', async () => {
    const read = (name: string) => readFile(join(service.dataDir, 'shared/versions', name), 'utf8')
    expect([await read('two.txt'), await read('two.txt.from-legacy')]).toEqual(['here', 'legacy'])
    expect(await readdir(join(service.dataDir, 'shared/versions'))).toHaveLength(2)
  })

  // Trouble (migration): legacy folder with 100,000 small files and a sparse 10 GiB file, killed half-way
  test('the copy of a sparse file takes no more room than the original', async () => {
    const copy = join(service.dataDir, 'users/demo@ailab.com/model.bin')
    const { size, blocks } = await stat(copy)
    expect([size, blocks * 512 < 2 ** 20]).toEqual([10 * 2 ** 30, true])
    expect(await sparseChecksum(copy)).toBe(await sparseChecksum(join(legacy, model)))
  })

  /** Starts a migration, and kills it so many milliseconds after it began to copy. */
  async function killAfter(ms: number): Promise<void> {
    const had = await copiedFiles()
    const { child, ended } = startAilab(['migrate', '--from', legacy, '--apply'], { DATA_DIR: service.dataDir })
    await expect.poll(copiedFiles, { timeout: 30_000, interval: 20 }).toBeGreaterThan(had)
    if (had === 0) expect((await migrate()).stderr).toBe('Another migration into this data root is running.\n')
    await new Promise((resolve) => setTimeout(resolve, ms))
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    expect((await ended).signal).toBe('SIGKILL')
  }

  async function copiedFiles(): Promise<number> {
    const here = join(service.dataDir, 'shared/many')
    const folders = await readdir(here).catch(() => [])
    const names = (await Promise.all(folders.map((name) => readdir(join(here, name))))).flat()
    return names.filter((name) => name.endsWith('.txt')).length
  }
})

// Trouble (migration): root migrates, and after that the user of the service
test('after a migration as root the user of the service can migrate too', async () => {
  await using own = await startService({ env: { DATA_DIR: join(await openFolder(), 'data'), AS_USER: '1000:100' } })
  const from = await openFolder()
  await mkdir(join(from, 'shared'))
  await writeFile(join(from, 'shared/notes.txt'), 'for all')
  const args = ['migrate', '--from', from, '--apply']
  expect(await ailab(args, { DATA_DIR: own.dataDir })).toMatchObject({ code: 0 })
  const asUser = () =>
    ailab(args, { DATA_DIR: own.dataDir }, ['setpriv', '--reuid=1000', '--regid=100', '--clear-groups'])
  expect(await asUser()).toMatchObject({ code: 0 })
  expect(await shell(`find '${own.dataDir}/admin' -not -user 1000`)).toBe('')

  const lock = join(own.dataDir, 'admin/migrate.lock')
  await chown(lock, 0, 0)
  expect((await asUser()).stderr).toBe(
    `${lock} belongs to another user than this one (uid 1000). Run this as root, or give it over: chown 1000:100 ${lock}\n`,
  )
  await rm(own.dataDir, { recursive: true })
})

/** A folder that the user of the service may enter and change. */
async function openFolder(): Promise<string> {
  const path = await mkdtemp(join(folder, 'open-'))
  await chmod(folder, 0o755)
  await chown(path, 1000, 100)
  return path
}

async function shell(command: string): Promise<string> {
  return (await execute('sh', ['-c', command], { maxBuffer: 2 ** 28 })).stdout
}

/** The checksums of all files below a folder, from an independent program. */
function checksums(path: string): Promise<string> {
  return shell(`cd '${path}' && find . -type f -print0 | sort -z | xargs -0 sha256sum`)
}

/** A checksum of a file's data and holes, as tar sees them: reading 10 GiB of holes would take half a minute. */
async function sparseChecksum(path: string): Promise<string> {
  const archive = `tar --create --sparse --hole-detection=seek --owner=0 --group=0 --mode=600 --mtime=@0 --transform='s/.*/file/'`
  return shell(`${archive} --absolute-names --file=- '${path}' | sha256sum`)
}

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
