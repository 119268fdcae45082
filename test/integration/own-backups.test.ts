import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backedUp, ended, labWithFiles, person } from '../support/backed-up-lab.ts'

const mine = `/api/users/${person}/backups`

test('a person lists the backups of their folder, browses one, and brings back a lost file', async () => {
  const { lab, admin, client, folder } = await labWithFiles()
  await using _lab = lab
  await client.get(mine).expect(200, /"items":\[\]/)
  const id = await backedUp(admin)
  const { body } = await client.get(mine).expect(200)
  expect(body).toEqual({ items: [{ id, made: expect.any(String) }], next_cursor: null })
  await client.get(`${mine}/${id}/files?path=notebooks`).expect(200, /a\.ipynb/)
  await rm(join(folder, 'notebooks/a.ipynb'))
  const { result } = await ended(client.post(`${mine}/${id}/restore`, { path: 'notebooks/a.ipynb', in_place: true }))
  expect(result).toMatchObject({ entries: 1, to: 'notebooks' })
  expect(await readFile(join(folder, 'notebooks/a.ipynb'), 'utf8')).toContain('cells')
  await ended(client.post(`${mine}/${id}/restore`, { path: 'notes.json' }))
  expect(await readdir(join(folder, `restored-${id}`))).toEqual(['notes.json'])
})

// Trouble (authority): a job fails, and the reason names a path of the host
test('a job that fails tells paths of the host to administrators only', async () => {
  const { lab, admin, client } = await labWithFiles()
  await using _lab = lab
  const backup = await backedUp(admin)
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, ...rest) => {
    const code = await duringErrand(errand, ...rest)
    await rm(join(lab.folder, 'backup.key'))
    return code
  }
  const { id, failure } = await ended(client.post(`${mine}/${backup}/restore`, { path: 'notes.json' }), 'failed')
  expect(failure).toEqual({ code: 'backups-off', detail: 'Backups are not set up. An administrator has to look.' })
  expect(JSON.stringify((await client.get('/api/jobs').expect(200)).body)).not.toContain('backup.key')
  const { body } = await admin.get(`/api/jobs/${id}`).expect(200)
  expect(body.failure.detail).toContain(join(lab.folder, 'backup.key'))
  const { body: listed } = await admin.get('/api/jobs?kind=restore').expect(200)
  expect(listed.items).toMatchObject([{ id, failure: body.failure }])
})

test('a person downloads one file as it was, and nothing but a file', async () => {
  const { lab, admin, client, folder } = await labWithFiles()
  await using _lab = lab
  const bytes = randomBytes(300_000)
  const name = 'result [1] "ü".bin'
  await writeFile(join(folder, name), bytes)
  await writeFile(join(folder, 'empty'), '')
  const id = await backedUp(admin)
  await writeFile(join(folder, name), 'changed since')
  const content = (path: string) => `${mine}/${id}/content?path=${encodeURIComponent(path)}`
  const { body, headers } = await client.get(content(name)).responseType('blob').expect(200)
  expect(bytes.equals(body)).toBe(true)
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': '300000',
    'content-security-policy': expect.stringContaining('sandbox'),
    'x-content-type-options': 'nosniff',
    'content-disposition': expect.stringMatching(/^attachment; .*%C3%BC/),
    'last-modified': expect.any(String),
  })
  expect((await client.get(content('empty')).responseType('blob').expect(200)).body).toHaveLength(0)
  await client.get(content('notebooks')).expect(409, /wrong-kind/)
  await client.get(content('')).expect(409, /wrong-kind/)
  await client.get(content('nowhere.txt')).expect(404, /file-not-found/)
  await client.get(content('../other')).expect(400)
  const ofAll = `/api/admin/backups/${id}/content`
  await admin.get(`${ofAll}?user_id=${person}&path=notes.json`).expect(200)
  await admin.get(`${ofAll}?path=notes.json`).expect(400)
})

// Trouble (files): a download out of a backup breaks off, and the person takes half of the file for the whole
test('a download out of a backup that breaks off is cut, ends its errand, and leaves its place to the next one', async () => {
  const { lab, admin, client, folder } = await labWithFiles()
  await using _lab = lab
  await writeFile(join(folder, 'large'), randomBytes(200_000))
  const id = await backedUp(admin)
  const { duringErrand } = lab.engine
  const begun = Promise.withResolvers<void>()
  lab.engine.duringErrand = async (errand, onLine, signal, onOutput) => {
    if (!errand.command.includes('dump')) return await duringErrand(errand, onLine, signal)
    await onOutput?.(Buffer.from('the first bytes'))
    begun.resolve()
    await once(signal, 'abort')
    return 137
  }
  const path = `${mine}/${id}/content?path=large`
  const first = client.get(path).then(
    () => 'whole',
    () => 'cut',
  )
  await begun.promise
  await client.get(path).expect(429, /too-many-at-once/)
  await admin.patch(`/api/users/${person}`, { disabled: true }).expect(200)
  expect(await first).toBe('cut')
  await expect.poll(() => lab.engine.errands.size).toBe(0)
  await admin.patch(`/api/users/${person}`, { disabled: false }).expect(200)
  lab.engine.duringErrand = async (errand, onLine, signal, onOutput) => {
    if (!errand.command.includes('dump')) return await duringErrand(errand, onLine, signal)
    await onOutput?.(Buffer.from('too few bytes'))
    return 1
  }
  await expect(client.get(path)).rejects.toThrow()
  lab.engine.duringErrand = async (errand, onLine, signal) =>
    errand.command.includes('dump') ? 1 : await duringErrand(errand, onLine, signal)
  await client.get(path).expect(503, /backup-repository-unusable/)
  lab.engine.duringErrand = duringErrand
  await client.get(path).expect(200)
})

// Trouble (files): a person reads the files of another one in the backups
test("nobody lists, browses or restores another person's backups, and a backup without their folder is not theirs", async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const { client: other } = await lab.newUser('other@lab')
  const secret = `${mine}/${id}/content?path=notes.json`
  for (const path of [mine, `${mine}/${id}/files`, secret]) await other.get(path).expect(403)
  await other.post(`${mine}/${id}/restore`, { in_place: true }).expect(403)
  const own = '/api/users/other@lab/backups'
  expect((await other.get(own).expect(200)).body.items).toEqual([])
  await other.get(`${own}/${id}/files?path=../${person}`).expect(400)
  await other.get(`${own}/${id}/files`).expect(404, /backup-not-found/)
  await other.post(`${own}/${id}/restore`, { in_place: true }).expect(404)
  await other.get('/api/admin/backups').expect(403)
})

// Trouble (files): a person gets the id of somebody who has left
test('nobody sees backups that are older than their account', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const { body } = await admin.get('/api/admin/backups').expect(200)
  await admin.delete(`/api/users/${person}`).expect((answer) => expect(answer.ok).toBe(true))
  await expect.poll(Date.now).toBeGreaterThan(Date.parse(body.items[0].made) + 1_000) // ids of backups tell whole seconds
  const { client } = await lab.newUser(person)
  expect((await client.get(mine).expect(200)).body.items).toEqual([])
  await client.get(`${mine}/${id}/files`).expect(404, /backup-not-found/)
  await client.get(`${mine}/${id}/content?path=notes.json`).expect(404, /backup-not-found/)
  await client.post(`${mine}/${id}/restore`, { in_place: true }).expect(404)
  expect((await admin.get(mine).expect(200)).body.items).toMatchObject([{ id }])
})

test('shared files are restored only by those who may change them at that place', async () => {
  const { lab, admin, client } = await labWithFiles()
  await using _lab = lab
  await mkdir(join(lab.dataDir, 'shared/course'))
  await writeFile(join(lab.dataDir, 'shared/course/task.md'), 'first')
  const id = await backedUp(admin)
  await writeFile(join(lab.dataDir, 'shared/course/task.md'), 'spoilt')
  const at = `/api/shared/backups/${id}`
  const task = { path: 'course/task.md', in_place: true }
  expect((await client.get('/api/shared/backups').expect(200)).body.items).toMatchObject([{ id }])
  await client.get(`${at}/files?path=course`).expect(403)
  await client.get(`${at}/content?path=course/task.md`).expect(403)
  await client.post(`${at}/restore`, task).expect(403)
  const { body: opening } = await admin.post('/api/shared/openings', { path: 'course', user_id: person }).expect(201)
  await client.get(`${at}/files?path=course`).expect(200, /task\.md/)
  expect(String((await client.get(`${at}/content?path=course/task.md`).expect(200)).body)).toBe('first')
  await client.post(`${at}/restore`, { path: 'course/task.md' }).expect(403) // at the top of shared/
  await client.post(`${at}/restore`, { path: '.ai-lab-root', in_place: true }).expect(403)
  await ended(client.post(`${at}/restore`, task))
  expect(await readFile(join(lab.dataDir, 'shared/course/task.md'), 'utf8')).toBe('first')
  await admin.delete(`/api/shared/openings/${opening.id}`).expect(204)
  await client.post(`${at}/restore`, task).expect(403)
})

// Trouble (files): a person restores all the time, and no backup begins any more
test("a person's restore waits for the backup under way, and a backup begins while restores are under way", async () => {
  const { lab, admin, client, folder } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  await rm(join(folder, 'notes.json'))
  const { duringErrand } = lab.engine
  const gate = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (errand.command.includes('/shared')) {
      held.resolve()
      await gate.promise
    }
    return await duringErrand(errand, onLine, signal)
  }
  const { body: backup } = await admin.post('/api/admin/backups').expect(202)
  await held.promise
  const { body: restore } = await client
    .post(`${mine}/${id}/restore`, { path: 'notes.json', in_place: true })
    .expect(202)
  await client.post(`${mine}/${id}/restore`, { path: 'notes.json' }).expect(409, /job-under-way/)
  const doing = async () => (await client.get(`/api/jobs/${restore.id}`)).body.progress?.doing
  await expect.poll(doing).toBe('waiting until the backups are free')
  gate.resolve()
  for (const { id: job } of [backup, restore]) {
    await admin
      .get(`/api/jobs/${job}`)
      .set('prefer', 'wait=20')
      .expect(200, /"status":"done"/)
  }
  expect(await readdir(folder)).toContain('notes.json')
})

// Trouble (files): a person loses their right while their restore waits
test('a restore whose person was disabled meanwhile does not begin', async () => {
  const { lab, admin, client, folder } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  await rm(join(folder, 'notes.json'))
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (errand.command.includes('restore')) await admin.patch(`/api/users/${person}`, { disabled: true }).expect(200)
    return await duringErrand(errand, onLine, signal)
  }
  const { body: job } = await client.post(`${mine}/${id}/restore`, { path: 'notes.json', in_place: true }).expect(202)
  const { body } = await admin.get(`/api/jobs/${job.id}`).set('prefer', 'wait=20').expect(200)
  expect(body).toMatchObject({ status: 'failed', failure: { code: 'forbidden' } })
  expect(await readdir(folder)).not.toContain('notes.json')
  expect(await readdir(join(lab.dataDir, 'admin/restores'))).toEqual([])
})
