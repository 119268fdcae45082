import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ended, labWithFiles, person } from '../support/backed-up-lab.ts'

const name = 'backup_demo_at_ailab_com_1700000000.zip'
const at = `/api/admin/legacy-backups/${name}/restore`

/** A lab with a zip file that a Python program has written, as the earlier platform did. */
async function labWithZip(program: string, place = 'admin/backups') {
  const all = await labWithFiles()
  const folder = join(all.lab.dataDir, place)
  await mkdir(folder, { recursive: true })
  const zip = join(folder, name)
  execFileSync('python3', [
    '-W',
    'ignore',
    '-c',
    `import sys, zipfile\nzip = zipfile.ZipFile(sys.argv[1], 'w', 8)\n${program}\nzip.close()`,
    zip,
  ])
  return { ...all, zip }
}

const ordinary = `
zip.writestr('demo_at_ailab_com/notebooks/a.ipynb', '{"old": true}')
zip.writestr('demo_at_ailab_com/datasets/größe.csv', 'a,b' * 100000)
zip.writestr('demo_at_ailab_com/models/', '')
`

test("a zip file of the earlier platform is listed, and comes back beside the person's files, or in place", async () => {
  const { lab, admin, client, folder } = await labWithZip(ordinary, 'admin/backups/legacy')
  await using _lab = lab
  const { body } = await admin.get('/api/admin/legacy-backups').expect(200)
  expect(body.items).toMatchObject([{ name, legacy_user: 'demo_at_ailab_com', made: '2023-11-14T22:13:20.000Z' }])
  const beside = await ended(admin.post(at, { user_id: person }))
  const to = 'restored-backup_demo_at_ailab_com_1700000000'
  expect(beside.result).toMatchObject({ folder: `users/${person}`, to, files: 2, left_out: 0, entries: 3 })
  expect((await readdir(join(folder, to))).toSorted()).toEqual(['datasets', 'models', 'notebooks'])
  expect(await readFile(join(folder, to, 'datasets/größe.csv'), 'utf8')).toBe('a,b'.repeat(100_000))

  await ended(admin.post(at, { user_id: person, in_place: true }))
  expect(await readFile(join(folder, 'notebooks/a.ipynb'), 'utf8')).toBe('{"old": true}')
  expect(await readFile(join(folder, 'notes.json'), 'utf8')).toContain('first')
  const { body: trash } = await client.get(`/api/trash?user_id=${person}`).expect(200)
  expect(trash.items).toMatchObject([{ path: 'notebooks' }])
  expect(await readdir(join(lab.dataDir, 'admin/restores'))).toEqual([])
})

// Trouble (files): a zip file of the earlier platform was made to write elsewhere
test('what is hostile in a zip file is left out and named, and nothing leads out of the folder', async () => {
  const { lab, admin, folder } = await labWithZip(`
link = zipfile.ZipInfo('link'); link.create_system = 3; link.external_attr = 0o120777 << 16
zip.writestr(link, '/etc')
zip.writestr('link/passwd', 'mine')
zip.writestr('../../escape', 'x')
zip.writestr('/tmp/ai-lab-escape', 'x')
zip.writestr('twice', 'first')
zip.writestr('twice', 'second')
zip.writestr('.ai-lab-work/x', 'x')
tool = zipfile.ZipInfo('tool.sh'); tool.create_system = 3; tool.external_attr = 0o104755 << 16
zip.writestr(tool, '#!/bin/sh')
raw = zipfile.ZipInfo('caf?'); zip.writestr(raw, 'x')
`)
  await using _lab = lab
  const { result } = await ended(admin.post(at, { user_id: person }))
  const names = result.examples.map((each: { name: string }) => each.name)
  expect(names).toEqual(['link', '../../escape', '/tmp/ai-lab-escape', 'twice'])
  const to = join(folder, result.to)
  expect((await readdir(to)).toSorted()).toEqual(['caf?', 'link', 'tool.sh', 'twice'])
  expect((await stat(join(to, 'link'))).isDirectory()).toBe(true)
  expect(await readFile(join(to, 'twice'), 'utf8')).toBe('first')
  expect((await stat(join(to, 'tool.sh'))).mode & 0o7777).toBe(0o755)
  expect(await readFile('/etc/passwd', 'utf8')).not.toBe('mine')
  expect(await readdir(lab.dataDir)).not.toContain('escape')
})

// Trouble (files): a zip file of the earlier platform is damaged
test('a damaged entry is left out, a file that is no zip file is refused, and so is one of another person', async () => {
  const { lab, admin, zip, folder } = await labWithZip(`
zip.writestr('good', 'kept')
zip.writestr(zipfile.ZipInfo('bad'), 'some bytes that will be others')
zip.writestr('small', 'x' * 1000)
`)
  await using _lab = lab
  const bytes = await readFile(zip)
  bytes.write('X', bytes.indexOf('some bytes'))
  const listed = bytes.indexOf('PK\x01\x02', bytes.lastIndexOf('small') - 46, 'latin1')
  bytes.writeUInt32LE(10, listed + 24) // the size that it declares
  await writeFile(zip, bytes)
  const { result } = await ended(admin.post(at, { user_id: person }))
  expect(result).toMatchObject({
    files: 1,
    left_out: 2,
    examples: [
      { name: 'bad', reason: expect.stringContaining('checksum') },
      { name: 'small', reason: expect.stringContaining('too many bytes') },
    ],
  })
  expect(await readdir(join(folder, result.to))).toEqual(['good'])

  await writeFile(zip, bytes.subarray(0, 60))
  const { failure } = await ended(admin.post(at, { user_id: person }), 'failed')
  expect(failure).toMatchObject({ code: 'zip-unusable' })
  await lab.newUser('other@lab')
  await admin.post(at, { user_id: 'other@lab' }).expect(409)
  await admin.post(at.replace('17', '18'), { user_id: person }).expect(404)
  await admin.post('/api/admin/legacy-backups/..%2Fx.zip/restore', { user_id: person }).expect(400)
})
