import { appendFileSync, chownSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPassingIndex } from '../../../src/database/folder-index.ts'
import { countTree } from '../../../src/disk/count-tree.ts'

const kibibytes = (count: number) => Buffer.alloc(count * 1024, 1)
const before = process.cwd()

let folder: string
let index: ReturnType<typeof createPassingIndex>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ai-lab-count-'))
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  index = createPassingIndex()
})
afterEach(() => {
  index[Symbol.dispose]()
  process.chdir(before) // the walk moves the working directory
  rmSync(folder, { recursive: true })
})

/** As in an hour: the folders have settled, and are read again only if they have changed since the last count. */
function count({ full = false } = {}): number {
  const options = { index, full, now: () => Date.now() + 3_600_000, onProgress: () => {} }
  return countTree(folder, 'users/alice', options).count.bytes
}

test('a file that changed lately is looked at in each count, though its folder does not show that it grows', () => {
  writeFileSync(join(folder, 'a/b/log'), kibibytes(4))
  const first = count()
  for (const time of [1, 2]) {
    appendFileSync(join(folder, 'a/b/log'), kibibytes(64))
    expect(count()).toBe(first + time * 64 * 1024)
  }
  expect(count({ full: true })).toBe(first + 128 * 1024)
})

test('the growth of a small file that did not change for long is seen by the full count', () => {
  const file = join(folder, 'a/b/old')
  writeFileSync(file, kibibytes(4))
  utimesSync(file, 1, 1)
  const first = count()
  appendFileSync(file, kibibytes(64))
  expect(count()).toBe(first)
  expect(count({ full: true })).toBe(first + 64 * 1024)
  expect(count()).toBe(first + 64 * 1024)
})

test('of many files that may grow only the biggest are looked at', () => {
  for (let file = 0; file < 2_500; file += 1) writeFileSync(join(folder, 'a', `small-${file}`), '')
  writeFileSync(join(folder, 'a/b/big'), kibibytes(64))
  const first = count()
  const { id } = index.children(index.top('users/alice').id, { after: '', atMost: 1 })[0] ?? { id: 0 }
  expect(index.watchedIn(id).length).toBeLessThanOrEqual(1_000)
  appendFileSync(join(folder, 'a/b/big'), kibibytes(64))
  expect(count()).toBe(first + 64 * 1024)
})

test('a folder that has changed as it was read is read again, since a later change might leave no trace', () => {
  const options = { index, full: false, now: Date.now, onProgress: () => {} }
  countTree(folder, 'users/alice', options)
  expect(index.top('users/alice').stamp).toBeNull()
  count()
  expect(index.top('users/alice').stamp).not.toBeNull()
})

// Trouble (files): an upload is refused while a long copy goes on, because the copy counts twice: as promised, and as counted
test("unfinished uploads and copies in the service's work folder are not counted; what is on its way to the trash is", () => {
  const work = join(folder, '.ai-lab-work')
  const first = count()
  mkdirSync(work)
  const withWork = count() // whatever an empty folder takes here
  const draft = (purpose: string) => join(work, `${purpose}-0123456789ab-0123456789abcdef01`)
  mkdirSync(join(draft('copy'), 'below'), { recursive: true })
  writeFileSync(join(draft('copy'), 'below/part'), kibibytes(64))
  writeFileSync(draft('upload'), kibibytes(64))
  writeFileSync(join(work, 'trash-00000000-0000-4000-8000-000000000001'), kibibytes(64))
  expect(count({ full: true })).toBeGreaterThanOrEqual(withWork + 3 * 64 * 1024) // the person could put anything there
  chownSync(folder, 1000, 100)
  for (const full of [true, false]) expect(count({ full })).toBe(withWork + 64 * 1024)
  expect(withWork).toBeGreaterThanOrEqual(first)
})
