/** `ailab token --admin`: the way back into a lab whose tokens are lost. Each test runs the real command. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { type Lab, openLab } from '../support/lab.ts'

const run = promisify(execFile)

function ailab(dataDir: string, ...args: string[]) {
  return run('bin/ailab', ['token', ...args], { env: { ...process.env, DATA_DIR: dataDir } })
}

function inDatabase(lab: Lab, sql: string): void {
  const sqlite = new SQLite(join(lab.dataDir, 'admin/ai-lab.db'))
  sqlite.exec(sql)
  sqlite.close()
}

async function usersOf(lab: Lab, secret: string): Promise<{ id: string; role: string; disabled: boolean }[]> {
  return (await lab.as(secret.trim()).get('/api/users').expect(200)).body.items
}

// Trouble (authority): a lost admin token locks the lab out for good
test('ailab token --admin makes a new token when all are lost, with the service running or not', async () => {
  await using lab = await openLab()
  inDatabase(lab, 'delete from tokens')
  const beside = await ailab(lab.dataDir, '--admin')
  expect(beside.stdout).toMatch(/^ailab_[\w-]{43}\n$/)
  expect(beside.stderr).toBe(`A new token of the administrator admin, for the data root ${lab.dataDir}:\n`)
  await usersOf(lab, beside.stdout)
  let alone = ''
  await lab.restart(async () => {
    alone = (await ailab(lab.dataDir, '--admin')).stdout
  })
  await usersOf(lab, alone)
})

test('when no administrator is left, admin becomes one again, and no old token regains its rights', async () => {
  await using lab = await openLab()
  inDatabase(lab, "update accounts set role = 'user', disabled = 1; update tokens set role = 'user'")
  const { stdout } = await ailab(lab.dataDir, '--admin')
  expect(await usersOf(lab, stdout)).toMatchObject([{ id: 'admin', role: 'admin', disabled: false }])
  await lab.as(lab.adminToken).get('/api/users').expect(403)
})

test('when admin is no administrator, another administrator gets the token, and admin stays a user', async () => {
  await using lab = await openLab()
  inDatabase(
    lab,
    "insert into accounts (id, role, tier, created_at, disabled) values ('zoe', 'admin', 'default', 1, 0); update accounts set role = 'user' where id = 'admin'",
  )
  const { stdout, stderr } = await ailab(lab.dataDir, '--admin')
  expect(stderr).toContain('administrator zoe')
  expect(await usersOf(lab, stdout)).toMatchObject([{ id: 'admin', role: 'user' }, { id: 'zoe' }])
})

test('ailab token --admin works even if admin has a hundred tokens', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  for (let index = 0; index < 99; index += 1) await admin.post('/api/tokens', { name: 'x' }).expect(201)
  await admin.post('/api/tokens', { name: 'x' }).expect(409)
  await usersOf(lab, (await ailab(lab.dataDir, '--admin')).stdout)
})

// Trouble (authority): the command line and the service write at one instant
test('three commands make their tokens beside a busy service, and no request fails', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  let done = false
  const writing = (async () => {
    for (let index = 0; !done; index += 1) await admin.post('/api/users', { id: `u${index}` }).expect(201)
  })()
  const made = await Promise.all(Array.from({ length: 3 }, () => ailab(lab.dataDir, '--admin'))).finally(() => {
    done = true
  })
  await writing
  for (const { stdout } of made) await usersOf(lab, stdout)
})

test('the command explains a missing data root, a missing --admin, and another version of the tables', async () => {
  await using lab = await openLab()
  const refused = (dataDir: string, ...args: string[]) =>
    ailab(dataDir, ...args).then(
      () => 'made',
      ({ stderr }: { stderr: string }) => stderr,
    )
  expect(await refused(lab.folder, '--admin')).toContain(`${lab.folder} is no data root: it has no database`)
  const elsewhere = run('bin/ailab', ['token', '--admin'], {
    env: { ...process.env, DATA_DIR: lab.folder, HOST_DATA_PATH: lab.dataDir },
  })
  await expect(elsewhere).rejects.toThrow(`DATA_DIR=${lab.dataDir} bin/ailab token --admin`)
  // In a container HOST_DATA_PATH is a folder of the machine, which is not seen from there.
  const unseen = run('bin/ailab', ['token', '--admin'], {
    env: { ...process.env, DATA_DIR: lab.folder, HOST_DATA_PATH: '/srv/not-here' },
  })
  await expect(unseen).rejects.toThrow(`${lab.folder} is no data root`)
  expect(await refused(lab.dataDir)).toContain("required option '--admin'")
  await lab.close()
  inDatabase(lab, "delete from kysely_migration where name = '0005-authority'")
  expect(await refused(lab.dataDir, '--admin')).toContain('The database is of an earlier version than this command.')
  inDatabase(lab, "insert into kysely_migration values ('0005-authority', ''), ('9999-hereafter', '')")
  expect(await refused(lab.dataDir, '--admin')).toContain('belongs to a newer version of the service')
})

// Trouble (migration): a newer command line changes the tables under a running older service
test('ailab migrate leaves the tables of an earlier version as they are', async () => {
  await using lab = await openLab()
  inDatabase(lab, "delete from kysely_migration where name = '0005-authority'")
  const env = { ...process.env, DATA_DIR: lab.dataDir }
  const migrating = run('bin/ailab', ['migrate', '--from', await mkdtemp(join(lab.folder, 'legacy-'))], { env })
  await expect(migrating).rejects.toThrow('The database is of an earlier version than this command.')
})

// Trouble (authority): with the tokens lost and the database gone, damaged or too new, the message names a wrong cure
test('the command makes no token in a database that is gone, damaged or too new, and says what to do', async () => {
  await using lab = await openLab()
  await lab.close()
  const file = join(lab.dataDir, 'admin/ai-lab.db')
  const refusal = () =>
    ailab(lab.dataDir, '--admin').then(
      () => 'made',
      ({ stderr }: { stderr: string }) => stderr,
    )
  inDatabase(lab, "insert into kysely_migration values ('9999-hereafter', '2030-01-01')")
  expect(await refusal()).toContain('belongs to a newer version of the service')
  await writeFile(file, (await readFile(file)).fill(0, 4096 * 2, 4096 * 6))
  expect(await refusal()).toMatch(/is damaged: .* ailab rebuild/)
  await rm(file)
  expect(await refusal()).toMatch(/database of the data root \S+ is gone\. .* `ailab rebuild`/)
})
