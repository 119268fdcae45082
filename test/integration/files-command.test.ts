// `ailab files`, `ailab data`, `ailab trash` and `ailab backup` as processes of their own, beside a service.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'

const execute = promisify(execFile)

let lab: Lab
let here: string
let options: string[]
beforeAll(async () => {
  lab = await openLab()
  here = await mkdtemp(join(tmpdir(), 'ai-lab-files-'))
  await writeFile(join(here, 'token'), lab.adminToken)
  options = ['--url', `http://127.0.0.1:${await portOf(lab.service.app)}`, '--token-file', join(here, 'token')]
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(here, { recursive: true })
})

const cli = join(import.meta.dirname, '../../src/cli.ts')

/** What the command prints; rejects with its words if it fails. */
async function ailab(...typed: string[]): Promise<string> {
  const env = { ...process.env, HOME: here, DATA_DIR: lab.dataDir }
  return (await execute(process.execPath, [cli, ...typed, ...options], { cwd: here, env })).stdout
}

/** What the command prints, and how it ends. */
async function attempt(...typed: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  return await ailab(...typed).then(
    (stdout) => ({ stdout, stderr: '', code: 0 }),
    (error) => error,
  )
}

test('files are uploaded, listed, found, copied, moved, downloaded, deleted and brought back', async () => {
  await writeFile(join(here, 'a file.txt'), 'hello')
  expect(await ailab('files', 'put', 'a file.txt', 'users/admin/notes/')).toBe('users/admin/notes/a file.txt\n')
  expect(await ailab('files', 'ls', 'users/admin/notes')).toMatch(
    /^5 B {2}\d{4}-\d\d-\d\d \d\d:\d\dZ {2}a file\.txt\n$/,
  )
  expect(await ailab('files', 'find', 'FILE', 'users/admin')).toBe('notes/a file.txt\n')
  await ailab('files', 'mkdir', 'users/admin/more')
  await ailab('files', 'cp', 'users/admin/notes', 'users/admin/more/copy')
  await ailab('files', 'mv', 'users/admin/more/copy/a file.txt', 'users/admin/more/b.txt')
  expect(await ailab('files', 'get', 'users/admin/more/b.txt', 'got.txt')).toBe('got.txt\n')
  expect(await readFile(join(here, 'got.txt'), 'utf8')).toBe('hello')
  expect(await ailab('files', 'checksum', 'users/admin/more/b.txt')).toBe(
    `${createHash('sha256').update('hello').digest('hex')}  users/admin/more/b.txt\n`,
  )
  expect(await ailab('files', 'get', 'users/admin/more')).toBe('more.tar\n')
  expect((await execute('tar', ['-tf', 'more.tar'], { cwd: here })).stdout).toContain('./b.txt\n')
  expect(await ailab('files', 'get', 'users/admin/more', 'pack.zip')).toBe('pack.zip\n')
  expect((await execute('unzip', ['-p', 'pack.zip', 'b.txt'], { cwd: here })).stdout).toBe('hello')
  const id = /restore (\S+)/.exec(await ailab('files', 'rm', 'users/admin/more/b.txt'))?.[1] ?? ''
  expect(await ailab('trash', 'ls')).toContain(`${id}  `)
  expect(await ailab('trash', 'restore', id)).toBe('It is back: more/b.txt\n')
  expect(await ailab('trash', 'ls')).toContain('Nothing from your own folder is in the trash. --shared lists')
  expect(await ailab('trash', 'ls', '--shared')).toBe('Nothing from shared/ is in the trash.\n')
})

// Trouble (files): a name would steer the terminal of whoever lists it
test('a hostile name stays on its line, and is shown for what it is', async () => {
  const name = encodeURIComponent('x\u001b[2J\nusers:admin:innocent')
  await lab.as(lab.adminToken).put(`/api/users/admin/files/odd/${name}`, {}).expect(201)
  const shown = 'x\\x1b[2J\\x0ausers:admin:innocent'
  expect(await ailab('files', 'ls', 'users/admin/odd')).toMatch(/^ *\d+ B {2}\d{4}-\d\d-\d\d \d\d:\d\dZ {2}\S+\n$/)
  expect(await ailab('files', 'ls', 'users/admin/odd')).toContain(`  ${shown}\n`)
  expect(await ailab('files', 'find', 'innocent', 'users/admin/odd')).toBe(`odd/${shown}\n`)
  await ailab('files', 'rm', 'users/admin/odd')
})

test('an upload that cannot be noted says which folder it needs', async () => {
  const env = { ...process.env, HOME: join(here, 'token'), DATA_DIR: lab.dataDir }
  await writeFile(join(here, 'b.txt'), 'b')
  const put = execute(process.execPath, [cli, 'files', 'put', 'b.txt', 'users/admin/', ...options], { cwd: here, env })
  const stderr = `Cannot note the upload in ${join(here, 'token')}/.cache/ailab (not a directory). Set HOME to a folder that you may write to.\n`
  await expect(put).rejects.toMatchObject({ stderr, code: 1 })
})

test('an upload of a file that is not there names the file', async () => {
  const stderr = 'none.txt cannot be read: no such file or directory.\n'
  await expect(ailab('files', 'put', 'none.txt', 'users/admin/')).rejects.toMatchObject({ stderr, code: 1 })
})

test("a refusal is told in the service's own words", async () => {
  await expect(ailab('files', 'get', 'users/admin/none')).rejects.toMatchObject({
    stderr: 'There is no none.\n',
    code: 1,
  })
  await expect(ailab('files', 'ls', 'admin/x')).rejects.toMatchObject({
    stderr: expect.stringContaining('neither in shared/'),
  })
  const elsewhere = ['--url', 'http://127.0.0.1:1', '--token-file', join(here, 'token')]
  await expect(execute(process.execPath, [cli, 'trash', 'ls', ...elsewhere])).rejects.toMatchObject({
    stderr: expect.stringContaining('does not answer'),
  })
})

test('datasets are listed, verified, and copied to own data', async () => {
  const { stdout: before } = await attempt('data', 'ls')
  expect(before).toBe('There is no dataset yet.\n')
  const folder = join(lab.dataDir, 'shared/datasets/rain')
  await mkdir(folder)
  await writeFile(join(folder, 'a.csv'), 'a')
  const sum = createHash('sha256').update('a').digest('hex')
  await writeFile(join(folder, 'dataset.yaml'), `title: Rain\nchecksums: {a.csv: ${sum}}`)
  expect(await ailab('data', 'verify', 'rain')).toBe('1 of 1 file as published\n')
  expect(await ailab('data', 'ls')).toMatch(
    /^rain: Rain\n {4}not counted yet, 1 checksum\n {4}verified at [-\d]+ \d\d:\d\dZ: 1 of 1 file as published\n$/,
  )
  await writeFile(join(folder, 'a.csv'), 'b')
  const told = '0 of 1 file as published, 1 differs\ndiffers: a.csv\n'
  expect(await attempt('data', 'verify', 'rain')).toMatchObject({ code: 2, stdout: told })
  expect(await ailab('data', 'copy', 'rain')).toBe('users/admin/datasets/rain\n')
  expect(await ailab('data', 'copy', 'rain', 'mine/rain')).toBe('users/admin/mine/rain\n')
  expect(await readFile(join(lab.dataDir, 'users/admin/mine/rain/a.csv'), 'utf8')).toBe('b')
  const none = { code: 1, stderr: 'There is no dataset none.\n' }
  for (const command of ['verify', 'copy']) expect(await attempt('data', command, 'none')).toMatchObject(none)
})

test('the lab is backed up, its backups are listed and checked, and a zip file of the earlier platform is restored', async () => {
  const words = await ailab('backup', 'now', '--pause')
  expect(words).toMatch(/^The backup \S+ has [\d,]+ files? \(.*\)\. The repository grew by .*\.\n$/)
  const id = words.split(' ')[2]
  expect(await ailab('backup', 'ls')).toContain(id)
  expect(await ailab('backup', 'check')).toContain('in order')
  expect(await ailab('backup', 'zips')).toContain('There is no backup_')
  const name = 'backup_admin_1700000000.zip'
  // The zip file with nothing in it.
  await writeFile(join(lab.dataDir, 'admin/backups', name), Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex'))
  expect(await ailab('backup', 'zips')).toBe(`2023-11-14 22:13Z  ${name}\n`)
  const restored = await ailab('backup', 'restore-zip', name, '--user', 'admin', '--in-place')
  expect(restored).toBe('0 files (0 B) are in users/admin.\n')
})

test('a backup is browsed, a file of it is downloaded, and what was lost comes back from it', async () => {
  const own = join(lab.dataDir, 'users/admin')
  await lab.as(lab.adminToken).put('/api/users/admin/files/work/a.json', { a: 1 }).expect(201)
  await lab.as(lab.adminToken).put('/api/users/admin/files/work/more/b.json', { b: 1 }).expect(201)
  const id = (await ailab('backup', 'now')).split(' ')[2] ?? ''
  await rm(join(own, 'work'), { recursive: true })

  expect(await ailab('backup', 'browse', 'newest')).toBe('shared/\nusers/admin/\n')
  expect(await ailab('backup', 'browse', id, 'users/admin/work')).toMatch(
    /^7 B {2}[-\d]+ \d\d:\d\dZ {2}a\.json\n {5}[-\d]+ \d\d:\d\dZ {2}more\/\n$/,
  )
  expect(await ailab('backup', 'get', 'newest', 'users/admin/work/more/b.json')).toBe('b.json\n')
  expect(await readFile(join(here, 'b.json'), 'utf8')).toBe('{"b":1}')

  const beside = await ailab('backup', 'restore', id, 'users/admin/work/a.json')
  expect(beside).toBe(`1 entry is in users/admin/restored-${id}.\n`)
  expect(await readdir(join(own, `restored-${id}`))).toEqual(['a.json'])
  expect(await ailab('backup', 'restore', 'newest', 'users/admin/work', '--in-place')).toBe(
    '1 entry is in users/admin.\n',
  )
  expect(await readFile(join(own, 'work/more/b.json'), 'utf8')).toBe('{"b":1}')
  await rm(join(own, 'work'), { recursive: true })
  await ailab('backup', 'restore', id, 'users/admin', '--in-place')
  expect(await readdir(join(own, 'work'))).toEqual(['a.json', 'more'])

  const unknown = await attempt('backup', 'restore', '2020-01-01T00-00-00Z-aaaa', 'shared')
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no backup 2020-01-01') })
  expect(await attempt('backup', 'browse', id, 'admin')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('neither in shared/'),
  })
})
