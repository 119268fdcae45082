/** `ailab user`: people from the command line. Each test runs the real command, beside a running service. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import supertest from 'supertest'
import { expect, test } from 'vitest'
import { running } from '../support/become.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { portOf } from '../support/raw-http.ts'
import { cookieOf, newPerson, ownPage, password, signIn } from '../support/sign-in.ts'

const run = promisify(execFile)

function ailab(lab: Lab, args: string[], input = ''): Promise<{ stdout: string; stderr: string }> {
  const running = run('bin/ailab', ['user', ...args], { env: { ...process.env, DATA_DIR: lab.dataDir } })
  running.child.stdin?.end(input)
  return running
}

const refused = (lab: Lab, args: string[], input?: string): Promise<string> =>
  ailab(lab, args, input).then(
    () => 'done',
    ({ stderr }: { stderr: string }) => stderr,
  )

test('a person is added, and signs in by the link that the command prints', async () => {
  await using lab = await openLab()
  const added = await ailab(lab, ['add', 'Alice@lab', '--tier', 'premium'])
  expect(added).toMatchObject({ stdout: '', stderr: expect.stringContaining('bin/ailab user invite alice@lab') })
  const { stdout, stderr } = await ailab(lab, ['invite', 'alice@lab'])
  expect(stdout).toMatch(/^http:\/\/localhost:5555\/sign-in\/link\/[\w-]{43}\n$/)
  expect(stderr).toMatch(/^The link signs alice@lab in once, until \S+\.\n$/)
  const code = new URL(stdout.trim()).pathname.split('/').at(-1)
  const entered = await supertest(lab.service.app.server)
    .post('/sign-in/link')
    .set(ownPage)
    .type('form')
    .send({ code, user_id: 'alice@lab', password })
    .expect(200)
  const browser = lab.as({ ...ownPage, cookie: cookieOf(entered.headers) })
  expect((await browser.get('/api/me').expect(200)).body).toMatchObject({ role: 'user', tier: 'premium' })
  await ailab(lab, ['add', 'second', '--admin'])
  expect((await lab.as(lab.adminToken).get('/api/users/second').expect(200)).body).toMatchObject({ role: 'admin' })
})

test('a password comes from the standard input, never from the arguments, and ends sessions at once', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice')
  expect(await refused(lab, ['password', 'alice', 'another password'])).toContain('too many arguments')
  expect(await refused(lab, ['password', 'alice'], 'short\n')).toContain('12 to 1024 characters')
  await client.get('/api/me').expect(200)
  const { stdout } = await ailab(lab, ['password', 'alice'], 'another password\n')
  expect(stdout).toBe('')
  await client.get('/api/me').expect(401)
  await lab.as().post('/api/session', { user_id: 'alice', password: 'another password' }).expect(200)
})

test('a disabled person is signed out at once; the last administrator cannot be disabled or removed', async () => {
  await using lab = await openLab()
  const { client, token } = await newPerson(lab, 'alice')
  expect((await ailab(lab, ['disable', 'alice'])).stderr).toContain('bin/ailab user enable alice\n')
  await client.get('/api/me').expect(401)
  await lab.as(token).get('/api/me').expect(401)
  for (const name of ['disable', 'remove']) expect(await refused(lab, [name, 'admin'])).toMatch(/last|No other token/)
  await lab.as(lab.adminToken).get('/api/users').expect(200)
})

test('an enabled person signs in again, and their tokens work; their earlier sessions stay ended', async () => {
  await using lab = await openLab()
  const { client, token } = await newPerson(lab, 'alice')
  await ailab(lab, ['disable', 'alice'])
  const enabled = { stdout: '', stderr: 'alice is enabled: they may sign in, and their tokens work.\n' }
  for (const _ of ['disabled', 'enabled']) expect(await ailab(lab, ['enable', 'alice'])).toMatchObject(enabled)
  await client.get('/api/me').expect(401)
  await lab.as(token).get('/api/me').expect(200)
  await signIn(lab, 'alice')
})

// Trouble (authority): an account is removed, and its environments have no owner any more
test('a person with environments is not removed; without, their credentials go and their folder stays', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client, token } = await newPerson(lab, 'alice')
  const id = await running(client)
  const folder = join(lab.dataDir, 'users/alice')
  await mkdir(folder, { recursive: true })
  const words = `alice still has environments: ${id}. Let them be deleted too (DELETE /api/users/alice?environments=delete, or bin/ailab user remove alice --environments delete), delete them first, or disable the account. The files in users/alice stay, unless you choose the trash for them.`
  expect(await refused(lab, ['remove', 'alice'])).toBe(`${words}\n`)
  expect((await admin.delete('/api/users/alice').expect(409)).body.detail).toBe(words)
  await admin.delete(`/api/environments/${id}`).expect(202)
  await expect.poll(async () => (await admin.get(`/api/environments/${id}`)).status).toBe(404)
  expect((await ailab(lab, ['remove', 'alice'])).stderr).toBe(
    `alice was removed. Their folder stays, and a person of the same id who is added later gets it: ${folder}\n`,
  )
  expect((await stat(folder)).isDirectory()).toBe(true)
  await client.get('/api/me').expect(401)
  await lab.as(token).get('/api/me').expect(401)
  await admin.get('/api/users/alice').expect(404)
})

test('a person is removed with their environments and their folder, which comes back from the trash', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice')
  const id = await running(client)
  await writeFile(join(lab.dataDir, 'users/alice/notes.txt'), 'mine')
  const url = ['--url', `http://127.0.0.1:${await portOf(lab.service.app)}`]
  expect(await refused(lab, ['remove', 'alice', '--files', 'bin', ...url])).toContain(
    'Allowed choices are keep, trash.',
  )
  const removed = await ailab(lab, ['remove', 'alice', '--environments', 'delete', '--files', 'trash', ...url])
  expect(removed.stdout).toBe('')
  expect(removed.stderr).toContain(
    'alice was removed. 1 environment of theirs went too. What was in their folder is in the trash: bin/ailab trash ls --user alice\n',
  )
  await lab.as(lab.adminToken).get(`/api/environments/${id}`).expect(404)
  const trash = (...args: string[]) =>
    run('bin/ailab', ['trash', ...args, ...url], { env: { ...process.env, DATA_DIR: lab.dataDir } })
  const { stdout: listed } = await trash('ls', '--user', 'alice')
  expect(listed).toMatch(/by admin, until .* {2}\(the whole folder\)\n$/)
  expect((await trash('restore', listed.split(' ')[0] ?? '')).stdout).toBe('It is back: the whole folder\n')
  expect(await readFile(join(lab.dataDir, 'users/alice/notes.txt'), 'utf8')).toBe('mine')
  expect(await refused(lab, ['remove', 'nobody', '--files', 'trash', ...url])).toContain('There is no user nobody.')
})

test('an administrator removes a person by the API too', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await newPerson(lab, 'alice')
  await client.delete('/api/users/alice').expect(403)
  await admin.delete('/api/users/alice').expect(204)
  await client.get('/api/me').expect(401)
  await admin.delete('/api/users/alice').expect(404)
  await admin.delete('/api/users/admin').expect(409)
  await lab.newUser('alice')
  await lab.as().post('/api/session', { user_id: 'alice', password }).expect(401)
})

test('the commands say what is wrong: an id, a tier, a person, and a data root that is not there', async () => {
  await using lab = await openLab()
  expect(await refused(lab, ['add', 'no/id'])).toContain('A user id has 1 to 128 characters')
  expect(await refused(lab, ['add', 'alice', '--tier', 'golden'])).toContain('There is no tier "golden".')
  expect(await refused(lab, ['add', 'admin'])).toContain('There is a user admin already.')
  for (const name of ['invite', 'disable', 'enable', 'remove']) {
    expect(await refused(lab, [name, 'nobody'])).toContain('There is no user nobody.')
  }
  const elsewhere = run('bin/ailab', ['user', 'invite', 'admin'], {
    env: { ...process.env, DATA_DIR: lab.folder, HOST_DATA_PATH: lab.dataDir },
  })
  await expect(elsewhere).rejects.toThrow(`DATA_DIR=${lab.dataDir} bin/ailab user invite admin`)
})
