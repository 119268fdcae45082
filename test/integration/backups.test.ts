import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { keySight } from '../../src/disk/backup-key.ts'
import { backedUp, ended, labWithFiles, person } from '../support/backed-up-lab.ts'
import type { Lab } from '../support/lab.ts'

async function textOf(lab: Lab, path: string) {
  return JSON.parse(await readFile(join(lab.dataDir, 'users', person, path), 'utf8'))
}

test('a backup has each person, the shared folder and at last the records, and is listed', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  await admin.get('/api/admin/backups').expect(200, /"items":\[\]/)
  const { result } = await ended(admin.post('/api/admin/backups'))
  expect(result).toMatchObject({ files: expect.any(Number), left_out: [], unread_files: 0 })
  const { body } = await admin.get('/api/admin/backups').expect(200)
  const folders = ['admin', 'shared', `users/${person}`]
  expect(body.items).toEqual([{ id: result.backup_id, made: expect.any(String), status: 'whole', folders }])
  expect(body.standing).toMatchObject({ status: 'healthy', code: null, next: expect.any(String) })
  expect(body.standing.weaknesses.join()).toContain('BACKUP_REPOSITORY')
  const { body: jobs } = await admin.get('/api/jobs?kind=backup').expect(200)
  expect(jobs.items).toMatchObject([{ input: { backup_id: result.backup_id } }])
  await admin.get(`/api/admin/backups/${result.backup_id}`).expect(200)
  const { body: health } = await admin.get('/api/health').expect(200)
  expect(health.weaknesses.join()).toContain('BACKUP_REPOSITORY')
})

// Trouble (cost): each backup saves the unfinished uploads of the moment, of many gigabytes, which nobody goes on with after a restore
test('the part with the records has a copy of the database and a manifest, and neither the backups, the database in use nor unfinished uploads', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  await mkdir(join(lab.dataDir, 'admin/drill'), { recursive: true }) // a drill that was killed left it
  await mkdir(join(lab.dataDir, 'admin/lost-databases'))
  await writeFile(join(lab.dataDir, 'admin/uploads/unfinished'), 'x')
  await backedUp(admin)
  const snapshots = join(lab.dataDir, 'admin/backups/snapshots')
  const all = await readdir(snapshots)
  const ofAdmin = await Promise.all(
    all.filter((name) => !name.endsWith('.json')).map((id) => readdir(join(snapshots, id, 'admin')).catch(() => [])),
  )
  const names = ofAdmin.find((found) => found.length > 0)
  expect(names).toEqual(expect.arrayContaining(['backup-draft', 'first-admin-token']))
  expect(
    names?.filter((name) => /^(ai-lab\.db|backups|trash|restores|drill|uploads|lost-databases|.*lock.*)$/.test(name)),
  ).toEqual([])
  expect(await readdir(join(lab.dataDir, 'admin'))).not.toContain('backup-draft')
})

test('a folder of a backup is browsed page by page', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const at = `/api/admin/backups/${id}/files?user_id=${person}`
  const first = await admin.get(`${at}&limit=1`).expect(200)
  expect(first.body.items).toMatchObject([{ name: 'notebooks', type: 'folder' }])
  const second = await admin.get(`${at}&limit=1&cursor=${first.body.next_cursor}`).expect(200)
  expect(second.body).toMatchObject({
    items: [{ name: 'notes.json', type: 'file', size_bytes: 16 }],
    next_cursor: null,
  })
  await admin.get(`${at}&path=notebooks`).expect(200, /a\.ipynb/)
  await admin.get(`${at}&path=nowhere`).expect(404)
  await admin.get(`${at}&path=..`).expect(400)
  await admin.get(`/api/admin/backups/${id}/files`).expect(400)
  await admin.get(`/api/admin/backups/2026-01-01T00-00-00Z-aaaa/files?user_id=${person}`).expect(404)
})

test('a lost file comes back in place, and what took its place is in the trash', async () => {
  const { lab, admin, client } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  await client.put(`/api/users/${person}/files/notes.json`, { note: 'spoilt' }).expect(200)
  const restore = { user_id: person, path: 'notes.json', in_place: true }
  const { result } = await ended(admin.post(`/api/admin/backups/${id}/restore`, restore))
  expect(result).toEqual({ folder: `users/${person}`, to: '', entries: 1 })
  expect(await textOf(lab, 'notes.json')).toEqual({ note: 'first' })
  const { body } = await client.get(`/api/trash?user_id=${person}`).expect(200)
  expect(body.items).toMatchObject([{ path: 'notes.json' }])
  expect(await readdir(join(lab.dataDir, 'admin/restores'))).toEqual([])
})

test('a whole folder comes back beside the rest unless told otherwise, with all that was in it', async () => {
  const { lab, admin, folder } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  await rm(join(folder, 'notebooks'), { recursive: true })
  await ended(admin.post(`/api/admin/backups/${id}/restore`, { user_id: person }))
  expect((await readdir(folder)).toSorted()).toEqual(['.ai-lab-work', 'notes.json', `restored-${id}`])
  expect(await textOf(lab, `restored-${id}/notebooks/a.ipynb`)).toEqual({ cells: [1] })
})

test("a person's folder that is gone comes back whole", async () => {
  const { lab, admin, folder } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  await rm(folder, { recursive: true })
  await ended(admin.post(`/api/admin/backups/${id}/restore`, { user_id: person, in_place: true }))
  expect(await textOf(lab, 'notebooks/a.ipynb')).toEqual({ cells: [1] })
})

// Trouble (input): a person's folder is a file, a link, of another user, or gone
test('a folder that a restore has made is made again by a restore alone', async () => {
  const { lab, admin, folder } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  // The service knows of no folder of a person who is new.
  await admin.delete(`/api/users/${person}`).expect((answer) => expect(answer.ok).toBe(true))
  await lab.newUser(person)
  await rm(folder, { recursive: true })
  const restore = () => ended(admin.post(`/api/admin/backups/${id}/restore`, { user_id: person, in_place: true }))
  await restore()
  await rm(folder, { recursive: true })
  await admin.put(`/api/users/${person}/files/notes.json`, {}).expect(503, /user-folder-unusable/)
  await restore()
  await admin.put(`/api/users/${person}/files/notes.json`, {}).expect(200)
})

// Trouble (files): another disk takes the place of users/ while a restore reads the backup
test('a restore makes no folder on a disk that is not the one of the data root', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const users = join(lab.dataDir, 'users')
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, ...rest) => {
    const code = await duringErrand(errand, ...rest)
    if (!errand.command.includes('restore')) return code
    await rename(users, join(lab.folder, 'unplugged'))
    await mkdir(users)
    return code
  }
  const { failure } = await ended(admin.post(`/api/admin/backups/${id}/restore`, { user_id: person }), 'failed')
  expect(failure).toMatchObject({ code: 'data-root-not-proven' })
  expect(await readdir(users)).toEqual([])
})

// Trouble (files): a restore leads out of the folder through a link
test('a restore follows no link that a person has put in its way', async () => {
  const { lab, admin, folder } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const outside = join(lab.folder, 'outside')
  await mkdir(outside)
  await rm(join(folder, 'notebooks'), { recursive: true })
  await symlink(outside, join(folder, 'notebooks'))
  const restore = { user_id: person, path: 'notebooks/a.ipynb', in_place: true }
  const { failure } = await ended(admin.post(`/api/admin/backups/${id}/restore`, restore), 'failed')
  expect(failure).toMatchObject({ code: 'wrong-kind' })
  expect(await readdir(outside)).toEqual([])
})

// Trouble (files): a restore cannot put into the trash what is in its way
test('an entry that a restore cannot put into the trash stays, and is not listed there', async () => {
  const { lab, admin, client, folder } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  await rm(join(folder, '.ai-lab-work'), { recursive: true })
  await mkdir(join(folder, '.ai-lab-work'), { mode: 0o755 }) // the person's own folder: the service does not use it
  const restore = { user_id: person, path: 'notes.json', in_place: true }
  const { failure } = await ended(admin.post(`/api/admin/backups/${id}/restore`, restore), 'failed')
  expect(failure).toMatchObject({ code: 'wrong-kind' })
  expect(await textOf(lab, 'notes.json')).toEqual({ note: 'first' })
  const { body } = await client.get(`/api/trash?user_id=${person}`).expect(200)
  expect(body.items).toEqual([])
})

test('what a backup does not have cannot be restored', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const at = `/api/admin/backups/${id}/restore`
  const { failure } = await ended(admin.post(at, { user_id: person, path: 'nothing' }), 'failed')
  expect(failure).toMatchObject({ code: 'file-not-found' })
  await admin.post(at, { user_id: 'nobody' }).expect(404)
  await admin.post(at, {}).expect(400)
  await admin.post(at, { user_id: person, path: '../other' }).expect(400)
  await admin.post('/api/admin/backups/2026-01-01T00-00-00Z-aaaa/restore', { user_id: person }).expect(404)
})

test('backups are for administrators', async () => {
  const { lab, client } = await labWithFiles()
  await using _lab = lab
  await client.get('/api/admin/backups').expect(403)
  await client.post('/api/admin/backups').expect(403)
  await client.post('/api/admin/backups/2026-01-01T00-00-00Z-aaaa/restore', { user_id: person }).expect(403)
})

// Trouble (files): the key of the backups is lost
test('a lost key is never taken for a first start, and health says that backups fail', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  await backedUp(admin)
  const key = join(lab.folder, 'backup.key')
  const text = await readFile(key, 'utf8')
  await unlink(key)
  const { failure } = await ended(admin.post('/api/admin/backups'), 'failed')
  expect(failure).toEqual({ code: 'backups-off', detail: expect.stringMatching(/not in .*backup\.key any more/) })
  await admin.get('/api/admin/backups').expect(409, /not in .*backup\.key any more/)
  await expect(readFile(key)).rejects.toThrow('ENOENT')
  const sight = () => keySight({ file: key, mark: join(lab.dataDir, 'admin/backup-key-hash') })
  expect(await sight()).toBe('lost')
  await expect
    .poll(async () => (await admin.get('/api/health')).body.checks.backups)
    .toMatchObject({ status: 'degraded', codes: ['backup-failed'] })
  await writeFile(key, `another ${text}`)
  await admin.get('/api/admin/backups').expect(409, /another one/)
  expect(await sight()).toBe('another')
  await writeFile(key, text)
  expect(await sight()).toBe('there')
  await backedUp(admin)
})

// Trouble (files): the key of the backups is lost, and nobody has a copy
test('a lab whose key is lost for good is backed up again with a new key, in the way that docs/backups.md names', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const before = await backedUp(admin)
  const key = join(lab.folder, 'backup.key')
  const old = await readFile(key, 'utf8')
  await unlink(key)
  const way = /^rm -f \S*backup-key-hash \S*backups-begun$/m.exec(await readFile('docs/backups.md', 'utf8'))?.[0] ?? ''
  const { failure } = await ended(admin.post('/api/admin/backups'), 'failed')
  expect(failure.detail).toContain('docs/backups.md#a-lost-key')
  await rm(join(lab.dataDir, 'admin/backups'), { recursive: true })
  await promisify(execFile)('sh', ['-ec', way], { cwd: dirname(lab.dataDir) })
  const id = await backedUp(admin)
  expect(await readFile(key, 'utf8')).not.toBe(old)
  const { body } = await admin.get('/api/admin/backups').expect(200)
  expect(body.items).toMatchObject([{ id, status: 'whole' }])
  expect(id).not.toBe(before)
})

// Trouble (files): the disk of the backups is not mounted
test('a repository that is gone is not begun anew', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  await backedUp(admin)
  await rm(join(lab.dataDir, 'admin/backups'), { recursive: true })
  const { failure } = await ended(admin.post('/api/admin/backups'), 'failed')
  expect(failure).toMatchObject({
    code: 'backup-repository-unusable',
    detail: expect.stringMatching(/^The repository of the backups is gone\. .* rm admin\/backups-begun/),
  })
})

// Trouble (files): the data root is not proven while a backup is due
test('a data root that is not proven is not backed up', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  await unlink(join(lab.dataDir, 'shared/.ai-lab-root'))
  const { failure } = await ended(admin.post('/api/admin/backups'), 'failed')
  expect(failure).toMatchObject({ code: 'data-root-not-proven' })
})

// Trouble (files): the disk of users/ goes away in the middle of a backup
test('a backup during which a disk went away does not count as whole', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, ...rest) => {
    const code = await duringErrand(errand, ...rest)
    if (errand.command.includes(`users/${person}`)) await unlink(join(lab.dataDir, 'users/.ai-lab-root'))
    return code
  }
  const { failure } = await ended(admin.post('/api/admin/backups'), 'failed')
  expect(failure).toMatchObject({ code: 'data-root-not-proven' })
  const { body } = await admin.get('/api/admin/backups').expect(200)
  expect(body.items).toMatchObject([{ status: 'in-parts' }])
})

// Trouble (files): the service ends in the middle of a backup
test('a backup that a restart interrupts goes on, and does not save again what it has', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const { duringErrand } = lab.engine
  const held = Promise.withResolvers<void>()
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (errand.command.includes('backup') && errand.command.includes('/shared')) {
      held.resolve()
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    return await duringErrand(errand, onLine, signal)
  }
  const { body: job } = await admin.post('/api/admin/backups').expect(202)
  await held.promise
  const saved: string[] = []
  await lab.restart(async () => {
    lab.engine.duringErrand = async (errand, onLine, signal) => {
      if (errand.command.includes('backup')) saved.push(errand.command[errand.command.indexOf('--host') + 1] ?? '')
      return await duringErrand(errand, onLine, signal)
    }
  })
  const { body } = await lab.as(lab.adminToken).get(`/api/jobs/${job.id}`).set('prefer', 'wait=20').expect(200)
  expect(body).toMatchObject({ status: 'done' })
  expect(saved).toEqual(['shared', 'admin'])
})

// Trouble (files): the machine starts, and the engine comes later than the service
test('a restore that a restart interrupts goes on when the engine is back', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const { duringErrand } = lab.engine
  const held = Promise.withResolvers<void>()
  lab.engine.duringErrand = (errand, onLine, signal) => {
    if (!errand.command.includes('restore')) return duringErrand(errand, onLine, signal)
    held.resolve()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const { body: job } = await admin.post(`/api/admin/backups/${id}/restore`, { user_id: person }).expect(202)
  await held.promise
  await lab.restart(async () => {
    lab.engine.duringErrand = duringErrand
    lab.engine.reachable = false
  })
  const client = lab.as(lab.adminToken)
  await expect
    .poll(async () => (await client.get(`/api/jobs/${job.id}`)).body)
    .toMatchObject({ status: 'running', progress: { doing: 'waiting until the data root is proven' } })
  lab.engine.reachable = true
  const { body } = await client.get(`/api/jobs/${job.id}`).set('prefer', 'wait=20').expect(200)
  expect(body).toMatchObject({ status: 'done' })
  expect(await textOf(lab, `restored-${id}/notes.json`)).toEqual({ note: 'first' })
})

// Trouble (files): somebody cancels a restore that a power cut has left half done, while it waits for the engine
test('a restore that had begun to move its entries goes on to its end, although it is cancelled while it waits', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const id = await backedUp(admin)
  const { duringErrand } = lab.engine
  const held = Promise.withResolvers<void>()
  lab.engine.duringErrand = (errand, onLine, signal) => {
    if (!errand.command.includes('restore')) return duringErrand(errand, onLine, signal)
    held.resolve()
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const { body: job } = await admin.post(`/api/admin/backups/${id}/restore`, { user_id: person, in_place: true })
  await held.promise
  await lab.restart(async () => {
    lab.engine.duringErrand = duringErrand
    lab.engine.reachable = false
    const place = join(lab.dataDir, 'admin/restores', job.id)
    await mkdir(join(place, 'data'), { recursive: true })
    await writeFile(join(place, 'data/left.txt'), 'left')
    await writeFile(join(place, 'sealed.json'), '{"entries":3}')
  })
  const client = lab.as(lab.adminToken)
  const now = async () => (await client.get(`/api/jobs/${job.id}`)).body
  await expect.poll(now).toMatchObject({ progress: { doing: 'waiting until the data root is proven' } })
  const cancelled = client.post(`/api/jobs/${job.id}/cancel`).expect(200).then()
  expect(await now()).toMatchObject({ status: 'running' })
  lab.engine.reachable = true
  await cancelled
  const { body } = await client.get(`/api/jobs/${job.id}`).set('prefer', 'wait=20').expect(200)
  expect(body).toMatchObject({ status: 'done', result: { entries: 3 } })
  expect(await readFile(join(lab.dataDir, 'users', person, 'left.txt'), 'utf8')).toBe('left')
  expect(await readdir(join(lab.dataDir, 'admin/restores'))).toEqual([])
})

test('a second backup does not begin while one is under way, and a cancelled one leaves no part of a person half', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  lab.engine.duringErrand = (_, __, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const { body: job } = await admin.post('/api/admin/backups').expect(202)
  await admin.post('/api/admin/backups').expect(409)
  await admin.post('/api/admin/backups/check').expect(409)
  await admin.post(`/api/jobs/${job.id}/cancel`).expect(200, /"cancelled"/)
})

// Trouble (files): a person's folder has so many files that the backup program runs out of memory
test("a folder that the backup program dies of is left out, and the others' backup is whole", async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = (errand, onLine, signal) =>
    errand.command.includes(`users/${person}`) ? Promise.resolve(137) : duringErrand(errand, onLine, signal)
  const { result } = await ended(admin.post('/api/admin/backups'))
  const reason = `The backup program was killed. Could not back up users/${person}: restic ended with code 137`
  expect(result.left_out).toEqual([{ folder: `users/${person}`, reason }])
  const { body } = await admin.get('/api/admin/backups').expect(200)
  expect(body.items).toMatchObject([{ status: 'whole', folders: ['admin', 'shared'] }])
  expect(body.standing).toMatchObject({
    status: 'degraded',
    code: 'backup-incomplete',
    detail: expect.stringContaining('lacks 1'),
  })
})

// Trouble (files): a person's disk is not mounted while backups are made, until none of them has the person's files
test("a backup leaves out the empty mount point of a person's disk, and a folder that is gone, and says so", async () => {
  const { lab, admin, folder } = await labWithFiles()
  await using _lab = lab
  const away = join(lab.folder, 'away')
  const incomplete = async (reason: string) => {
    const { result } = await ended(admin.post('/api/admin/backups'))
    expect(result.left_out).toEqual([{ folder: `users/${person}`, reason: expect.stringContaining(reason) }])
    const { body } = await admin.get('/api/admin/backups').expect(200)
    expect(body.items[0]).toMatchObject({ id: result.backup_id, status: 'whole', folders: ['admin', 'shared'] })
    expect(body.standing).toMatchObject({ status: 'degraded', code: 'backup-incomplete' })
  }
  await rename(folder, away)
  await incomplete('it is gone')
  await mkdir(folder)
  await incomplete('Is it the mount point of a disk that is not mounted?')
  await rm(folder, { recursive: true })
  await rename(away, folder)
  expect((await ended(admin.post('/api/admin/backups'))).result.left_out).toEqual([])
})

// Trouble (files): a person's disk goes away in the moment before a backup reads it
test("a backup keeps nothing of a person's folder whose disk went away before it was read", async () => {
  const { lab, admin, folder } = await labWithFiles()
  await using _lab = lab
  await ended(admin.post('/api/admin/backups')) // without another one that has the folder, what was read stays
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, ...rest) => {
    if (errand.command.includes(`users/${person}`)) {
      await rename(folder, join(lab.folder, 'away'))
      await mkdir(folder)
    }
    return await duringErrand(errand, ...rest)
  }
  const { result } = await ended(admin.post('/api/admin/backups'))
  expect(result.left_out).toMatchObject([{ folder: `users/${person}` }])
  const { body } = await admin.get('/api/admin/backups').expect(200)
  expect(body.items).toMatchObject([
    { status: 'whole', folders: ['admin', 'shared'] },
    { status: 'whole', folders: ['admin', 'shared', `users/${person}`] },
  ])
})

// Trouble (files): a person's folder is removed for good while a backup waits to come to it
test('a folder that is gone when a backup comes to it is left out', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const another = join(lab.dataDir, 'users/zoe')
  await mkdir(another)
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, ...rest) => {
    if (errand.command.includes(`users/${person}`)) await rm(another, { recursive: true })
    return await duringErrand(errand, ...rest)
  }
  const { result } = await ended(admin.post('/api/admin/backups'))
  expect(result.left_out).toMatchObject([{ folder: 'users/zoe' }])
})

// Trouble (files): the repository of the backups is away for a minute in the middle of a backup
test('a part that a repository did not take for a moment is tried once more, and not left out', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const { duringErrand } = lab.engine
  let tries = 0
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (!errand.command.includes(`users/${person}`) || ++tries > 1) return await duringErrand(errand, onLine, signal)
    onLine({ stream: 'stderr', text: 'Fatal: unable to open config file: connection refused' })
    return 1
  }
  const { result } = await ended(admin.post('/api/admin/backups'))
  expect(result.left_out).toEqual([])
  const { body } = await admin.get('/api/admin/backups').expect(200)
  expect(body.items).toMatchObject([{ status: 'whole', folders: ['admin', 'shared', `users/${person}`] }])
})

// Trouble (files): the disk of the backups is full, and each night fails for that reason
test('a backup for which its disk is full removes what no backup needs, and says so', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const { duringErrand } = lab.engine
  const pruned: string[] = []
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (errand.command.includes('prune')) pruned.push(errand.command.slice(errand.command.indexOf('prune')).join(' '))
    if (!errand.command.includes('backup')) return await duringErrand(errand, onLine, signal)
    onLine({ stream: 'stderr', text: 'Fatal: unable to save snapshot: write /r/data/ab: no space left on device' })
    return 1
  }
  const { failure } = await ended(admin.post('/api/admin/backups'), 'failed')
  expect(failure).toEqual({
    code: 'no-room',
    detail:
      'The disk of the backups is full. Could not back up users/demo@ailab.com: Fatal: unable to save snapshot: write /r/data/ab: no space left on device. What no backup needs was removed. See docs/backups.md, "A full disk".',
  })
  expect(pruned).toEqual(['prune --max-repack-size 0'])
})

// Trouble (files): old backups cannot be removed for weeks, until the disk of the backups is full
test('health tells of old backups that cannot be removed, and the log has the reason', async () => {
  const logged: string[] = []
  const log = (line: object) => void logged.push(JSON.stringify(line))
  const { lab, admin } = await labWithFiles({ logLevel: 'error', log })
  await using _lab = lab
  const { duringErrand } = lab.engine
  let backups = 0
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (errand.command.includes('admin')) backups += 1
    if (backups === 0 || !errand.command.includes('snapshots')) return await duringErrand(errand, onLine, signal)
    onLine({ stream: 'stderr', text: 'Fatal: the server is away' })
    return 1
  }
  const { result } = await ended(admin.post('/api/admin/backups'))
  expect(result.old_ones_stay).toContain('the server is away')
  expect(logged).toContainEqual(expect.stringContaining('the server is away'))
  lab.engine.duringErrand = duringErrand
  const { body } = await admin.get('/api/admin/backups').expect(200)
  expect(body.standing).toMatchObject({ status: 'degraded', code: 'old-backups-stay' })
})

test('a repository that no part can be saved to fails the backup', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = (errand, onLine, signal) =>
    errand.command.includes('backup') ? Promise.resolve(1) : duringErrand(errand, onLine, signal)
  const { failure } = await ended(admin.post('/api/admin/backups'), 'failed')
  expect(failure).toMatchObject({ code: 'backup-repository-unusable' })
})

test('a damaged repository is found by a check, and health says so until a later check finds none', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  await backedUp(admin)
  const { duringErrand } = lab.engine
  lab.engine.duringErrand = async (errand, onLine, signal) => {
    if (!errand.command.includes('check')) return await duringErrand(errand, onLine, signal)
    onLine({ stream: 'stderr', text: 'Fatal: repository contains errors' })
    return 1
  }
  const { failure } = await ended(admin.post('/api/admin/backups/check'), 'failed')
  expect(failure).toMatchObject({ code: 'backup-damaged' })
  const { body } = await admin.get('/api/admin/backups').expect(200)
  expect(body.standing).toMatchObject({ status: 'degraded', detail: expect.stringContaining('damaged') })
  lab.engine.duringErrand = duringErrand
  for (const read of ['1/7', '2/7']) {
    const { result } = await ended(admin.post('/api/admin/backups/check'))
    expect(result).toEqual({ read })
  }
  expect((await admin.get('/api/admin/backups')).body.standing).toMatchObject({ status: 'healthy' })
})

test('a key that only its owner reads is made by the first backup, outside of the data root', async () => {
  const { lab, admin } = await labWithFiles()
  await using _lab = lab
  await backedUp(admin)
  const { mode } = await stat(join(lab.folder, 'backup.key'))
  expect(mode & 0o777).toBe(0o600)
})
