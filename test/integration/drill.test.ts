import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { type Client, type Lab, openLab } from '../support/lab.ts'

const person = 'demo@ailab.com'

/** Waits for the end of the job that a request began. */
async function ended(request: ReturnType<Client['post']>, status = 'done') {
  const { body } = await request.set('prefer', 'wait=50').expect(202)
  expect(body, JSON.stringify(body.failure)).toMatchObject({ status })
  return body
}

/** A lab with a person and an environment, and the id of its backup. */
async function labToPractise() {
  const lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser(person)
  await client.put(`/api/users/${person}/files/notes.json`, { note: 'first' }).expect(201)
  await client.post('/api/environments', { template: 'jupyterlab' }).set('prefer', 'wait=20')
  const { result } = await ended(admin.post('/api/admin/backups'))
  return { lab, admin, backup: result.backup_id as string }
}

const inAdmin = ({ dataDir }: Lab) => readdir(join(dataDir, 'admin'))
const drillOf = async (admin: Client) => (await admin.get('/api/admin/backups').expect(200)).body.drill
const drill = (admin: Client) => admin.post('/api/admin/backups/drill')

/** The folder in the fake repository that has the records of the newest backup. */
async function savedAdmin({ dataDir }: Lab): Promise<string> {
  const snapshots = join(dataDir, 'admin/backups/snapshots')
  for (const name of await readdir(snapshots)) {
    const folder = join(snapshots, name, 'admin/backup-draft')
    if ((await readdir(folder).catch(() => [])).length > 0) return folder
  }
  throw new Error('no records in the repository')
}

test('a drill restores the last backup, asks a service on it, and throws it away; its date and result are told', async () => {
  const { lab, admin, backup } = await labToPractise()
  await using _lab = lab
  expect(await drillOf(admin)).toEqual({ practised: null, backup_id: null, failure: null })
  const reminder = async () => (await admin.get('/api/health')).body.weaknesses.join()
  await expect.poll(reminder).toContain('A restore was never practised.')
  const engine = async () => JSON.stringify([await lab.engine.list(), await lab.engine.witnesses()])
  const before = await engine()
  const { result } = await ended(drill(admin))
  expect(result).toMatchObject({ backup_id: backup, people: 2, environments: 1, left_out: [] })
  expect(await engine()).toBe(before)
  expect(await inAdmin(lab)).not.toContain('drill')
  expect(await drillOf(admin)).toEqual({ practised: expect.any(String), backup_id: backup, failure: null })
  expect(await reminder()).not.toContain('practised')
  const { standing } = (await admin.get('/api/admin/backups')).body
  expect(standing).toMatchObject({
    status: 'healthy',
    detail: expect.stringContaining('practised within the last hour.'),
  })
})

test('a drill goes well in a lab that has removed its first administrator', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const asked = { name: 'full', user_id: 'second', role: 'admin' }
  const second = lab.as((await admin.post('/api/tokens', asked).expect(201)).body.token)
  await second.delete('/api/users/admin').expect(204)
  await ended(second.post('/api/admin/backups'))
  expect((await ended(drill(second))).result).toMatchObject({ people: 1 })
})

test('a drill is for administrators, needs a backup, and does not begin while the backups are in use', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser(person)
  await drill(client).expect(403)
  expect((await ended(drill(admin), 'failed')).failure).toMatchObject({ code: 'backup-not-found' })
  lab.engine.duringErrand = (_, __, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const { body: job } = await admin.post('/api/admin/backups').expect(202)
  await drill(admin).expect(409)
  await admin.post(`/api/jobs/${job.id}/cancel`).expect(200)
})

// Trouble (files): a backup does not have the people that it says it has
test('a drill finds a person who did not come back, and health says so until a drill goes well', async () => {
  const { lab, admin } = await labToPractise()
  await using _lab = lab
  const file = join(await savedAdmin(lab), 'manifest.json')
  const text = await readFile(file, 'utf8')
  const manifest = JSON.parse(text)
  expect(manifest.records).toMatchObject({ people: ['admin', person], environments: [expect.any(String)] })
  manifest.records.people.push('lost@ailab.com')
  await writeFile(file, JSON.stringify(manifest))
  const { failure } = await ended(drill(admin), 'failed')
  expect(failure).toEqual({
    code: 'drill-failed',
    detail: 'The restored database is not as it was: 1 person is missing: lost@ailab.com.',
  })
  expect(await inAdmin(lab)).not.toContain('drill')
  expect(await drillOf(admin)).toMatchObject({ practised: null, failure: failure.detail })
  const check = async () => (await admin.get('/api/health')).body.checks.backups
  const { standing } = (await admin.get('/api/admin/backups')).body
  expect(standing).toMatchObject({ status: 'degraded' })
  await expect.poll(check).toMatchObject({ status: 'degraded', codes: ['drill-failed'] })
  expect(JSON.stringify(await check())).not.toContain('lost@')
  await writeFile(file, text)
  await ended(drill(admin))
  expect((await admin.get('/api/admin/backups')).body.standing).toMatchObject({ status: 'healthy' })
})

// Trouble (files): the database in a backup is broken
test('a drill fails if no service can start on the restored lab, or if its database cannot be read', async () => {
  const { lab, admin } = await labToPractise()
  await using _lab = lab
  const folder = await savedAdmin(lab)
  const { records: _, ...manifest } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest)) // of a version that noted no checksum
  const file = join(folder, 'ai-lab.db')
  await rm(file)
  const strange = new SQLite(file)
  strange.exec('create table accounts (id text); create table environments (id text)')
  strange.close()
  const first = await ended(drill(admin), 'failed')
  expect(first.failure).toEqual({
    code: 'drill-failed',
    detail: expect.stringMatching(/^A service does not work on the restored lab: The tables of the database /),
  })
  await writeFile(file, 'no database')
  const second = await ended(drill(admin), 'failed')
  expect(second.failure).toMatchObject({ code: 'drill-failed', detail: expect.stringContaining('cannot be read') })
  expect(await inAdmin(lab)).not.toContain('drill')
})

// Trouble (files): the disk of the backups is away when a drill begins, or goes away during one
test('a drill that cannot reach the repository is no finding', async () => {
  const { lab, admin } = await labToPractise()
  await using _lab = lab
  const { duringErrand } = lab.engine
  let isAway = true
  const says = (words: string): typeof duringErrand => {
    return async (errand, onLine, signal, ...rest) => {
      isAway ||= errand.command.includes('restore')
      if (!isAway) return await duringErrand(errand, onLine, signal, ...rest)
      onLine({ stream: 'stderr', text: `Fatal: ${words}` })
      return 1
    }
  }
  for (const [awayAtFirst, words] of [
    [true, 'unable to open config file: dial tcp: connection refused'],
    [false, 'Load(<data/ab>): read: connection timed out'],
  ] as const) {
    isAway = awayAtFirst
    lab.engine.duringErrand = says(words)
    const { failure } = await ended(drill(admin), 'failed')
    expect(failure).toMatchObject({ code: 'backup-repository-unusable' })
    lab.engine.duringErrand = duringErrand
    expect((await admin.get('/api/admin/backups')).body.standing).toMatchObject({ status: 'healthy' })
  }
})

// Trouble (files): a file of the repository is gone, and restic says so in words that the service does not know
test('a backup that cannot be restored from a repository that can be read is a finding', async () => {
  const { lab, admin } = await labToPractise()
  await using _lab = lab
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, onLine, ...rest) => {
    if (!errand.command.includes('restore')) return await duringErrand(errand, onLine, ...rest)
    onLine({ stream: 'stderr', text: 'Fatal: Load(<data/ab>): no such file or directory' })
    return 1
  }
  const { failure } = await ended(drill(admin), 'failed')
  expect(failure).toEqual({ code: 'drill-failed', detail: expect.stringContaining('no such file or directory') })
  lab.engine.duringErrand = duringErrand
  expect((await admin.get('/api/admin/backups')).body.standing).toMatchObject({ code: 'drill-failed' })
})

// Trouble (files): a drill is cancelled, or the service ends in the middle of one
test('a cancelled drill leaves nothing, and one that a restart interrupts begins anew', async () => {
  const { lab, admin, backup } = await labToPractise()
  await using _lab = lab
  const { duringErrand } = lab.engine
  let held = Promise.withResolvers<void>()
  const hold: typeof duringErrand = async (errand, onLine, signal) => {
    const code = await duringErrand(errand, onLine, signal)
    if (!errand.command.includes('restore')) return code
    held.resolve()
    return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  lab.engine.duringErrand = hold
  const first = await drill(admin).expect(202)
  await held.promise
  expect(await inAdmin(lab)).toContain('drill')
  await admin.post(`/api/jobs/${first.body.id}/cancel`).expect(200, /"cancelled"/)
  expect(await inAdmin(lab)).not.toContain('drill')

  held = Promise.withResolvers()
  const second = await drill(admin).expect(202)
  await held.promise
  await lab.restart(async () => {
    lab.engine.duringErrand = duringErrand
    await mkdir(join(lab.dataDir, 'admin/drill/lab'), { recursive: true }) // as kill -9 would leave it
  })
  const again = lab.as(lab.adminToken)
  const { body } = await again.get(`/api/jobs/${second.body.id}`).set('prefer', 'wait=50').expect(200)
  expect(body).toMatchObject({ status: 'done', result: { backup_id: backup } })
  expect(await inAdmin(lab)).not.toContain('drill')
})

// Trouble (files): a power cut ends a drill, and it is cancelled while it waits for the engine
test('a drill that was killed and is cancelled before it goes on leaves nothing', async () => {
  const { lab, admin } = await labToPractise()
  await using _lab = lab
  const { duringErrand } = lab.engine
  const held = Promise.withResolvers<void>()
  lab.engine.duringErrand = (_errand, _onLine, signal) => {
    held.resolve()
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const { body: job } = await drill(admin).expect(202)
  await held.promise
  await lab.restart(async () => {
    lab.engine.duringErrand = duringErrand
    lab.engine.reachable = false
    await mkdir(join(lab.dataDir, 'admin/drill/lab'), { recursive: true }) // as kill -9 would leave it
  })
  const again = lab.as(lab.adminToken)
  await expect
    .poll(async () => (await again.get(`/api/jobs/${job.id}`)).body)
    .toMatchObject({ status: 'running', progress: { doing: 'waiting until the data root is proven' } })
  await again.post(`/api/jobs/${job.id}/cancel`).expect(200, /"cancelled"/)
  expect(await inAdmin(lab)).not.toContain('drill')
})

// Trouble (files): kill -9 in the middle of a drill
test('a start removes what a killed drill left', async () => {
  await using lab = await openLab()
  await lab.restart(async () => {
    const left = join(lab.dataDir, 'admin/drill/lab/.restoring/users')
    await mkdir(left, { recursive: true })
    await writeFile(join(left, 'file'), 'left')
  })
  await expect.poll(() => inAdmin(lab)).not.toContain('drill')
})

// Trouble (files): kill -9 of the service while the trial service of a drill runs
test('the service on a restored lab ends as soon as nobody waits for its answer', async () => {
  const program = fileURLToPath(new URL('../../src/trial-service.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin.end()
  expect(await once(child, 'exit', { signal: AbortSignal.timeout(10_000) })).toEqual([1, null])
})
