import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { docker } from './support/docker.ts'
import { ailab, startLab } from './support/doctor.ts'
import { createNotebook } from './support/notebook.ts'
import { project } from './support/service.ts'

const execute = promisify(execFile)

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

test('the doctor finds nothing wrong with a healthy lab, whether its service runs or was killed', async () => {
  await using lab = await startLab()
  await lab.settings({ HOST_DATA_PATH: lab.service.dataDir })
  const running = await lab.examine()
  expect(running).toMatchObject({ code: 0, status: 'ok', fixes: [] })
  expect(running.of('proof')).toMatchObject([{ status: 'ok' }])
  expect(running.of('service')).toMatchObject([{ status: 'ok', detail: expect.stringContaining('healthy') }])

  expect(running.of('backups')).toMatchObject([{ status: 'note', summary: expect.stringContaining('on the disk of') }])

  await lab.service.end('SIGKILL')
  const killed = await lab.examine()
  expect(killed).toMatchObject({ code: 0, status: 'ok' })
  expect(killed.of('service')).toMatchObject([{ status: 'note', detail: expect.stringContaining('nobody listens') }])
  expect((await lab.doctor()).code).toBe(0)
})

// Trouble (doctor): the service ends because its database is damaged, and the doctor says that nothing is wrong
test('the doctor names a damaged database and its cure', async () => {
  await using lab = await startLab()
  await lab.settings({})
  await lab.service.end()
  const file = join(lab.service.dataDir, 'admin/ai-lab.db')
  await writeFile(file, (await readFile(file)).fill(0, 4096 * 2, 4096 * 6))
  const { code, of } = await lab.examine()
  expect(code).toBe(3)
  expect(of('data-root')[0].detail).toContain('ailab rebuild')
  expect((await readdir(join(file, '..'))).filter((name) => name.startsWith('ai-lab.db'))).toEqual(['ai-lab.db'])
})

// Trouble (doctor): `HOST_DATA_PATH` names another folder, and is corrected
test('the doctor finds a HOST_DATA_PATH that names another folder, and corrects it, with a backup', async () => {
  await using lab = await startLab()
  const other = join(lab.folder, 'opt-ai-lab-data')
  await mkdir(join(other, 'shared'), { recursive: true })
  const before = `# ours\r\nPORT=${new URL(lab.service.url).port}\r\n\r\nHOST_DATA_PATH="${other}"  # old\r\nLEGACY_DATA_PATHS=/nonexistent`
  await writeFile(join(lab.folder, 'production.env'), before)

  const found = await lab.examine()
  expect(found).toMatchObject({ code: 3, status: 'problem' })
  const [check] = found.of('host-data-path')
  expect(check).toMatchObject({ status: 'problem', fixable: true })
  expect(check.detail).toContain(other)
  expect(check.detail).toContain(lab.service.dataDir)
  expect(found.of('proof')[0].status).toBe('problem')

  const refused = await lab.doctor(['--fix'])
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('there is nobody to ask here')
  expect(await readFile(join(lab.folder, 'production.env'), 'utf8')).toBe(before)

  const repaired = await lab.doctor(['--fix', '--yes'])
  expect(repaired.output).toContain(
    `change HOST_DATA_PATH in ${lab.folder}/production.env: ${other} -> ${lab.service.dataDir}`,
  )
  expect(repaired.code).toBe(0)
  expect(await readFile(join(lab.folder, 'production.env'), 'utf8')).toBe(
    before.replace(`"${other}"`, lab.service.dataDir),
  )
  expect(await readFile(join(lab.folder, 'production.env.backup'), 'utf8')).toBe(before)

  await writeFile(join(lab.folder, 'production.env'), before)
  expect((await lab.doctor(['--fix', '--yes'])).code).toBe(0)
  expect(await readFile(join(lab.folder, 'production.env.backup.1'), 'utf8')).toBe(before)
})

// Trouble (doctor): `HOST_DATA_PATH` is misspelt
test('the doctor names a misspelt HOST_DATA_PATH beside the right path, and makes no folder', async () => {
  await using lab = await startLab()
  const misspelt = `${lab.service.dataDir.slice(0, -2)}at`
  await lab.settings({ HOST_DATA_PATH: misspelt })
  const { code, of } = await lab.examine()
  expect(code).toBe(3)
  const [check] = of('host-data-path')
  expect(check).toMatchObject({ status: 'problem', summary: 'It names a folder that does not exist.', fixable: true })
  expect(check.detail).toContain(misspelt)
  expect(check.detail).toContain(lab.service.dataDir)
  expect(await isThere(misspelt)).toBe(false)
})

test('Compose reads a path that the doctor quoted; the doctor does not write a path that cannot be quoted', async () => {
  const command = await execute('docker', ['compose', 'version']).then(
    () => ['docker', 'compose'],
    () => ['docker-compose'],
  )
  await using lab = await startLab({}, 'the lab #1')
  await copyFile(join(project, 'docker-compose.production.yml'), join(lab.folder, 'docker-compose.production.yml'))
  await lab.settings({ HOST_DATA_PATH: '/nonexistent', DOCKER_GID: '999' })
  await lab.doctor(['--fix', '--yes'])
  const [program = '', ...args] = [
    ...command,
    '--env-file',
    'production.env',
    '-f',
    'docker-compose.production.yml',
    'config',
  ]
  const { stdout } = await execute(program, args, { cwd: lab.folder })
  expect(stdout).toContain(`source: '${lab.service.dataDir}'`)
  expect((await lab.examine()).of('compose-mount')).toMatchObject([{ status: 'ok' }])

  await using odd = await startLab({}, "the lab's")
  await odd.settings({ HOST_DATA_PATH: '/nonexistent' })
  expect((await odd.examine()).of('host-data-path')).toMatchObject([{ status: 'problem', fixable: false }])
})

// Trouble (doctor): `HOST_DATA_PATH` names a copy, which must not be corrected on a guess
test('the doctor does not correct a HOST_DATA_PATH that names a copy of the data root', async () => {
  await using lab = await startLab()
  const copy = join(lab.folder, 'copy')
  await execute('cp', ['-a', lab.service.dataDir, copy])
  await lab.settings({ HOST_DATA_PATH: copy })
  const { code, of, fixes } = await lab.examine()
  expect([code, fixes]).toEqual([3, []])
  expect(of('host-data-path')[0].detail).toContain(`root ${lab.service.rootId}`)
  expect(of('proof')[0].detail).toContain('a copy of this data root')
})

// Trouble (doctor): a new installation
test('the doctor says that there is no data root yet, and makes nothing', async () => {
  await using lab = await startLab()
  const empty = join(lab.folder, 'new')
  await mkdir(empty)
  await lab.settings({ HOST_DATA_PATH: empty, DATA_DIR: empty })
  const { code, of } = await lab.examine()
  expect(code).toBe(2)
  expect(of('data-root')[0]).toMatchObject({ status: 'warning', summary: 'There is no data root yet.' })
  expect(of('proof')[0].status).toBe('not-checked')
  expect((await lab.doctor(['--fix', '--yes'])).code).toBe(2)
  expect(await readdir(empty)).toEqual([])
})

// Trouble (doctor): the disk of the data root is not mounted
test('the doctor learns from the engine that a data root is missing, and makes nothing in its place', async () => {
  await using lab = await startLab()
  const { dataDir, rootId } = lab.service
  await lab.settings({ HOST_DATA_PATH: dataDir })
  await expect.poll(() => docker('volume', 'ls', '--quiet')).toContain(rootId.slice(0, 8))
  await lab.service.end()
  await rename(dataDir, `${dataDir}.away`)
  await mkdir(dataDir)
  const { code, of } = await lab.examine()
  expect(code).toBe(3)
  expect(of('data-root')[0]).toMatchObject({
    status: 'problem',
    detail: expect.stringContaining(`knows root ${rootId}`),
  })
  expect(await readdir(dataDir)).toEqual([])
})

// Trouble (doctor): the folder of an environment was replaced
test('the doctor names each environment whose folder was replaced', async () => {
  await using lab = await startLab()
  await lab.settings({ HOST_DATA_PATH: lab.service.dataDir })
  const [first, second] = [await createNotebook(lab.service), await createNotebook(lab.service)]
  expect((await lab.examine()).of('proof')).toMatchObject([{ status: 'ok' }])
  const folder = join(lab.service.dataDir, 'users/admin')
  await rename(folder, `${folder}.old`)
  await mkdir(folder, { mode: 0o700 })
  await chown(folder, 1000, 100)
  const { code, of } = await lab.examine()
  expect(code).toBe(3)
  const [proven, ...stale] = of('proof')
  expect(proven.status).toBe('ok')
  expect(stale.every(({ status }) => status === 'problem')).toBe(true)
  for (const { id } of [first, second]) expect(stale.map(({ detail }) => detail).join()).toContain(id)
})

// Trouble (doctor): the disk of a part of the data root is not mounted
test('the doctor names a part of the data root that is missing or belongs to another root', async () => {
  await using lab = await startLab()
  await lab.settings({})
  await rename(join(lab.service.dataDir, 'users'), join(lab.folder, 'users'))
  await mkdir(join(lab.service.dataDir, 'users'))
  const [missing] = (await lab.examine()).of('data-root')
  expect(missing.detail).toContain(`${lab.service.dataDir}/users/.ai-lab-root is missing`)
  await writeFile(join(lab.service.dataDir, 'users/.ai-lab-root'), '11111111-2222-4333-8444-555555555555\n')
  const [foreign] = (await lab.examine()).of('data-root')
  expect(foreign.detail).toContain('names root 11111111-2222-4333-8444-555555555555')
})

// Trouble (doctor): the compose file mounts another folder
test('the doctor finds a compose file that mounts another folder, always or only without --env-file', async () => {
  await using lab = await startLab()
  const { dataDir } = lab.service
  const compose = (source: string, volume = `${source}:/app/ai-lab-data`) =>
    writeFile(
      join(lab.folder, 'docker-compose.production.yml'),
      `services:\n  ai-lab-backend:\n    image: x\n    volumes: ["${volume}"]\n`,
    )
  await lab.settings({ HOST_DATA_PATH: dataDir })
  await compose('./elsewhere')
  const [other] = (await lab.examine()).of('compose-mount')
  expect(other.status).toBe('problem')
  expect(other.detail).toContain(`${lab.folder}/elsewhere`)
  expect(other.detail).toContain(dataDir)

  await compose('$' + '{HOST_DATA_PATH:-./elsewhere}')
  const without = await lab.examine()
  expect(without.code).toBe(2)
  expect(without.of('compose-mount').map(({ status }) => status)).toEqual(['ok', 'warning'])
  expect(without.of('compose-mount')[1].command).toContain('--env-file production.env')

  await compose('data')
  expect((await lab.examine()).of('compose-mount')[0]).toMatchObject({
    status: 'problem',
    summary: expect.stringContaining('volume'),
  })

  await copyFile(join(project, 'docker-compose.production.yml'), join(lab.folder, 'docker-compose.production.yml'))
  await lab.settings({ HOST_DATA_PATH: dataDir, DOCKER_GID: String((await stat('/var/run/docker.sock')).gid) })
  expect((await lab.examine()).of('compose-mount')).toMatchObject([{ status: 'ok' }])
  await writeFile(join(lab.folder, 'docker-compose.production.yml'), 'services: [')
  expect((await lab.examine()).of('compose-mount')[0]).toMatchObject({
    status: 'problem',
    summary: 'It cannot be read.',
  })
})

// Trouble (doctor): `users/<id>` belongs to another user, or is open to others
test('the doctor prints a working command for each personal folder with the wrong owner or mode', async () => {
  await using lab = await startLab({}, "the lab's")
  await lab.settings({})
  const users = join(lab.service.dataDir, 'users')
  for (const [name, mode] of [
    ['demo@ailab.com', 0o500],
    ['eve', 0o755],
  ] as const) {
    await mkdir(join(users, name))
    await writeFile(join(users, name, 'work.txt'), 'x')
    await chmod(join(users, name), mode)
  }
  await chown(join(users, 'eve'), 1000, 100)
  const found = await lab.examine()
  expect(found.code).toBe(3)
  expect(found.of('user-folders')).toMatchObject([
    { status: 'problem', summary: 'demo@ailab.com belongs to 0:0.', fixable: false },
    { status: 'warning', summary: 'eve is open to others (0755).', fixable: false },
  ])
  for (const { command } of found.of('user-folders')) await execute('bash', ['-c', command])
  expect((await lab.examine()).of('user-folders')).toMatchObject([{ status: 'ok' }])
  expect((await stat(join(users, 'demo@ailab.com/work.txt'))).uid).toBe(0)
})

// Trouble (doctor): somebody puts odd names, links and pipes into `users/`
test('odd names, links and pipes in users/ neither steer the terminal nor lead the doctor elsewhere', async () => {
  await using lab = await startLab()
  await lab.settings({})
  const users = join(lab.service.dataDir, 'users')
  await symlink('/etc', join(users, 'bob'))
  await execute('mkfifo', [join(users, 'pipe')])
  await mkdir(Buffer.concat([Buffer.from(`${users}/evil\x1b]0;x\x07'\n`), Buffer.from([0xff, 0x9b])]))
  await mkdir(join(users, 'Upper'))
  const { output } = await lab.doctor()
  expect(output).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
  expect(output).toContain('bob is a link')
  expect(output).toContain('pipe is no folder')
  const odd = (await lab.examine()).of('user-folders').find(({ detail }) => detail.includes('evil'))
  expect(odd).toMatchObject({ status: 'warning', summary: expect.stringContaining('is no user id') })
  expect((await execute('bash', ['-c', odd?.command.replace('ls -ld', 'test -d')])).stderr).toBe('')
})

// Trouble (doctor): the platform's own folders are open to others, or belong to another user
test("the doctor repairs the platform's own folders when they are too open or belong to another user", async () => {
  await using lab = await startLab()
  await lab.settings({})
  const at = (path: string) => join(lab.service.dataDir, path)
  await chmod(at('admin'), 0o755)
  await chmod(at('admin/first-admin-token'), 0o644)
  await chmod(at('users'), 0o777)
  await chmod(at('shared'), 0o700)
  await chown(at('shared'), 0, 0)
  await mkdir(at('users/new'))
  const found = await lab.examine()
  expect(found.code).toBe(3)
  expect(found.of('owners').map(({ summary, fixable }) => [summary, fixable])).toEqual([
    ['users/ is open to others (0777).', true],
    ['admin/ is open to others (0755).', true],
    ['Notebooks cannot read shared/.', true],
    ["The first administrator's token is open to others.", true],
  ])
  const repaired = await lab.examine(['--fix', '--yes'])
  expect(repaired.fixes.map(({ status }) => status)).toEqual(Array(6).fill('done'))
  expect(repaired).toMatchObject({ code: 0, status: 'ok' })
  const modes = await Promise.all(
    ['admin', 'admin/first-admin-token', 'users', 'shared', 'users/new'].map((path) => stat(at(path))),
  )
  expect(modes.map(({ mode }) => (mode & 0o7777).toString(8))).toEqual(['700', '600', '711', '755', '700'])
  expect(modes[4]?.uid).toBe(1000)
})

// Trouble (doctor): the platform's own folders are open to others, or belong to another user
test('the doctor prints working commands that give the folders and markers to the user of the service', async () => {
  await using lab = await startLab()
  await lab.service.end()
  await lab.settings({})
  const { dataDir } = lab.service
  await chown(join(dataDir, 'admin/ai-lab.db'), 1000, 100)
  const found = await lab.examine()
  expect(found.of('owners')).toHaveLength(6)
  for (const { command } of found.of('owners')) await execute('bash', ['-c', command])
  expect((await lab.examine()).of('owners')).toMatchObject([{ status: 'ok' }])
})

test('without an engine, the doctor checks the rest', async () => {
  await using lab = await startLab()
  await lab.settings({ DOCKER_HOST: 'unix:///nonexistent/docker.sock' })
  const { code, of } = await lab.examine()
  expect(code).toBe(3)
  expect(of('engine')[0]).toMatchObject({ status: 'problem', summary: 'It cannot be used.' })
  expect(of('proof')[0].status).toBe('not-checked')
  expect(of('data-root')[0].status).toBe('ok')
})

// Trouble (doctor): data of an earlier platform
test('the doctor finds the data of an earlier platform, and prints the command that migrates it', async () => {
  await using lab = await startLab()
  const legacy = join(lab.folder, 'opt ai-lab-data')
  await mkdir(join(legacy, 'shared'), { recursive: true })
  await lab.settings({ LEGACY_DATA_PATHS: `"${legacy},${lab.service.dataDir}"` })
  const { code, of } = await lab.examine()
  expect(code).toBe(2)
  expect(of('legacy')).toMatchObject([
    { status: 'warning', command: `bin/ailab migrate --from '${legacy}'`, detail: expect.stringContaining('1 entry') },
    { status: 'ok', detail: expect.stringContaining('the data root itself') },
  ])
})

// Trouble (doctor): a user without rights runs the doctor
test('the doctor says what a user without rights could not check, and never calls it ok', async () => {
  await using lab = await startLab()
  await chmod(lab.folder, 0o755)
  await lab.settings({})
  await chmod(join(lab.folder, 'production.env'), 0o600)
  const { code, of } = await lab.examine([], { asUser: '1234:1234' })
  expect(code).toBe(3)
  expect(of('settings')[0].detail).toContain('production.env: cannot be read by uid 1234')
  expect(of('engine')[0]).toMatchObject({ status: 'problem', summary: 'It cannot be used.' })
  expect(of('user-folders')[0]).toMatchObject({ status: 'not-checked', detail: expect.stringContaining('as root') })
})

// Trouble (doctor): `production.env` holds garbage, misspelt names or bytes that are no text
test('the doctor finds misspelt names, unreadable lines and bytes that are no text in production.env', async () => {
  await using lab = await startLab()
  const file = join(lab.folder, 'production.env')
  const port = new URL(lab.service.url).port
  await writeFile(file, `PORT=${port}\nHOST_DATA_PAHT=/srv\nHOST_DATA_PATH /srv\n`)
  const { code, of } = await lab.examine()
  expect(code).toBe(3)
  expect(of('settings')[0].detail).toContain('did you mean HOST_DATA_PATH?')
  expect(of('settings')[1]).toMatchObject({ status: 'warning', detail: expect.stringContaining('line 3') })

  await writeFile(file, Buffer.concat([Buffer.from(`PORT=${port}\n# caf`), Buffer.from([0xe9, 0x0a])]))
  const [bytes] = (await lab.examine()).of('settings')
  expect(bytes).toMatchObject({ status: 'warning', summary: expect.stringContaining('UTF-8') })
  expect((await execute('bash', ['-c', bytes.command])).stdout).toMatch(/^2:/)
})

// Trouble (doctor): the doctor changes a `production.env` that is a link or holds odd bytes
test('the doctor changes a linked production.env in its real place, and keeps every other byte', async () => {
  await using lab = await startLab()
  const real = join(lab.folder, 'etc')
  await mkdir(real)
  const bytes = (path: string) =>
    Buffer.concat([
      Buffer.from(`# caf`),
      Buffer.from([0xe9, 0x0a]),
      Buffer.from(`HOST_DATA_PATH=${path}\nPORT=${new URL(lab.service.url).port}`),
    ])
  await writeFile(join(real, 'lab.env'), bytes('/nonexistent'), { mode: 0o640 })
  await chown(join(real, 'lab.env'), 0, 1000)
  await symlink('etc/lab.env', join(lab.folder, 'production.env'))
  await lab.doctor(['--fix', '--yes'])
  expect(await readFile(join(real, 'lab.env'))).toEqual(bytes(lab.service.dataDir))
  expect(await readFile(join(real, 'lab.env.backup'))).toEqual(bytes('/nonexistent'))
  for (const name of ['lab.env', 'lab.env.backup']) {
    const { mode, gid } = await stat(join(real, name))
    expect([mode & 0o777, gid]).toEqual([0o640, 1000])
  }
  expect((await readdir(real)).toSorted()).toEqual(['lab.env', 'lab.env.backup'])
  expect((await lstat(join(lab.folder, 'production.env'))).isSymbolicLink()).toBe(true)
})

// Trouble (doctor): `production.env` is missing
test('the doctor makes a missing production.env from its example, but only with --fix', async () => {
  await using lab = await startLab()
  const made = join(lab.folder, 'production.env')
  expect((await lab.examine()).of('settings')).toMatchObject([{ status: 'note', fixable: true }])
  expect(await isThere(made)).toBe(false)
  await lab.doctor(['--fix', '--yes'])
  const text = await readFile(made, 'utf8')
  expect(text).toContain(`\nHOST_DATA_PATH=${lab.service.dataDir}\n`)
  expect(text).toContain(`\nDOCKER_GID=${(await stat('/var/run/docker.sock')).gid}\n`)
  expect((await lab.examine()).of('host-data-path')).toMatchObject([{ status: 'ok' }])
})

// Trouble (doctor): a disk is nearly full
test('the doctor reports a disk that is nearly full', async () => {
  await using lab = await startLab()
  const small = join(lab.folder, 'small')
  await mkdir(small)
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', small])
  try {
    await execute('cp', ['-a', `${lab.service.dataDir}/.`, small])
    await lab.settings({ DATA_DIR: small })
    const { of } = await lab.examine()
    expect(of('free-space')[0]).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining('MiB of 8 MiB free'),
    })
  } finally {
    await execute('umount', ['--lazy', small])
  }
})

test('the doctor prints colours only where they are asked for', async () => {
  await using lab = await startLab()
  await lab.settings({})
  expect((await lab.doctor()).output).not.toContain('\x1b')
  expect((await lab.doctor([], { env: { FORCE_COLOR: '1' } })).output).toContain('\x1b[32m✓')
  expect((await ailab(['doctor', '--nonsense'])).code).toBe(1)
})
