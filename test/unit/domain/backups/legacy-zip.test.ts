import { expect, test } from 'vitest'
import { legacyZipForm, mayBeOf, planOfZip, type ZipEntry } from '../../../../src/domain/backups/legacy-zip.ts'
import type { UserId } from '../../../../src/domain/people/user-id.ts'

const owner = { name: '', legacyUser: 'demo_at_ailab_com', madeAt: 0, sizeBytes: 0 }

function entry(name: string, more: Partial<ZipEntry> = {}): ZipEntry {
  const kind = name.endsWith('/') ? 'folder' : 'file'
  return { name, kind, isReadable: true, sizeBytes: 10, packedBytes: 1, ...more }
}

const planned = (...entries: ZipEntry[]) => planOfZip(entries, 100, owner)
const pathsIn = (...entries: ZipEntry[]) => planned(...entries).files.map(({ path }) => path.join('/'))
const leftOut = (...entries: ZipEntry[]) => planned(...entries).leftOut.map(({ name }) => name)

test('files and folders come out, with the folders above them', () => {
  expect(planned(entry('notebooks/old/a.ipynb'), entry('empty/'))).toEqual({
    folders: [['notebooks'], ['notebooks', 'old'], ['empty']],
    files: [{ at: 0, path: ['notebooks', 'old', 'a.ipynb'] }],
    ...{ bytes: 10, leftOut: [] },
  })
})

test("the person's own folder as the first part of all paths is left off, and only then", () => {
  expect(pathsIn(entry('demo_at_ailab_com/'), entry('demo_at_ailab_com/models/m'))).toEqual(['models/m'])
  expect(pathsIn(entry('demo_at_ailab_com/m'), entry('other/m'))).toEqual(['demo_at_ailab_com/m', 'other/m'])
})

test.each([
  '../escape',
  'notebooks/../../escape',
  '/etc/passwd',
  'C:/windows',
  './here',
  `${'n'.repeat(256)}`,
  'nul\0byte',
  '',
])('an entry named %j is left out, and the others come out', (name) => {
  expect(leftOut(entry(name), entry('good'))).toEqual([name])
  expect(pathsIn(entry(name), entry('good'))).toEqual(['good'])
})

test('links, devices and encrypted files are left out', () => {
  expect(leftOut(entry('link', { kind: 'other' }), entry('secret', { isReadable: false }))).toEqual(['link', 'secret'])
})

test('the first of two entries of one name comes out, also if the other has it as a folder', () => {
  expect(pathsIn(entry('a'), entry('a'), entry('a/b'), entry('c/d'), entry('c'))).toEqual(['a', 'c/d'])
  expect(leftOut(entry('a'), entry('a/'), entry('c/d'), entry('c/'))).toEqual(['a/'])
})

// Trouble (files): a zip file unpacks to more than any disk holds
test('a file whose entries share bytes, or are too many, is refused', () => {
  const same = entry('bomb', { packedBytes: 60 })
  expect(() => planned(same, { ...same, name: 'again' })).toThrow('zip-unusable')
  const many = Array.from({ length: 500_001 }, () => entry('a', { packedBytes: 0 }))
  expect(() => planOfZip(many, 100, owner)).toThrow('zip-unusable')
})

test('a zip file belongs to those whose name the earlier platform wrote so', () => {
  expect(legacyZipForm.exec('backup_demo_at_ailab_com_1700000000.zip')?.groups).toMatchObject({
    user: 'demo_at_ailab_com',
    seconds: '1700000000',
  })
  for (const name of ['backup_x.zip', '../backup_a_1.zip', 'backup_a/b_1.zip', 'backup_a_1.zip.part']) {
    expect(legacyZipForm.test(name)).toBe(false)
  }
  expect(mayBeOf(owner, 'demo@ailab.com' as UserId)).toBe(true)
  expect(mayBeOf({ legacyUser: 'demo@ailab.com' }, 'demo@ailab.com' as UserId)).toBe(true)
  expect(mayBeOf(owner, 'other@ailab.com' as UserId)).toBe(false)
})
